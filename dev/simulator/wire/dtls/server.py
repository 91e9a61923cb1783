"""The server role: what a camera is on its main channel."""

import hmac
import os

from .. import WireError
from .endpoint import Alert, DtlsEndpoint, HandshakeFailure, State
from .messages import SCSV, Extension, KeyShare, Reader, Type, extension, numbers, parse_client_hello, vector
from .suites import ECDHE_PSK_CHACHA20, VERSION, Suite

_COOKIE_SIZE = 20
_NAMED_CURVE = b"\3"


class DtlsServer(DtlsEndpoint):
    """Waits for a ClientHello."""

    def __init__(
        self, psk: bytes, *, identity: bytes, suite: Suite = ECDHE_PSK_CHACHA20, verify_hello: bool = False
    ) -> None:
        """Accept one key under one identity, with a cookie exchange first when `verify_hello`."""
        super().__init__(psk)
        self._identity = identity
        self._suite = suite
        self._cookie_key = os.urandom(16) if verify_hello else b""
        self._share: KeyShare | None = None
        self._randoms = (b"", b"")
        self._expected = Type.CLIENT_HELLO

    def _on_message(self, kind: int, body: bytes, framed: bytes) -> None:
        """Take the next message of the client."""
        if kind != self._expected:
            raise WireError("unexpected handshake message")
        if kind == Type.CLIENT_HELLO:
            self._on_hello(body, framed)
        elif kind == Type.CLIENT_KEY_EXCHANGE:
            self._on_key(body, framed)
        else:
            self._check_finished(b"client finished", body)
            self._transcript += framed
            self._start_flight()
            self._add_finish(b"server finished")
            self._send_flight()
            self.state = State.OPEN

    def _on_hello(self, body: bytes, framed: bytes) -> None:
        """Answer a ClientHello: with a cookie, or with our hello."""
        hello = parse_client_hello(body)
        if self._suite.number not in hello.suites:
            raise HandshakeFailure(Alert.HANDSHAKE_FAILURE)
        self._start_flight()
        if self._cookie_key:
            cookie = hmac.digest(self._cookie_key, hello.random, "sha256")[:_COOKIE_SIZE]
            if not hmac.compare_digest(cookie, hello.cookie):
                self._add(Type.HELLO_VERIFY, b"\xfe\xff" + vector(1, cookie), hashed=False)
                self._send_flight()
                return
        self._transcript += framed
        self._randoms = (hello.random, os.urandom(32))
        self._expected = Type.CLIENT_KEY_EXCHANGE
        answers = b""
        if SCSV in hello.suites or Extension.RENEGOTIATION in hello.extensions:
            answers += extension(Extension.RENEGOTIATION, b"\0")
        if Extension.POINT_FORMATS in hello.extensions:
            answers += extension(Extension.POINT_FORMATS, b"\1\0")
        body = VERSION + self._randoms[1] + b"\0" + self._suite.number.to_bytes(2) + b"\0"
        self._add(Type.SERVER_HELLO, body + (vector(2, answers) if answers else b""))
        self._add_key(hello.extensions.get(Extension.GROUPS, b""))
        self._add(Type.SERVER_HELLO_DONE, b"")
        self._send_flight()

    def _add_key(self, groups: bytes) -> None:
        """Add our side of the key exchange: the hint, and a point on a curve both know."""
        hint = vector(2, self._identity)
        if not self._suite.ecdhe:
            self._add(Type.SERVER_KEY_EXCHANGE, hint)
            return
        offered = numbers(groups[2:])
        group = next((group for group in KeyShare.GROUPS if group in offered), None)
        if group is None:
            raise HandshakeFailure(Alert.HANDSHAKE_FAILURE)
        self._share = KeyShare(group)
        point = vector(1, self._share.public)
        self._add(Type.SERVER_KEY_EXCHANGE, hint + _NAMED_CURVE + group.to_bytes(2) + point)

    def _on_key(self, body: bytes, framed: bytes) -> None:
        """Take the client's identity and point, and derive the keys."""
        reader = Reader(body)
        if reader.vector(2) != self._identity:
            raise HandshakeFailure(Alert.UNKNOWN_PSK_IDENTITY)
        shared = self._share.shared(reader.vector(1)) if self._share else b""
        self._transcript += framed
        self._reader, self._writer = self._derive(self._suite, shared, self._randoms)
        self._expected = Type.FINISHED
