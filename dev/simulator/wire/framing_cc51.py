"""The newer datagram framing: clear, marked 51 CC, its headers sealed with HMAC-SHA1. ("B" in short)."""

import functools
import hashlib
import hmac
import struct

from .framing import Inbound, Kind

_MARKER = b"\x51\xcc"
_HELLO = 0x1002
_KEEPALIVE = 0x1202
_DATA = 0x1502
_RESPONSE = 0xFFFF
_SDK_VERSION = bytes((0, 8, 3, 4))
_HELLO_TAIL = bytes((0x1D, 0, 0, 0))

_HELLO_HEADER = struct.Struct("<2sHHHHHHH8s4s4s")
_KEEPALIVE_HEADER = struct.Struct("<2sHHHHHHHI8s")
_DATA_HEADER = struct.Struct("<2sHHHHHHH8sI")
_SEAL = 20
_HELLO_SIZE = _HELLO_HEADER.size + _SEAL
_KEEPALIVE_SIZE = _KEEPALIVE_HEADER.size + _SEAL

_STEP_DISCOVER, _STEP_FOUND, _STEP_OPEN, _STEP_OPENED = range(4)
_CHANNEL_BASE = 0x0010


class FramerCC51:
    """Reads and builds 51 CC datagrams of the camera with this id and auth key.

    A datagram whose seal is wrong (foreign id, key or MAC) gets no answer.
    """

    def __init__(self, uid: bytes, auth_key: bytes) -> None:
        """Take the identity: 20 bytes of id, 8 bytes of auth key."""
        self._mac = hmac.new(uid + auth_key, digestmod=hashlib.sha1)
        # Headers repeat (they hold no sequence number), so most seals are computed once.
        self._seal = functools.lru_cache(maxsize=2048)(self._compute_seal)

    def _compute_seal(self, header: bytes) -> bytes:
        """Return the HMAC of a header."""
        mac = self._mac.copy()
        mac.update(header)
        return mac.digest()

    def _ticket(self, session_id: bytes) -> int:
        """Return the ticket of a session: any number, the same for a repeated hello."""
        return int.from_bytes(self._seal(b"ticket" + session_id)[:2], "little")

    def parse(self, datagram: bytes) -> Inbound | None:
        """Return what a datagram wants, None when a camera would not react."""
        if len(datagram) < _KEEPALIVE_SIZE or datagram[:2] != _MARKER:
            return None
        command = int.from_bytes(datagram[4:6], "little")
        if command == _DATA:
            return self._parse_data(datagram)
        if command == _HELLO:
            return self._parse_hello(datagram)
        if command == _KEEPALIVE:
            return self._parse_keepalive(datagram)
        return None

    def _parse_hello(self, datagram: bytes) -> Inbound | None:
        """Read step 0 or step 2."""
        header = datagram[: _HELLO_HEADER.size]
        if len(datagram) != _HELLO_SIZE or datagram[_HELLO_HEADER.size :] != self._compute_seal(header):
            return None
        _, _, _, _, direction, _, step, ticket, session_id, _, _ = _HELLO_HEADER.unpack(header)
        if direction == _RESPONSE:
            return None
        if step == _STEP_DISCOVER:
            return Inbound(Kind.DISCOVER, session_id)
        if step == _STEP_OPEN and ticket == self._ticket(session_id):
            return Inbound(Kind.OPEN, session_id)
        return None

    def _parse_keepalive(self, datagram: bytes) -> Inbound | None:
        """Read the answer to a keep-alive."""
        header = datagram[: _KEEPALIVE_HEADER.size]
        if datagram[_KEEPALIVE_HEADER.size :] != self._compute_seal(header):
            return None
        return Inbound(Kind.PONG, header[20:28])

    def _parse_data(self, datagram: bytes) -> Inbound | None:
        """Read DTLS bytes; the seal covers the header only."""
        header = datagram[: _DATA_HEADER.size]
        if len(datagram) <= _DATA_HEADER.size + _SEAL or datagram[-_SEAL:] != self._seal(header):
            return None
        _, _, _, size, _, _, channel, ticket, session_id, _ = _DATA_HEADER.unpack(header)
        if size != len(datagram) - 12 or ticket != self._ticket(session_id):
            return None
        return Inbound(Kind.DATA, session_id, channel >> 8, datagram[_DATA_HEADER.size : -_SEAL])

    def found(self, session_id: bytes) -> bytes:
        """Answer step 0 and hand out the ticket."""
        return self._hello(_STEP_FOUND, session_id)

    def opened(self, session_id: bytes) -> bytes:
        """Answer step 2."""
        return self._hello(_STEP_OPENED, session_id)

    def _hello(self, step: int, session_id: bytes) -> bytes:
        """Build an answer of the set-up."""
        header = _HELLO_HEADER.pack(
            _MARKER, 0, _HELLO, _HELLO_SIZE - 12, _RESPONSE, 0, step, self._ticket(session_id),
            session_id, _SDK_VERSION, _HELLO_TAIL,
        )  # fmt: skip
        return header + self._compute_seal(header)

    def data(self, session_id: bytes, channel: int, sequence: int, payload: bytes) -> bytes:
        """Carry DTLS bytes to a viewer; this framing has no sequence number."""
        header = _DATA_HEADER.pack(
            _MARKER, 0, _DATA, 16 + len(payload) + _SEAL, 0, 0, _CHANNEL_BASE | channel << 8,
            self._ticket(session_id), session_id, 1,
        )  # fmt: skip
        return header + payload + self._seal(header)

    def ping(self, session_id: bytes, counter: int) -> bytes:
        """Ask a viewer whether it is there."""
        header = _KEEPALIVE_HEADER.pack(
            _MARKER, 0, _KEEPALIVE, _KEEPALIVE_SIZE - 12, 0, 0, 0, 0, counter, session_id
        )
        return header + self._compute_seal(header)
