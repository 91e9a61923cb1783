"""The older datagram framing: obfuscated, marked 04 02. ("A" in short)."""

import struct

from . import transcode
from .framing import Inbound, Kind

_HEADER = struct.Struct("<2sBBHHHH2sBB")
_MARKER = b"\x04\x02"
_VERSION = 0x1A
_MODE_SETUP = 0x02
_MODE_KEEPALIVE = 0x0A
_MODE_DATA = 0x0B
_FLAGS_CAMERA = 0x0012

_DISCOVER = 0x0601
_DISCOVERED = 0x0602
_OPEN = 0x0402
_OPENED = 0x0404
_PONG = 0x0427
_PING = 0x0428
_DATA_IN = 0x0407
_DATA_OUT = 0x0408
_DATA_CONSTANT = 0x0C

_UID = slice(16, 36)
_HELLO_SESSION = slice(56, 64)
_HELLO_STAGE = 64
_HELLO_AUTH = slice(74, 82)
_HELLO_SIZE = 88
_OPEN_SESSION = slice(36, 44)
_OPEN_SIZE = 52
_PONG_SESSION = slice(16, 24)
_DATA_SESSION = slice(20, 28)
_DATA_HEADER = 28
_CHANNEL = 14


class Framer0402:
    """Reads and builds 04 02 datagrams of the camera with this id and auth key.

    A hello with a foreign id or auth key gets no answer, as if no camera were there.
    """

    def __init__(self, uid: bytes, auth_key: bytes) -> None:
        """Take the identity: 20 bytes of id, 8 bytes of auth key; none when hellos need not hold it."""
        self._uid = uid
        self._auth_key = auth_key

    def parse(self, datagram: bytes) -> Inbound | None:
        """Return what a datagram wants, None when a camera would not react."""
        clear = transcode.decode(datagram)
        if len(clear) < _HEADER.size or clear[:2] != _MARKER:
            return None
        command = int.from_bytes(clear[8:10], "little")
        if command == _DATA_IN and len(clear) > _DATA_HEADER:
            return Inbound(Kind.DATA, clear[_DATA_SESSION], clear[_CHANNEL], clear[_DATA_HEADER:])
        if command == _DISCOVER:
            return self._hello(clear)
        if command == _OPEN and len(clear) >= _OPEN_SIZE and clear[_UID] == self._uid:
            return Inbound(Kind.OPEN, clear[_OPEN_SESSION])
        if command == _PONG and len(clear) >= _PONG_SESSION.stop:
            return Inbound(Kind.PONG, clear[_PONG_SESSION])
        return None

    def _hello(self, clear: bytes) -> Inbound | None:
        """Check a hello. Stage 2 only confirms that the answer to stage 1 came: nothing to do."""
        if len(clear) < _HELLO_SIZE or clear[_UID] != self._uid or clear[_HELLO_STAGE] != 1:
            return None
        if self._auth_key and clear[_HELLO_AUTH] != self._auth_key:
            return None
        return Inbound(Kind.DISCOVER, clear[_HELLO_SESSION])

    def found(self, session_id: bytes) -> bytes:
        """Answer a DISCOVER with the hello's own layout."""
        body = bytearray(_HELLO_SIZE - _HEADER.size)
        body[:20] = self._uid
        body[40:48] = session_id
        body[48] = 1
        return self._setup(_DISCOVERED, bytes(body))

    def opened(self, session_id: bytes) -> bytes:
        """Answer an OPEN."""
        return self._setup(_OPENED, self._uid + session_id + bytes(8))

    def data(self, session_id: bytes, channel: int, sequence: int, payload: bytes) -> bytes:
        """Carry DTLS bytes to a viewer."""
        header = _HEADER.pack(
            _MARKER, _VERSION, _MODE_DATA, 12 + len(payload), sequence & 0xFFFF,
            _DATA_OUT, _FLAGS_CAMERA, session_id[:2], channel, 1,
        )  # fmt: skip
        constant = _DATA_CONSTANT.to_bytes(4, "little")
        return transcode.encode(header + constant + session_id + payload)

    def ping(self, session_id: bytes, counter: int) -> bytes:
        """Ask a viewer whether it is there.

        The body is longer than the classic eight bytes: viewers exist that ignore the short one.
        """
        body = session_id + counter.to_bytes(4, "little")
        header = _HEADER.pack(
            _MARKER, _VERSION, _MODE_KEEPALIVE, len(body), 0, _PING, _FLAGS_CAMERA, bytes(2), 0, 0
        )
        return transcode.encode(header + body)

    def _setup(self, command: int, body: bytes) -> bytes:
        """Build a datagram of the connection set-up."""
        header = _HEADER.pack(
            _MARKER, _VERSION, _MODE_SETUP, len(body), 0, command, _FLAGS_CAMERA, bytes(2), 0, 0
        )
        return transcode.encode(header + body)
