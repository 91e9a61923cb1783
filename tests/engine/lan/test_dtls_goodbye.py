"""Whoever leaves says so, however far the handshake has come."""

import pytest

from engine.lan.dtls import Client, Endpoint, Server, State
from engine.lan.errors import LanError
from tests.engine.lan.mirror import IDENTITY, KEY, MirrorClient, MirrorServer, opened


def test_good_bye_is_said_and_heard() -> None:
    client, server = opened()
    client.close()
    for datagram in client.take():
        server.receive(datagram, 1.0)
    assert (client.state, server.state) == (State.CLOSED, State.CLOSED)
    with pytest.raises(LanError):
        client.seal(b"more")


@pytest.mark.parametrize("turns", range(3))
def test_good_bye_is_said_in_the_midst_of_the_handshake(turns: int) -> None:
    """Else a camera would keep a place for somebody who is gone."""
    client, server = Client(KEY, IDENTITY), MirrorServer(KEY, cookie=b"c" * 20)
    client.start(0.0)
    for _ in range(turns):
        exchange(client, server)
    assert (client.state, server.state) == (State.HANDSHAKE, State.HANDSHAKE)
    client.close()
    assert is_over(client, server)


def test_good_bye_is_said_before_the_handshake() -> None:
    """The channel is open already, and nobody knows which of us would begin."""
    main = Client(KEY, IDENTITY), MirrorServer(KEY)
    talk = Server(KEY, IDENTITY), MirrorClient(KEY, IDENTITY)
    for one, other in (main, talk):
        one.close()
        assert is_over(one, other)


def exchange(client: Endpoint, server: Endpoint) -> None:
    """Let each hear what the other has said."""
    for datagram in client.take():
        server.receive(datagram, 0.0)
    for datagram in server.take():
        client.receive(datagram, 0.0)


def is_over(leaving: Endpoint, other: Endpoint) -> bool:
    """Tell whether the other one hears that it is over; nothing is said of it twice."""
    exchange(leaving, other)
    leaving.close()
    return (
        leaving.state is State.CLOSED and not leaving.take() and other.state in (State.FAILED, State.CLOSED)
    )
