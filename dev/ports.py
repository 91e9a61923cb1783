"""Ports for servers that the tools and the tests start."""

import contextlib
import random
import socket


def free_port() -> int:
    """Return a port that nobody uses at this moment, neither by TCP nor by UDP.

    It lies below those that the system gives to outgoing connections: one of them would often be gone again
    before it is used.
    """
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(20_000, 30_000)
        with (
            contextlib.suppress(OSError),
            socket.socket() as tcp,
            socket.socket(type=socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("", port))
            udp.bind(("", port))
            return port


def free_block() -> str:
    """Return the first of 200 addresses of this machine that no other simulator uses at this moment."""
    chance = random.SystemRandom()
    while True:
        first = f"127.{chance.randrange(20, 250)}.{chance.randrange(256)}.1"
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.bind((first, _CAMERA_PORT))
            return first


_CAMERA_PORT = 32761
"""The UDP port of cameras."""
