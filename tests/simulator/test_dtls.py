"""The simulator's DTLS: against OpenSSL in both roles, and on a network that loses and forges."""

import asyncio
import itertools
import shutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from hypothesis import given, strategies as st

from dev.ports import free_port
from dev.simulator.wire.dtls import (
    ECDHE_PSK_CHACHA20,
    PSK_AES128_CBC,
    Alert,
    DtlsClient,
    DtlsEndpoint,
    DtlsServer,
    State,
    Suite,
)
from tests.support.programs import printed, program

KEY = bytes(range(32))
IDENTITY = b"AUTHPWD_admin"
SUITES = {"ECDHE-PSK-CHACHA20-POLY1305": ECDHE_PSK_CHACHA20, "PSK-AES128-CBC-SHA256": PSK_AES128_CBC}
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")

type Wire = Callable[[int, bytes], list[bytes]]
"""What becomes of the n-th datagram."""


def pair(
    suite: Suite, *, verify_hello: bool = False, client_key: bytes = KEY
) -> tuple[DtlsClient, DtlsServer]:
    """Return both sides of an association."""
    server = DtlsServer(KEY, identity=IDENTITY, suite=suite, verify_hello=verify_hello)
    return DtlsClient(client_key, identity=IDENTITY, suite=suite), server


def converse(client: DtlsEndpoint, server: DtlsEndpoint, wire: Wire = lambda n, data: [data]) -> None:
    """Carry datagrams until nobody has anything to say; a lost flight is repeated as timers would."""
    count = itertools.count()
    for _ in range(20):
        moved = False
        for one, other in ((client, server), (server, client)):
            for datagram in one.take():
                moved = True
                for arriving in wire(next(count), datagram):
                    other.receive(arriving)
        if not moved:
            if client.state is State.HANDSHAKE:
                client.retransmit()
            elif server.state is State.HANDSHAKE:
                server.retransmit()
            else:
                return


def assert_talking(client: DtlsEndpoint, server: DtlsEndpoint) -> None:
    """Check that application data goes both ways."""
    assert (client.state, server.state) == (State.OPEN, State.OPEN)
    assert server.receive(client.send(b"ping")) == [b"ping"]
    assert client.receive(server.send(b"pong" * 250)) == [b"pong" * 250]


@pytest.mark.parametrize("verify_hello", [False, True])
@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_lost_flights_are_repeated(suite: Suite, verify_hello: bool) -> None:
    """Whichever datagram of a handshake is lost, the handshake still ends well."""
    for lost in range(7):

        def wire(number: int, datagram: bytes, lost: int = lost) -> list[bytes]:
            return [] if number == lost else [datagram]

        client, server = pair(suite, verify_hello=verify_hello)
        converse(client, server, wire)
        assert_talking(client, server)


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_repeated_and_swapped_datagrams(suite: Suite) -> None:
    """Everything arriving twice changes nothing, and no record is delivered twice."""
    client, server = pair(suite)
    converse(client, server, lambda n, data: [data, data])
    assert_talking(client, server)
    record = client.send(b"once")
    assert server.receive(record) == [b"once"]
    assert server.receive(record) == []
    late, early = client.send(b"1"), client.send(b"2")
    assert server.receive(early) + server.receive(late) == [b"2", b"1"]


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_wrong_key_ends_in_an_alert(suite: Suite) -> None:
    """A viewer with another key is told so, at once, on both sides."""
    client, server = pair(suite, client_key=KEY[::-1])
    converse(client, server)
    assert (client.state, server.state) == (State.FAILED, State.FAILED)
    assert client.alert == server.alert == Alert.BAD_RECORD_MAC


def test_wrong_identity_ends_in_an_alert() -> None:
    """So is one under another name."""
    server = DtlsServer(KEY, identity=IDENTITY)
    client = DtlsClient(KEY, identity=b"somebody", suite=ECDHE_PSK_CHACHA20)
    converse(client, server)
    assert client.alert == Alert.UNKNOWN_PSK_IDENTITY


