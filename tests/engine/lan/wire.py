"""The camera's side of the wire, written down a second time: from the facts, not from our tables."""

import hashlib
import hmac
import json
import struct
from dataclasses import dataclass, field
from typing import Any

from engine.lan import Framing, transcode
from engine.lan.keys import derive_auth_key
from engine.model import Credentials

UID = "ABCDEFGHIJKLMNOPQRST"
ENR = "0123456789abcdef"
ENR_LONG = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
MAC = "AABBCCDDEEFF"
TICKET = 0x1234
CAMERA_SESSION = b"\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8"
"""The session id that newer firmware puts in place of ours."""

H264, H265, MJPEG = 0x4E, 0x50, 0x4F
PCMU, PCMA, PCM, AAC, MP3, OPUS = 0x89, 0x8A, 0x8C, 0x88, 0x8E, 0x92
SOUND, KEY, OTHER = 0x03, 0x05, 0x07
"""Streams: sound, key frames, the other pictures."""


def credentials(port: int = 32761, *, address: str = "127.0.0.1", **others: Any) -> Credentials:
    """Return what reaches a camera."""
    fields: dict[str, Any] = {"uid": UID, "enr": ENR, "mac": MAC} | others
    return Credentials.parse(address=address, port=port, **fields)


@dataclass(frozen=True)
class Heard:
    """A viewer's datagram, as a camera understands it. `kind` is empty for what it would drop."""

    kind: str
    channel: int = 0
    payload: bytes = b""
    session: bytes = b""


class Older:
    """The framing of older firmware, camera's side; strict in what it takes."""

    framing = Framing.TRANSCODE

    def __init__(self, enr: str = ENR) -> None:
        self.auth = derive_auth_key(enr, MAC)
        self.sequence: int | None = None

    def hear(self, datagram: bytes) -> Heard:
        plain = transcode.decode(datagram)
        if len(plain) < 16 or plain[:3] != b"\x04\x02\x1a":
            return Heard("")
        mode, size, sequence, command, flags = struct.unpack_from("<BHHHH", plain, 3)
        if size != len(plain) - 16:
            return Heard("")
        match command, mode, len(plain):
            case 0x0601, 2, 88 if plain[16:36] == UID.encode() and plain[52:56] == b"\1\1\2\4":
                return self._search(plain)
            case 0x0402, 2, 52 if plain[16:36] == UID.encode() and flags == 0x33:
                return Heard("wish", payload=plain[48:52], session=plain[36:44])
            case 0x0407, 0x0B, _ if plain[15:20] == b"\1\x0c\0\0\0" and plain[12:14] == plain[20:22]:
                fresh, self.sequence = sequence != self.sequence, sequence
                return Heard("data" if fresh else "", plain[14], plain[28:], plain[20:28])
            case 0x0427, 0x0A, 24:
                return Heard("pong", payload=plain[16:])
        return Heard("")

    def _search(self, plain: bytes) -> Heard:
        match plain[64], plain[74:82]:
            case 1, self.auth:
                return Heard("search", session=plain[56:64])
            case 2, b"\0\0\0\0\0\0\0\0":
                return Heard("second", session=plain[56:64])
        return Heard("")

    def _say(self, command: int, mode: int, body: bytes, end: bytes = bytes(4), sequence: int = 0) -> bytes:
        head = struct.pack("<2sBBHHHH", b"\x04\x02", 0x1C, mode, len(body), sequence & 0xFFFF, command, 0x21)
        return transcode.encode(head + end + body)

    def found(self, session: bytes) -> bytes:
        return self._say(0x0602, 2, UID.encode() + bytes(40))

    def opened(self, session: bytes) -> bytes:
        return self._say(0x0404, 2, UID.encode() + session)

    def data(self, channel: int, payload: bytes, session: bytes = bytes(8)) -> bytes:
        body = struct.pack("<I8s", 12, session) + payload
        return self._say(0x0408, 0x0B, body, session[:2] + bytes((channel, 1)), 7)

    def ping(self, echo: bytes) -> bytes:
        return self._say(0x0428, 0x0A, echo)


class Newer:
    """The framing of newer firmware, camera's side; strict in what it takes, seals included."""

    framing = Framing.CC51

    def __init__(self, enr: str = ENR) -> None:
        self.key = UID.encode() + derive_auth_key(enr, MAC)

    def _seal(self, head: bytes) -> bytes:
        return hmac.digest(self.key, head, hashlib.sha1)

    def hear(self, datagram: bytes) -> Heard:
        if len(datagram) < 48 or datagram[:4] != b"\x51\xcc\0\0":
            return Heard("")
        command, size, direction = struct.unpack_from("<HHH", datagram, 4)
        head = datagram[: 32 if command == 0x1002 else 28]
        if size != len(datagram) - 12 or direction or datagram[-20:] != self._seal(head):
            return Heard("")
        match command, len(datagram):
            case 0x1002, 52 if datagram[24:32] == b"\x00\x08\x03\x04\x1d\0\0\0":
                step, ticket = struct.unpack_from("<HH", datagram, 12)
                kind = {(0, 0): "search", (2, TICKET): "wish"}.get((step, ticket), "")
                return Heard(kind, session=datagram[16:24])
            case 0x1202, 48:
                return Heard("pong", payload=datagram[16:20], session=datagram[20:28])
            case 0x1502, _ if datagram[12] == 0x10 and datagram[24:28] == b"\1\0\0\0":
                return Heard("data", datagram[13], datagram[28:-20], datagram[16:24])
        return Heard("")

    def _say(self, command: int, head: bytes, payload: bytes = b"", direction: int = 0xFFFF) -> bytes:
        size = len(head) + len(payload) + 20
        head = struct.pack("<2sHHHHH", b"\x51\xcc", 0, command, size, direction, 0) + head
        return head + payload + self._seal(head)

    def found(self, session: bytes) -> bytes:
        return self._say(0x1002, struct.pack("<HH8s8x", 1, TICKET, CAMERA_SESSION))

    def opened(self, session: bytes) -> bytes:
        return self._say(0x1002, struct.pack("<HH8s8x", 3, TICKET, CAMERA_SESSION))

    def data(self, channel: int, payload: bytes, session: bytes = CAMERA_SESSION) -> bytes:
        return self._say(0x1502, struct.pack("<BBH8sI", 0x10, channel, TICKET, session, 1), payload)

    def ping(self, echo: bytes) -> bytes:
        return self._say(0x1202, bytes(4) + echo[:4].ljust(4, b"\0") + CAMERA_SESSION)


