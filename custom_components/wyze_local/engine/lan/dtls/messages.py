"""The bodies of handshake messages, as far as PSK needs them."""

from typing import NamedTuple, final

from ..errors import Malformed
from .cipher import Suite
from .exchange import Group
from .record import DTLS_1_0, DTLS_1_2

RANDOM_SIZE = 32
_NO_COMPRESSION = 0
_NAMED_CURVE = 3
_GROUPS, _POINTS, _SIGNATURES, _RENEGOTIATION = 10, 11, 13, 0xFF01
_RENEGOTIATION_SUITE = 0x00FF


@final
class Reader:
    """Reads a body from its start; every method raises Malformed where it ends too early."""

    def __init__(self, data: bytes) -> None:
        """Take a body."""
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """Return that many bytes."""
        self._at += size
        if self._at > len(self._data):
            raise Malformed("a message that ends too early")
        return self._data[self._at - size : self._at]

    def number(self, size: int) -> int:
        """Return a number of that many bytes."""
        return int.from_bytes(self.take(size))

    def vector(self, size: int) -> bytes:
        """Return bytes with their length before them, in that many bytes."""
        return self.take(self.number(size))

    def end(self) -> None:
        """Raise Malformed when something is left."""
        if self._at != len(self._data):
            raise Malformed("a message that goes on")

    @property
    def more(self) -> bool:
        """Whether something is left."""
        return self._at < len(self._data)


def vector(size: int, *parts: bytes) -> bytes:
    """Return bytes with their length before them."""
    data = b"".join(parts)
    return len(data).to_bytes(size) + data


def _numbers(*values: int) -> bytes:
    return b"".join(value.to_bytes(2) for value in values)


def _extension(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2) + vector(2, data)


def _extensions(reader: Reader) -> dict[int, bytes]:
    """Return the extensions at the end of a hello."""
    found: dict[int, bytes] = {}
    if reader.more:
        inside = Reader(reader.vector(2))
        while inside.more:
            kind = inside.number(2)
            if kind in found:
                raise Malformed("an extension twice")
            found[kind] = inside.vector(2)
    reader.end()
    return found


_OFFER = vector(
    2,
    # Nothing is ever signed here, but some servers want to see the list: ECDSA and RSA, SHA-256 to 512.
    _extension(_SIGNATURES, vector(2, _numbers(0x0403, 0x0503, 0x0603, 0x0401, 0x0501, 0x0601))),
    _extension(_RENEGOTIATION, vector(1)),
    _extension(_GROUPS, vector(2, _numbers(*Group))),
    _extension(_POINTS, vector(1, b"\0")),
)


def client_hello(random: bytes, cookie: bytes) -> bytes:
    """Return the client's first message: one suite, three groups, no session."""
    return b"".join(
        (
            _numbers(DTLS_1_2),
            random,
            vector(1),
            vector(1, cookie),
            vector(2, _numbers(Suite.ECDHE_PSK_CHACHA20)),
            vector(1, bytes((_NO_COMPRESSION,))),
            _OFFER,
        )
    )


def parse_verify_request(body: bytes) -> bytes:
    """Return the cookie."""
    reader = Reader(body)
    if reader.number(2) not in (DTLS_1_0, DTLS_1_2):
        raise Malformed("another version")
    cookie = reader.vector(1)
    reader.end()
    return cookie


def parse_server_hello(body: bytes) -> bytes:
    """Return the server's random; raises Malformed when it chose anything that was not offered."""
    reader = Reader(body)
    version, random = reader.number(2), reader.take(RANDOM_SIZE)
    reader.vector(1)
    suite, compression = reader.number(2), reader.number(1)
    extensions = _extensions(reader)
    if version != DTLS_1_2 or suite != Suite.ECDHE_PSK_CHACHA20 or compression != _NO_COMPRESSION:
        raise Malformed("chose what was not offered")
    if (
        extensions.keys() - {_RENEGOTIATION, _POINTS, _GROUPS}
        or extensions.get(_RENEGOTIATION, b"\0") != b"\0"
    ):
        raise Malformed("an extension that was not offered")
    return random


def parse_server_key_exchange(body: bytes) -> tuple[int, bytes]:
    """Return group and public value of the server; its hint is ignored."""
    reader = Reader(body)
    reader.vector(2)
    if reader.number(1) != _NAMED_CURVE:
        raise Malformed("no named group")
    group, public = reader.number(2), reader.vector(1)
    reader.end()
    return group, public


def client_key_exchange(identity: bytes, public: bytes) -> bytes:
    """Return the client's part of the key exchange."""
    return vector(2, identity) + vector(1, public)


class ClientHello(NamedTuple):
    """What a server wants to know of a client."""

    random: bytes
    renegotiation: bool


def parse_client_hello(body: bytes) -> ClientHello:
    """Read a client's first message; raises Malformed when it does not offer plain PSK with AES-CBC."""
    reader = Reader(body)
    version, random = reader.number(2), reader.take(RANDOM_SIZE)
    reader.vector(1)
    reader.vector(1)
    offered = reader.vector(2)
    compressions = reader.vector(1)
    extensions = _extensions(reader)
    suites = {int.from_bytes(offered[i : i + 2]) for i in range(0, len(offered) - 1, 2)}
    if version != DTLS_1_2 or Suite.PSK_AES_128_CBC not in suites or _NO_COMPRESSION not in compressions:
        raise Malformed("offers nothing that fits")
    return ClientHello(random, _RENEGOTIATION in extensions or _RENEGOTIATION_SUITE in suites)


def server_hello(random: bytes, *, renegotiation: bool) -> bytes:
    """Return the server's choice: plain PSK with AES-CBC, no session."""
    extensions = vector(2, _extension(_RENEGOTIATION, vector(1))) if renegotiation else b""
    choice = _numbers(Suite.PSK_AES_128_CBC) + bytes((_NO_COMPRESSION,))
    return b"".join((_numbers(DTLS_1_2), random, vector(1), choice, extensions))


def server_hint(identity: bytes) -> bytes:
    """Return the server's key exchange message of plain PSK."""
    return vector(2, identity)


def parse_client_identity(body: bytes) -> bytes:
    """Return the identity of the client's plain PSK key exchange."""
    reader = Reader(body)
    identity = reader.vector(2)
    reader.end()
    return identity