def test_other_suite_ends_in_an_alert() -> None:
    """So is one that speaks no suite of ours."""
    server = DtlsServer(KEY, identity=IDENTITY)
    client = DtlsClient(KEY, identity=IDENTITY, suite=PSK_AES128_CBC)
    converse(client, server)
    assert client.alert == Alert.HANDSHAKE_FAILURE


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_tampering_is_not_delivered(suite: Suite) -> None:
    """No record of which any bit was changed is delivered, and the connection survives it."""
    client, server = pair(suite)
    converse(client, server)
    record = client.send(b"open the door")
    for at in range(len(record)):
        assert server.receive(record[:at] + bytes((record[at] ^ 1,)) + record[at + 1 :]) == []
    assert server.receive(record) == [b"open the door"]
    plain_alert = bytes((21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40))
    server.receive(plain_alert)
    assert_talking(client, server)


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_good_bye(suite: Suite) -> None:
    """Closing tells the other side, which answers and delivers nothing more."""
    client, server = pair(suite)
    converse(client, server)
    client.close()
    (datagram,) = client.take()
    server.receive(datagram)
    assert (client.state, server.state) == (State.CLOSED, State.CLOSED)
    assert len(server.take()) == 1


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
@given(data=st.data(), steps=st.integers(0, 6))
def test_no_datagram_harms_an_endpoint(suite: Suite, data: st.DataObject, steps: int) -> None:
    """Rubbish at any moment of a handshake raises nothing and delivers nothing."""
    client, server = pair(suite)
    last = b"\x16\xfe\xfd" + bytes(10)
    for one, other in itertools.islice(itertools.cycle(((client, server), (server, client))), steps):
        for datagram in one.take():
            last = datagram
            other.receive(datagram)
    at = data.draw(st.integers(0, len(last) - 1))
    spoilt = last[:at] + data.draw(st.binary(max_size=40)) + last[at + data.draw(st.integers(1, 40)) :]
    for endpoint in (client, server):
        assert endpoint.receive(data.draw(st.binary(max_size=300))) == []
        assert endpoint.receive(spoilt) == []
        endpoint.retransmit()
        assert len(endpoint.take()) <= 8


class Socket(asyncio.DatagramProtocol):
    """One of our endpoints behind a UDP socket."""

    def __init__(self, endpoint: DtlsEndpoint) -> None:
        """Belong to an endpoint."""
        self.endpoint = endpoint
        self.data: asyncio.Queue[bytes] = asyncio.Queue()
        self.peer: tuple[str, int] | None = None
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.DatagramTransport)
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Hand a datagram to the endpoint."""
        self.peer = addr
        for packet in self.endpoint.receive(data):
            self.data.put_nowait(packet)
        self.flush()

    def flush(self) -> None:
        """Send what the endpoint has to say."""
        for datagram in self.endpoint.take():
            self.transport.sendto(datagram, self.peer)


def openssl(*arguments: str) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """Run openssl with our key and a pipe to talk through."""
    ours = ("-dtls1_2", "-psk", KEY.hex(), "-psk_identity", IDENTITY.decode())
    return program("openssl", *arguments, *ours)


@needs_openssl
@pytest.mark.parametrize("verify_hello", [False, True])
@pytest.mark.parametrize("name", SUITES)
async def test_openssl_is_the_client(name: str, verify_hello: bool) -> None:
    """OpenSSL dials us, with and without cookie, and data goes both ways."""
    server = DtlsServer(KEY, identity=IDENTITY, suite=SUITES[name], verify_hello=verify_hello)
    transport, end = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Socket(server), local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    async with openssl(
        "s_client", "-quiet", "-cipher", f"{name}:@SECLEVEL=0", "-connect", f"127.0.0.1:{port}"
    ) as process:
        assert process.stdin
        process.stdin.write(b"hello camera\n")
        async with asyncio.timeout(10):
            assert await end.data.get() == b"hello camera\n"
        transport.sendto(server.send(b"hello viewer\n"), end.peer)
        await printed(process, b"hello viewer")
    transport.close()


@needs_openssl
@pytest.mark.parametrize("name", SUITES)
async def test_openssl_is_the_server(name: str) -> None:
    """We dial OpenSSL, and data goes both ways."""
    port = free_port()
    async with openssl(
        "s_server", "-nocert", "-cipher", f"{name}:@SECLEVEL=0", "-accept", f"127.0.0.1:{port}"
    ) as process:
        await printed(process, b"ACCEPT")
        client = DtlsClient(KEY, identity=IDENTITY, suite=SUITES[name])
        transport, end = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Socket(client), remote_addr=("127.0.0.1", port)
        )
        end.flush()
        await printed(process, b"CIPHER is")
        transport.sendto(client.send(b"hello viewer\n"))
        await printed(process, b"hello viewer")
        assert process.stdin
        process.stdin.write(b"hello camera\n")
        async with asyncio.timeout(10):
            assert await end.data.get() == b"hello camera\n"
        transport.close()
