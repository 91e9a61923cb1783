"""The server's role: what we are on the talk-back channel. One suite, the pre-shared key alone."""

from ..errors import Malformed
from . import messages
from .cipher import Suite, derive, premaster
from .endpoint import Endpoint
from .handshake import Message, Type

_MAX_IDENTITY = 128


class Server(Endpoint):
    """Waits for a client. Asks for no cookie: its datagrams come through a session that is known."""

    _speaks_last = True

    def __init__(self, psk: bytes, hint: bytes) -> None:
        """Take the 32-byte key and the name that is hinted at."""
        super().__init__(psk)
        self._hint = hint
        self._client_random = b""
        self._expected = Type.CLIENT_HELLO

    def _on_message(self, message: Message) -> None:
        if message.type != self._expected:
            raise Malformed("a message out of its place")
        if message.type == Type.FINISHED:
            self._on_finished(message)
            return
        self._transcript.update(message.encode())
        if message.type == Type.CLIENT_HELLO:
            self._on_hello(message)
        else:
            self._on_key_exchange(message)

    def _on_hello(self, message: Message) -> None:
        hello = messages.parse_client_hello(message.body)
        self._client_random = hello.random
        self._begin_flight()
        choice = messages.server_hello(self._random, renegotiation=hello.renegotiation)
        self._message(Type.SERVER_HELLO, choice)
        self._message(Type.SERVER_KEY_EXCHANGE, messages.server_hint(self._hint))
        self._message(Type.SERVER_HELLO_DONE, b"")
        self._send_flight()
        self._expected = Type.CLIENT_KEY_EXCHANGE

    def _on_key_exchange(self, message: Message) -> None:
        if len(messages.parse_client_identity(message.body)) > _MAX_IDENTITY:
            raise Malformed("an endless identity")
        self._derive_master(premaster(self._psk, None), self._client_random, self._random)
        ciphers = derive(Suite.PSK_AES_128_CBC, self._master, self._client_random, self._random)
        self._sealer, self._opener = ciphers.server, ciphers.client
        self._expected = Type.FINISHED

    def _on_finished(self, message: Message) -> None:
        if not self._verify_finished(message, b"client finished"):
            return
        self._begin_flight()
        self._change_cipher()
        self._message(Type.FINISHED, self._finished(b"server finished"), sealed=True)
        self._send_flight()
        self._establish()
