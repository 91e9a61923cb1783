"""A port that another program holds is found out before go2rtc, which would keep silent about it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dev.ports import free_port
from engine.stream import PortTaken
from engine.stream.ports import check_port_free, pick_loopback_port


@contextmanager
def holding(kind: socket.SocketKind, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    with socket.socket(socket.AF_INET, kind) as held:
        held.bind((host, port))
        if kind == socket.SOCK_STREAM:
            held.listen()
        yield held.getsockname()[1]


@pytest.mark.parametrize(("kind", "transport"), [(socket.SOCK_STREAM, "tcp"), (socket.SOCK_DGRAM, "udp")])
@pytest.mark.parametrize("host", ["", "127.0.0.1"])
def test_a_taken_port_is_named(kind: socket.SocketKind, transport: str, host: str) -> None:
    with holding(kind, port=free_port()) as port, pytest.raises(PortTaken) as caught:
        check_port_free("webrtc", host, port)
    error = caught.value
    assert (error.reason, error.listener, error.port, error.transport) == (
        "port_taken",
        "webrtc",
        port,
        transport,
    )
    assert error.details == {"port": str(port), "transport": transport}


def test_a_port_taken_on_another_address_only_does_not_matter() -> None:
    with holding(socket.SOCK_STREAM, "127.0.0.2", free_port()) as port:
        check_port_free("webrtc", "127.0.0.1", port)


def test_a_port_whose_connections_have_just_ended_is_free() -> None:
    with holding(socket.SOCK_STREAM, port=free_port()) as port:
        client = socket.create_connection(("127.0.0.1", port))
        client.close()
    check_port_free("webrtc", "", port)
    assert pick_loopback_port(port) == port


def test_the_preferred_port_is_kept_while_it_is_free() -> None:
    port = free_port()
    assert pick_loopback_port(port) == port
    with holding(socket.SOCK_STREAM, port=port):
        assert pick_loopback_port(port) != port
