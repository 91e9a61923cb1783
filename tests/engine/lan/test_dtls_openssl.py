"""OpenSSL, which shares no line with us, opens associations with both of our roles."""

import asyncio
import contextlib
import shutil
import socket

import pytest

from dev.ports import free_port
from engine.lan.dtls import Client, Endpoint, Server, State
from tests.engine.lan.mirror import IDENTITY, KEY, OTHER_KEY
from tests.support.programs import printed, program

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
LIMIT = 10.0


class Peer:
    """Our end, on a socket that waits for OpenSSL or goes to it."""

    def __init__(self, end: Endpoint, port: int = 0) -> None:
        self.end = end
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.to = ("127.0.0.1", port)

    async def until(self, seconds: float, *, data: bytes = b"") -> list[bytes]:
        """Move datagrams until the state is decided or, when data is wanted, until it came."""
        loop = asyncio.get_running_loop()
        found: list[bytes] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (data and data not in b"".join(found)) or (
                    not data and self.end.state is State.HANDSHAKE
                ):
                    self.flush()
                    with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                        async with asyncio.timeout(0.1):
                            datagram, self.to = await loop.sock_recvfrom(self.socket, 4096)
                            found += self.end.receive(datagram, loop.time())
                    self.end.poll(loop.time())
        self.flush()
        return found

    def flush(self) -> None:
        for datagram in self.end.take():
            self.send(datagram)

    def send(self, datagram: bytes) -> None:
        self.socket.sendto(datagram, self.to)


def server_arguments(port: int, group: str, *more: str) -> list[str]:
    return [
        "s_server", "-dtls1_2", "-accept", f"127.0.0.1:{port}", "-nocert", "-psk", KEY.hex(),
        "-psk_identity", IDENTITY.decode(), "-cipher", "ECDHE-PSK-CHACHA20-POLY1305", "-groups", group, *more,
    ]  # fmt: skip


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384"])
@pytest.mark.parametrize("more", [(), ("-listen",), ("-mtu", "256")], ids=["plain", "cookie", "fragments"])
async def test_our_client_and_openssl_understand_each_other(group: str, more: tuple[str, ...]) -> None:
    port = free_port()
    async with program("openssl", *server_arguments(port, group, *more)) as process:
        await printed(process, b"ACCEPT")
        client = Client(KEY, IDENTITY)
        peer = Peer(client, port)
        client.start(asyncio.get_running_loop().time())
        await peer.until(LIMIT)
        assert client.state is State.OPEN
        peer.send(client.seal(b"question\n"))
        await printed(process, b"question\n")
        assert process.stdin
        process.stdin.write(b"answer\n")
        assert await peer.until(LIMIT, data=b"answer\n")


async def test_openssl_with_another_key_is_a_wrong_key() -> None:
    port = free_port()
    async with program("openssl", *server_arguments(port, "X25519")) as process:
        await printed(process, b"ACCEPT")
        client = Client(OTHER_KEY, IDENTITY)
        peer = Peer(client, port)
        client.start(asyncio.get_running_loop().time())
        deadline = asyncio.get_running_loop().time() + LIMIT
        while not client.answered and asyncio.get_running_loop().time() < deadline:
            await peer.until(0.1)
        await peer.until(0.8)
        assert client.state is not State.OPEN
        assert client.give_up().reason == "wrong_key"


@pytest.mark.parametrize(
    ("key", "state"), [(KEY, State.OPEN), (OTHER_KEY, State.HANDSHAKE)], ids=["same", "other"]
)
async def test_openssl_as_the_client_of_our_server(key: bytes, state: State) -> None:
    server = Server(KEY, IDENTITY)
    peer = Peer(server)
    arguments = [
        "s_client", "-dtls1_2", "-connect", f"127.0.0.1:{peer.port}", "-psk", key.hex(),
        "-psk_identity", IDENTITY.decode(), "-cipher", "PSK-AES128-CBC-SHA256",
    ]  # fmt: skip
    async with program("openssl", *arguments) as process:
        await peer.until(LIMIT if state is State.OPEN else 0.8)
        assert server.state is state
        if state is State.OPEN:
            assert process.stdin
            process.stdin.write(b"question\n")
            assert await peer.until(LIMIT, data=b"question\n")
            peer.send(server.seal(b"answer\n"))
            await printed(process, b"answer\n")
