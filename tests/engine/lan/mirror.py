"""The other ends of our DTLS roles, for tests on a network that the test controls. OpenSSL judges both."""

import heapq
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.lan.dtls import Client, Endpoint, Server, State, messages
from engine.lan.dtls.cipher import Suite, derive, premaster
from engine.lan.dtls.exchange import Group
from engine.lan.dtls.handshake import Message, Type
from engine.lan.dtls.messages import Reader, vector
from engine.lan.errors import Malformed

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
IDENTITY = b"AUTHPWD_admin"

type Wire = Callable[[bool, int, bytes], list[tuple[float, bytes]]]
"""What becomes of a datagram (from the client?, its number, its bytes): bytes, and seconds until then."""


class MirrorServer(Endpoint):
    """What a camera is on its main channel. `lie` changes its last word."""

    _speaks_last = True

    def __init__(
        self, psk: bytes, *, group: Group = Group.X25519, cookie: bytes = b"", lie: bool = False
    ) -> None:
        super().__init__(psk)
        self.group, self.cookie, self.lie = group, cookie, lie
        self.client_random = b""
        self.share: Callable[[bytes], bytes] = bytes

    def _on_message(self, message: Message) -> None:
        if message.type == Type.CLIENT_HELLO:
            self._on_hello(message)
        elif message.type == Type.CLIENT_KEY_EXCHANGE:
            self._transcript.update(message.encode())
            reader = Reader(message.body)
            if reader.vector(2) != IDENTITY:
                raise Malformed("another identity")
            try:
                shared = self.share(reader.vector(1))
            except ValueError:
                raise Malformed("no public value") from None
            self._derive_master(premaster(self._psk, shared), self.client_random, self._random)
            ciphers = derive(Suite.ECDHE_PSK_CHACHA20, self._master, self.client_random, self._random)
            self._sealer, self._opener = ciphers.server, ciphers.client
        elif self._verify_finished(message, b"client finished"):
            self._begin_flight()
            self._change_cipher()
            word = self._finished(b"server finished")
            self._message(Type.FINISHED, bytes(12) if self.lie else word, sealed=True)
            self._send_flight()
            self._establish()

    def _on_hello(self, message: Message) -> None:
        reader = Reader(message.body)
        reader.take(2)
        self.client_random = reader.take(32)
        reader.vector(1)
        cookie = reader.vector(1)
        self._begin_flight()
        if self.cookie and cookie != self.cookie:
            self._message(Type.HELLO_VERIFY_REQUEST, b"\xfe\xfd" + vector(1, self.cookie), hashed=False)
            self._send_flight()
            return
        self._transcript.update(message.encode())
        hello = b"".join((b"\xfe\xfd", self._random, b"\0", b"\xcc\xac", b"\0"))
        self._message(Type.SERVER_HELLO, hello)
        self._message(Type.SERVER_KEY_EXCHANGE, vector(2, b"hint") + self.public())
        self._message(Type.SERVER_HELLO_DONE, b"")
        self._send_flight()

    def public(self) -> bytes:
        """Return group and public value, and make ready to share."""
        if self.group is Group.X25519:
            own = x25519.X25519PrivateKey.generate()
            self.share = lambda theirs: own.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))
            point = own.public_key().public_bytes_raw()
        else:
            curve = ec.SECP256R1() if self.group is Group.P256 else ec.SECP384R1()
            key = ec.generate_private_key(curve)
            load = ec.EllipticCurvePublicKey.from_encoded_point
            self.share = lambda theirs: key.exchange(ec.ECDH(), load(curve, theirs))
            point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return b"\x03" + self.group.to_bytes(2) + vector(1, point)


class MirrorClient(Client):
    """What a camera is on the talk-back channel: plain PSK."""

    def _on_message(self, message: Message) -> None:
        if message.type == Type.FINISHED:
            if self._verify_finished(message, b"server finished"):
                self._establish()
            return
        self._transcript.update(message.encode())
        if message.type == Type.SERVER_HELLO:
            self._server_random = message.body[2:34]
        elif message.type == Type.SERVER_HELLO_DONE:
            self._begin_flight()
            self._message(Type.CLIENT_KEY_EXCHANGE, vector(2, self._identity))
            self._derive_master(premaster(self._psk, None), self._random, self._server_random)
            ciphers = derive(Suite.PSK_AES_128_CBC, self._master, self._random, self._server_random)
            self._sealer, self._opener = ciphers.client, ciphers.server
            self._change_cipher()
            self._message(Type.FINISHED, self._finished(b"client finished"), sealed=True)
            self._send_flight()
            self._expected = Type.FINISHED

    def _hello(self, cookie: bytes) -> None:
        self._begin_flight()
        hello = messages.client_hello(self._random, cookie).replace(b"\xcc\xac", b"\x00\xae")
        self._message(Type.CLIENT_HELLO, hello)
        self._send_flight()


def perfect(from_client: bool, number: int, datagram: bytes) -> list[tuple[float, bytes]]:
    """Deliver at once."""
    return [(0.0, datagram)]


def run(client: Client, server: Endpoint, wire: Wire = perfect, limit: float = 5.0) -> float:
    """Let both talk until the client's handshake is over, or for some seconds; return the seconds it took."""
    now, numbers = 0.0, [0, 0]
    events: list[tuple[float, int, bool, bytes]] = []
    client.start(now)
    while True:
        for from_client, end in ((True, client), (False, server)):
            for datagram in end.take():
                numbers[from_client] += 1
                for delay, delivered in wire(from_client, numbers[from_client], datagram):
                    heapq.heappush(events, (now + delay, len(events) + sum(numbers), from_client, delivered))
        over = client.state is not State.HANDSHAKE and not events
        deadlines = [end.deadline for end in (client, server) if end.deadline is not None]
        due = min([event[0] for event in events[:1]] + deadlines, default=limit)
        if over or due >= limit:
            return now
        now = max(now, due)
        if events and events[0][0] <= now:
            _, _, from_client, datagram = heapq.heappop(events)
            assert (server if from_client else client).receive(datagram, now) == []
        for end in (client, server):
            end.poll(now)


def opened(server: Endpoint | None = None) -> tuple[Client, Endpoint]:
    """Return both ends of an open association."""
    if isinstance(server, Server):
        client: Client = MirrorClient(KEY, IDENTITY)
    else:
        client, server = Client(KEY, IDENTITY), server or MirrorServer(KEY)
    run(client, server)
    assert client.state is State.OPEN
    assert server.state is State.OPEN
    return client, server
