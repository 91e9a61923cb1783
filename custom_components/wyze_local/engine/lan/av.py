"""The packets inside the tunnel, one per record: log-in, acknowledgements, control, talk-back sound."""

import struct
from enum import IntEnum
from typing import NamedTuple

from .errors import Malformed
from .layout import Field, Layout

_VERSION = 0x000C
_CAPABILITIES = 0x001F07FB
_USER = b"admin"


class Magic(IntEnum):
    """What a packet is, by its first two bytes. All others with a stream number first are media."""

    LOGIN = 0x0000
    LOGIN_AGAIN = 0x2000
    LOGIN_ANSWER = 0x2100
    ACK = 0x0009
    CONTROL = 0x000C
    CONTROL_SHORT = 0x7000
    CONTROL_OTHER = 0x1000


_CONTROLS = frozenset({Magic.CONTROL, Magic.CONTROL_SHORT, Magic.CONTROL_OTHER})

_HEADER = (Field("magic", 0, "H"), Field("version", 2, "H", _VERSION))
_LOGIN = Layout(
    572,
    *_HEADER,
    Field("size", 16, "H"),
    Field("first", 18, "H"),
    Field("nonce", 20, "I"),
    Field("user", 24, "256s", _USER),
    Field("password", 280, "256s"),
    Field("security", 540, "I", 4),
    Field("capabilities", 552, "I", _CAPABILITIES),
)
_LOGIN_ANSWER = Layout(
    60,
    *_HEADER,
    Field("result", 4, "B", 0x10),
    Field("size", 16, "I", 0x24),
    Field("nonce", 20, "I"),
    Field("enabled", 29, "B", 1),
    Field("two_way", 31, "B", 1),
    Field("buffers", 36, "I", 4),
    Field("capabilities", 40, "I", _CAPABILITIES),
    Field("channels", 54, "H", 3),
    Field("channels_too", 56, "H", 2),
)
_ACK = Layout(
    24,
    *_HEADER,
    Field("sequence", 4, "I"),
    Field("from", 8, "H"),
    Field("to", 10, "H"),
    Field("counter", 12, "H"),
    Field("counter_too", 18, "H"),
    Field("clock", 20, "H"),
)
_CONTROL = Layout(
    40,
    *_HEADER,
    Field("sequence", 4, "I"),
    Field("inner", 16, "H", Magic.CONTROL_SHORT),
    Field("counter", 18, "H"),
    Field("chunks", 20, "H", 1),
    Field("chunk", 22, "H"),
    Field("size", 24, "I"),
    Field("counter_too", 28, "I"),
    Field("type", 36, "I", 0x0100),
)
_TALK = Layout(
    36,
    Field("stream", 0, "B", 0x03),
    Field("type", 1, "B", 0x09),
    Field("version", 2, "H", _VERSION),
    Field("sequence", 4, "I"),
    Field("microseconds", 8, "I"),
    Field("mark", 12, "I"),
    Field("stream_too", 16, "B", 0x03),
    Field("type_too", 17, "B", 0x01),
    Field("running", 18, "H"),
    Field("total", 20, "H", 1),
    Field("trailer", 22, "H", 16),
    Field("size", 24, "I"),
    Field("previous", 28, "I"),
    Field("number", 32, "I"),
)
_TALK_INFO = Layout(
    16, Field("codec", 0, "B"), Field("flags", 2, "B"), Field("online", 4, "B", 1), Field("time", 12, "I")
)
_SHORT_LOGIN = 570
_two_way = _LOGIN_ANSWER.reader("two_way")
_nonce = _LOGIN.reader("nonce")
_magic = struct.Struct("<H").unpack_from
_sequence = struct.Struct("<H").unpack_from

_HL = b"HL"
_HL_HEADER = Layout(
    16, Field("mark", 0, "2s", _HL), Field("version", 2, "B", 5), Field("code", 4, "H"), Field("size", 6, "H")
)
_read_hl = _HL_HEADER.reader("version", "code", "size")
_HL_EARLIEST, _HL_LATEST = 32, 64


class Command(NamedTuple):
    """A command, or an answer to one."""

    code: int
    payload: bytes
    version: int = 5


def magic(packet: bytes) -> int:
    """Return a packet's first two bytes as a number; -1 when there are none."""
    return int(_magic(packet)[0]) if len(packet) >= 2 else -1


def is_control(kind: int) -> bool:
    """Tell whether a packet may hold a command."""
    return kind in _CONTROLS


