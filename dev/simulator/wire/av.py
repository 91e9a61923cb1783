"""AV packets inside a DTLS record: log-in, commands' envelope, acknowledgement."""

import struct
from dataclasses import dataclass

from . import WireError, hl

LOGIN_FIRST = 0x0000
LOGIN_SECOND = 0x2000
LOGIN_ANSWER = 0x2100
CONTROL_LONG = 0x000C
CONTROL_SHORT = 0x7000
ACK = 0x0009

_VERSION_SHORT = 0x000B
_VERSION = 0x000C
_CAPABILITIES = 0x001F07FB
_LOGIN_MIN = 536
_LOGIN_SIZE = 570
_LOGIN_ID = slice(20, 24)
_LOGIN_USER = slice(24, 280)
_LOGIN_PASSWORD = slice(280, 536)
_IO_TYPE_ANSWER = 0x0101
_LONG_HEADER = 40
_SHORT = struct.Struct("<HHHxxHHHHHxxIxxxxI")


@dataclass(frozen=True, slots=True)
class Login:
    """What a viewer logs in with."""

    random_id: bytes
    user: bytes
    password: bytes


def magic(packet: bytes) -> int:
    """Return what kind of packet it is; raises WireError for one without a header."""
    if len(packet) < 4:
        raise WireError("packet is too short")
    return int.from_bytes(packet[:2], "little")


def parse_login(packet: bytes) -> Login:
    """Read a log-in packet, either of the two forms."""
    if len(packet) < _LOGIN_MIN:
        raise WireError("log-in is too short")
    user, password = (packet[field].rstrip(b"\0") for field in (_LOGIN_USER, _LOGIN_PASSWORD))
    return Login(packet[_LOGIN_ID], user, password)


def build_login(random_id: bytes, password: bytes) -> bytes:
    """Return the first log-in packet, which a camera sends on the talk-back channel."""
    packet = bytearray(_LOGIN_SIZE)
    struct.pack_into("<HH", packet, 0, LOGIN_FIRST, _VERSION)
    struct.pack_into("<HH", packet, 16, _LOGIN_SIZE - 24, 1)
    packet[_LOGIN_ID] = random_id
    packet[24:29] = b"admin"
    packet[280 : 280 + len(password)] = password
    struct.pack_into("<I", packet, 540, 4)
    struct.pack_into("<I", packet, 552, _CAPABILITIES)
    return bytes(packet)


def login_answer(random_id: bytes, *, two_way: bool) -> bytes:
    """Return the answer to a log-in, which says whether the camera has a speaker."""
    packet = bytearray(60)
    struct.pack_into("<HHI", packet, 0, LOGIN_ANSWER, _VERSION, 0x10)
    struct.pack_into("<I4s", packet, 16, 0x24, random_id)
    packet[29] = 1
    packet[31] = two_way
    struct.pack_into("<II", packet, 36, 4, _CAPABILITIES)
    struct.pack_into("<HH", packet, 54, 3, 2)
    return bytes(packet)


def parse_control(packet: bytes) -> hl.Command:
    """Read the command in a long-form control packet."""
    if len(packet) < _LONG_HEADER:
        raise WireError("control packet is too short")
    return hl.parse(packet[_LONG_HEADER:])


def control_answer(counter: int, command: hl.Command) -> bytes:
    """Return a short-form control packet. `counter` counts the camera's control packets."""
    message = hl.build(command)
    counter &= 0xFFFF
    header = _SHORT.pack(
        CONTROL_SHORT, _VERSION_SHORT, counter, CONTROL_SHORT, counter, 1, 0, len(message) + 4,
        counter, _IO_TYPE_ANSWER,
    )  # fmt: skip
    return header + message
