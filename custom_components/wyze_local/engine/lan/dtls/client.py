"""The client's role: what we are on a camera's main channel. One suite, ECDHE with the pre-shared key."""

import hashlib

from ..errors import LanError, Malformed, Reason
from . import messages
from .cipher import Suite, derive, premaster
from .endpoint import Endpoint
from .exchange import agree
from .handshake import Message, Type


class Client(Endpoint):
    """Opens an association. Call `start`, then move datagrams until `state` is not HANDSHAKE."""

    def __init__(self, psk: bytes, identity: bytes) -> None:
        """Take the 32-byte key and its name."""
        super().__init__(psk)
        self._identity = identity
        self._server_random = b""
        self._exchange: tuple[bytes, bytes] | None = None
        self._expected = Type.SERVER_HELLO

    @property
    def answered(self) -> bool:
        """Whether the server said all it has to say before it must show that it has the key."""
        return self._expected is Type.FINISHED

    def start(self, now: float) -> None:
        """Say hello."""
        self._now = now
        self._hello(b"")

    def give_up(self) -> LanError:
        """Return why a handshake that got stuck did so."""
        if self.failure:
            return self.failure
        if self.answered:
            # Many implementations say nothing at all to a Finished message that they cannot read.
            return LanError(Reason.WRONG_KEY, "no answer to our Finished message")
        return LanError(Reason.NO_DTLS, "no answer to the handshake")

    def _hello(self, cookie: bytes) -> None:
        self._begin_flight()
        self._message(Type.CLIENT_HELLO, messages.client_hello(self._random, cookie))
        self._send_flight()

    def _on_message(self, message: Message) -> None:
        if message.type == Type.HELLO_VERIFY_REQUEST and self._expected is Type.SERVER_HELLO:
            self._on_verify_request(message)
            return
        if message.type != self._expected:
            raise Malformed("a message out of its place")
        if message.type == Type.FINISHED:
            if self._verify_finished(message, b"server finished"):
                self._establish()
            return
        self._transcript.update(message.encode())
        if message.type == Type.SERVER_HELLO:
            self._server_random = messages.parse_server_hello(message.body)
            self._expected = Type.SERVER_KEY_EXCHANGE
        elif message.type == Type.SERVER_KEY_EXCHANGE:
            self._exchange = agree(*messages.parse_server_key_exchange(message.body))
            self._expected = Type.SERVER_HELLO_DONE
        else:
            self._on_done(message)

    def _on_verify_request(self, message: Message) -> None:
        """Say hello again, with the cookie; once only."""
        cookie = messages.parse_verify_request(message.body)
        if self._next_message > 1:
            raise Malformed("a second cookie")
        # What is said before the cookie is not part of the transcript.
        self._transcript = hashlib.sha256()
        self._hello(cookie)

    def _on_done(self, message: Message) -> None:
        """Send our part of the exchange, and show that we have the key."""
        if message.body or self._exchange is None:
            raise Malformed("an end with something in it")
        public, shared = self._exchange
        self._begin_flight()
        self._message(Type.CLIENT_KEY_EXCHANGE, messages.client_key_exchange(self._identity, public))
        self._derive_master(premaster(self._psk, shared), self._random, self._server_random)
        ciphers = derive(Suite.ECDHE_PSK_CHACHA20, self._master, self._random, self._server_random)
        self._sealer, self._opener = ciphers.client, ciphers.server
        self._change_cipher()
        self._message(Type.FINISHED, self._finished(b"client finished"), sealed=True)
        self._send_flight()
        self._expected = Type.FINISHED