# What lies inside the tunnel.


def login_answer(*, two_way: bool = True, size: int = 60) -> bytes:
    packet = bytearray(size)
    struct.pack_into("<HH", packet, 0, 0x2100, 0x000C)
    packet[31] = two_way
    return bytes(packet)


def command(code: int, payload: bytes, *, sequence: int = 0, short: bool = False, version: int = 7) -> bytes:
    """Return a camera's control packet in its long or its short form."""
    hl = struct.pack("<2sBBHH8x", b"HL", version, 0, code, len(payload)) + payload
    if short:
        head = struct.pack("<8H4I", 0x7000, 0x0B, sequence, 0, 0x7000, 0, 1, 0, len(hl) + 4, 0, 0, 0x101)
    else:
        head = struct.pack("<2HI8x4H2I4xI", 0x0C, 0x0C, sequence, 0x7000, 0, 1, 0, len(hl) + 4, 0, 0x101)
    return head + hl


def trailer(size: int, *, codec: int = H264, flags: int = 1, seconds: int = 1_800_000_000, micros: int = 5,
            fps: int = 15) -> bytes:  # fmt: skip
    """Return the 40 bytes at a frame's end."""
    head = struct.pack("<HBBBBBB", codec, flags, 0, 1, fps, 4, 9)
    return head + struct.pack("<IIII12sI", micros, seconds, size, 77, MAC.encode(), 0)


def sound_flags(rate_index: int, *, stereo: bool = False) -> int:
    return rate_index << 2 | 2 | stereo


@dataclass(frozen=True)
class Piece:
    """A media packet's fields."""

    stream: int
    number: int
    total: int
    index: int
    payload: bytes
    kind: int
    info: bytes = field(default=b"")

    def packet(self) -> bytes:
        """Return it as it lies in a record; the kind decides about the header's length."""
        index = 0x28 if self.info else self.index
        inner = struct.pack("<BBHHHHxxII", self.stream, self.kind, 9, self.total, index, len(self.payload),
                            self.number - 1 & 0xFFFFFFFF, self.number)  # fmt: skip
        outer = struct.pack("<BBHHH", self.stream, self.kind, 0x000B, 3, 0x7E50)
        if self.kind in {0x08, 0x09, 0x0D}:
            outer += b"\xaa" * 8
        return outer + inner + self.payload + self.info


def cut(
    data: bytes, number: int, *, stream: int = KEY, size: int = 1000, info: bytes | None = None
) -> list[bytes]:
    """Return the packets of a frame."""
    end = trailer(len(data), flags=int(stream == KEY)) if info is None else info
    parts = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
    packets = []
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        kind = (0x01 if len(parts) == 1 else 0x05) if last else (0x00 if index else 0x08)
        packets.append(Piece(stream, number, len(parts), index, part, kind, end if last else b"").packet())
    return packets


def sound(data: bytes, number: int, *, codec: int = PCMU, flags: int = 2) -> bytes:
    """Return the one packet of a piece of sound."""
    return Piece(
        SOUND, number, 1, 0, data, 0x01, trailer(len(data), codec=codec, flags=flags, fps=0)
    ).packet()


def camera_info(**inside: Any) -> bytes:
    """Return the text in which a camera lets us in."""
    content = {"connectionRes": "1", "cameraInfo": {"channelRequestResult": {"audio": "1", "video": "1"}}}
    content["cameraInfo"] |= inside  # type: ignore[operator]
    return json.dumps(content).encode()


def xxtea_encrypt(block: bytes, key: bytes) -> bytes:
    """Return what a camera makes of a nonce."""
    words, k, total = list(struct.unpack("<4I", block)), struct.unpack("<4I", key), 0
    z = words[3]
    for _ in range(6 + 52 // 4):
        total = total + 0x9E3779B9 & 0xFFFFFFFF
        e = total >> 2 & 3
        for p in range(4):
            y = words[(p + 1) % 4]
            mix = ((z >> 5 ^ y << 2) + (y >> 3 ^ z << 4)) ^ ((total ^ y) + (k[p & 3 ^ e] ^ z))
            z = words[p] = words[p] + mix & 0xFFFFFFFF
    return struct.pack("<4I", *words)