def build_logins(nonce: int, password: bytes) -> tuple[bytes, bytes]:
    """Return both log-in packets; the second is sent 10 ms after the first."""
    first = _LOGIN.build(
        magic=Magic.LOGIN, size=_SHORT_LOGIN - 24, first=1, nonce=nonce, password=password[:256]
    )
    # Only the lowest byte of the number counts on.
    again = nonce & ~0xFF | nonce + 1 & 0xFF
    second = _LOGIN.build(
        magic=Magic.LOGIN_AGAIN, size=_LOGIN.size - 24, nonce=again, password=password[:256]
    )
    return first[:_SHORT_LOGIN], second


def parse_login_answer(packet: bytes) -> bool:
    """Return whether the camera announces a speaker."""
    if len(packet) < 32:
        raise Malformed("half an answer to the log-in")
    return bool(_two_way(packet)[0] == 1)


def answer_login(packet: bytes) -> bytes:
    """Return the answer to a camera's log-in on the talk-back channel; raises Malformed."""
    if len(packet) < 24 or magic(packet) not in (Magic.LOGIN, Magic.LOGIN_AGAIN):
        raise Malformed("no log-in")
    return _LOGIN_ANSWER.build(magic=Magic.LOGIN_ANSWER, nonce=_nonce(packet)[0])


class Outbox:
    """Numbers the packets that we send and what they acknowledge."""

    def __init__(self) -> None:
        """Nothing sent, nothing received."""
        self._sequence = 0
        self._control = 0
        self._acks = 0
        self._acked = 0xFFFF
        self._newest = 0xFFFF
        self._heard = False

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence - 1 & 0xFFFFFFFF

    def note(self, packet: bytes) -> None:
        """Remember a received packet, to acknowledge it."""
        if magic(packet) == Magic.CONTROL and len(packet) >= 8:
            self._heard = True
            sequence = int(_sequence(packet, 4)[0])
            # Counts on after 0xFFFF, which also stands for nothing yet.
            if self._newest == 0xFFFF or 0 < sequence - self._newest & 0xFFFF < 0x8000:
                self._newest = sequence

    def ack(self, milliseconds: int) -> bytes:
        """Return an acknowledgement of everything so far."""
        self._acks = self._acks + 1 & 0xFFFF
        values = {"from": self._acked, "to": self._newest}
        if self._heard:
            self._acked = self._newest
        return _ACK.build(
            magic=Magic.ACK,
            sequence=self._next(),
            counter=self._acks,
            counter_too=self._acks,
            clock=milliseconds & 0xFFFF,
            **values,
        )

    def control(self, command: Command) -> bytes:
        """Return a command's packet."""
        message = _HL_HEADER.build(code=command.code, size=len(command.payload)) + command.payload
        head = _CONTROL.build(
            magic=Magic.CONTROL,
            sequence=self._next(),
            counter=self._control,
            counter_too=self._control,
            size=len(message) + 4,
        )
        self._control = self._control + 1 & 0xFFFF
        return head + message


def parse_control(packet: bytes) -> Command | None:
    """Return the command of a control packet; None when it holds none. Raises Malformed for half a header.

    A payload that goes on in another packet is cut: nobody is known to put them together.
    """
    at = packet.find(_HL, _HL_EARLIEST, _HL_LATEST)
    if at < 0:
        return None
    if len(packet) < at + _HL_HEADER.size:
        raise Malformed("half a command")
    version, code, size = _read_hl(packet, at)
    start = at + _HL_HEADER.size
    return Command(code, packet[start : start + size], version)


class TalkBox:
    """Numbers the sound that we send to a camera's speaker."""

    def __init__(self, codec_id: int, flags: int) -> None:
        """Take the codec and format bytes that the camera's own sound has."""
        self._codec_id = codec_id
        self._flags = flags
        self._number = 0

    def sound(self, data: bytes, microseconds: int) -> bytes:
        """Return the packet of a piece of sound that begins so long after the first."""
        self._number += 1
        head = _TALK.build(
            sequence=self._number,
            microseconds=microseconds & 0xFFFFFFFF,
            mark=0x00000001 if self._number == 1 else 0x00100001,
            running=self._number - 1 & 0xFFFF,
            size=len(data) + _TALK_INFO.size,
            previous=self._number - 1,
            number=self._number,
        )
        info = _TALK_INFO.build(
            codec=self._codec_id, flags=self._flags, time=microseconds // 1000 & 0xFFFFFFFF
        )
        return b"".join((head, data, info))
