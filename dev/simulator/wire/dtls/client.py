"""The client role: what a camera is on its talk-back channel."""

import os

from .. import WireError
from .endpoint import Alert, DtlsEndpoint, HandshakeFailure, State
from .messages import SCSV, Extension, KeyShare, Reader, Type, extension, parse_server_hello, vector
from .suites import PSK_AES128_CBC, VERSION, Suite


class DtlsClient(DtlsEndpoint):
    """Sends a ClientHello as soon as it exists."""

    def __init__(self, psk: bytes, *, identity: bytes, suite: Suite = PSK_AES128_CBC) -> None:
        """Offer one suite and one identity; the first datagram is ready to `take`."""
        super().__init__(psk)
        self._identity = identity
        self._suite = suite
        self._randoms = (os.urandom(32), b"")
        self._share: KeyShare | None = None
        self._shared = b""
        self._send_hello(b"")

    def _send_hello(self, cookie: bytes) -> None:
        """Send a ClientHello; only the one that is answered by a ServerHello is hashed."""
        suites = self._suite.number.to_bytes(2) + SCSV.to_bytes(2)
        body = VERSION + self._randoms[0] + b"\0" + vector(1, cookie) + vector(2, suites) + b"\1\0"
        if self._suite.ecdhe:
            groups = b"".join(group.to_bytes(2) for group in KeyShare.GROUPS)
            extensions = extension(Extension.GROUPS, vector(2, groups))
            body += vector(2, extensions + extension(Extension.POINT_FORMATS, b"\1\0"))
        self._start_flight()
        self._transcript = b""
        self._add(Type.CLIENT_HELLO, body)
        self._send_flight()

    def _on_message(self, kind: int, body: bytes, framed: bytes) -> None:
        """Take the next message of the server."""
        if kind == Type.FINISHED and self._master:
            self._check_finished(b"server finished", body)
            self.state = State.OPEN
            self._start_flight()
            return
        if self._master:
            raise WireError("handshake message after the key exchange")
        if kind == Type.HELLO_VERIFY:
            reader = Reader(body)
            reader.take(2)
            self._send_hello(reader.vector(1))
            return
        self._transcript += framed
        if kind == Type.SERVER_HELLO:
            hello = parse_server_hello(body)
            if hello.suites != [self._suite.number]:
                raise HandshakeFailure(Alert.HANDSHAKE_FAILURE)
            self._randoms = (self._randoms[0], hello.random)
        elif kind == Type.SERVER_KEY_EXCHANGE:
            self._on_key(body)
        elif kind == Type.SERVER_HELLO_DONE:
            self._finish()
        else:
            raise WireError("unexpected handshake message")

    def _on_key(self, body: bytes) -> None:
        """Take the server's hint and point."""
        reader = Reader(body)
        reader.vector(2)
        if self._suite.ecdhe:
            if reader.take(1) != b"\3":
                raise WireError("not a named curve")
            self._share = KeyShare(reader.number(2))
            self._shared = self._share.shared(reader.vector(1))

    def _finish(self) -> None:
        """Send our identity, switch to the derived keys, send Finished."""
        if not self._randoms[1] or (self._suite.ecdhe and not self._share):
            raise WireError("the server's hello is missing")
        self._start_flight()
        point = vector(1, self._share.public) if self._share else b""
        self._add(Type.CLIENT_KEY_EXCHANGE, vector(2, self._identity) + point)
        self._writer, self._reader = self._derive(self._suite, self._shared, self._randoms)
        self._add_finish(b"client finished")
        self._send_flight()
