"""Handshake messages: a bounds-checked reader and writers for length-prefixed fields."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519

from .. import WireError

HEADER = struct.Struct("!B3sH3s3s")
SCSV = 0x00FF
"""Signals secure renegotiation in a cipher suite list."""


class Type(IntEnum):
    """Handshake message types in use."""

    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    HELLO_VERIFY = 3
    SERVER_KEY_EXCHANGE = 12
    SERVER_HELLO_DONE = 14
    CLIENT_KEY_EXCHANGE = 16
    FINISHED = 20


class Extension(IntEnum):
    """Hello extensions in use."""

    GROUPS = 10
    POINT_FORMATS = 11
    RENEGOTIATION = 0xFF01


def frame(kind: int, sequence: int, body: bytes) -> bytes:
    """Return an unfragmented handshake message."""
    size = len(body).to_bytes(3)
    return HEADER.pack(kind, size, sequence, bytes(3), size) + body


def vector(size_bytes: int, data: bytes) -> bytes:
    """Return data behind its length."""
    return len(data).to_bytes(size_bytes) + data


class Reader:
    """Reads fields from bytes; raises WireError at the end of them."""

    def __init__(self, data: bytes) -> None:
        """Start at the first byte."""
        self._data = data
        self._at = 0

    @property
    def rest(self) -> int:
        """How many bytes are left."""
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        if size > self.rest:
            raise WireError("message ends early")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, size: int) -> int:
        """Return the next big-endian number."""
        return int.from_bytes(self.take(size))

    def vector(self, size_bytes: int) -> bytes:
        """Return the next length-prefixed bytes."""
        return self.take(self.number(size_bytes))


def numbers(data: bytes) -> list[int]:
    """Return the 16-bit numbers of a list; an odd byte at the end is ignored."""
    return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data) - 1, 2)]


@dataclass(frozen=True, slots=True)
class Hello:
    """A hello of either side, as far as it matters here."""

    random: bytes
    suites: list[int]
    extensions: dict[int, bytes]
    cookie: bytes = b""
    session: bytes = b""


def _extensions(reader: Reader) -> dict[int, bytes]:
    """Read the extensions at the end of a hello, if there are any."""
    found: dict[int, bytes] = {}
    if reader.rest:
        block = Reader(reader.vector(2))
        while block.rest:
            kind = block.number(2)
            found[kind] = block.vector(2)
    return found


def parse_client_hello(body: bytes) -> Hello:
    """Read a ClientHello."""
    reader = Reader(body)
    if reader.take(1) != b"\xfe":
        raise WireError("not a DTLS version")
    reader.take(1)
    random = reader.take(32)
    session = reader.vector(1)
    cookie = reader.vector(1)
    suites = numbers(reader.vector(2))
    reader.vector(1)
    return Hello(random, suites, _extensions(reader), cookie, session)


def parse_server_hello(body: bytes) -> Hello:
    """Read a ServerHello; its one suite is the only entry of `suites`."""
    reader = Reader(body)
    if reader.take(2) != b"\xfe\xfd":
        raise WireError("not DTLS 1.2")
    random = reader.take(32)
    session = reader.vector(1)
    suites = [reader.number(2)]
    reader.take(1)
    return Hello(random, suites, _extensions(reader), session=session)


def extension(kind: int, data: bytes) -> bytes:
    """Return one extension of a hello."""
    return kind.to_bytes(2) + vector(2, data)


class KeyShare:
    """One side's key of an elliptic curve exchange."""

    X25519 = 29
    P256 = 23
    GROUPS = (X25519, P256)

    def __init__(self, group: int) -> None:
        """Make a key on one of GROUPS; raises WireError for another."""
        if group not in self.GROUPS:
            raise WireError("group is not supported")
        self.group = group
        self._x25519 = x25519.X25519PrivateKey.generate() if group == self.X25519 else None
        self._p256 = None if self._x25519 else ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> bytes:
        """The point to send."""
        if self._x25519:
            return self._x25519.public_key().public_bytes_raw()
        assert self._p256
        return self._p256.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def shared(self, point: bytes) -> bytes:
        """Return the shared secret; raises WireError for a point that is not on the curve."""
        try:
            if self._x25519:
                return self._x25519.exchange(x25519.X25519PublicKey.from_public_bytes(point))
            assert self._p256
            peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            return self._p256.exchange(ec.ECDH(), peer)
        except ValueError:
            raise WireError("not a point of the curve") from None
