"""Devices on the wire of a town, each a machine of its own with an address that may change."""

import contextlib
import os
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .namespaces import OUTGOING, Town, listen, read, within

ANY = "0.0.0.0"


NETWORK = "10.214.1.0/24"
_SO_TIMESTAMPNS = 35


class Datagram(NamedTuple):
    """A packet that came from home."""

    at: float
    """When the wire saw it: unix seconds."""
    to: str
    port: int


@dataclass(frozen=True)
class Host:
    """A machine: its namespace, and the town that it is in."""

    town: Town
    namespace: str

    def move(self, address: str, *, hears_broadcasts: bool = True) -> None:
        """Be at another address of the same network from now on, as after another lease."""
        self.town.ip(self.namespace, "address", "flush", "dev", "eth0")
        if hears_broadcasts:
            self.town.ip(self.namespace, "address", "add", f"{address}/24", "brd", "+", "dev", "eth0")
        else:
            self.town.ip(self.namespace, "address", "add", f"{address}/32", "dev", "eth0")
            self.town.ip(self.namespace, "route", "add", NETWORK, "dev", "eth0")


@contextlib.contextmanager
def host(place: Town, name: str, address: str) -> Iterator[Host]:
    """Have one more machine at an address."""
    made = Host(place, f"wl-{name}-{os.getpid()}")
    try:
        subprocess.run(["ip", "netns", "add", made.namespace], check=True, capture_output=True)
        place.ip(
            place.rest,
            *["link", "add", "link", "wire", "name", name, "type", "macvlan", "mode", "bridge"],
        )
        place.ip(place.rest, "link", "set", name, "netns", made.namespace)
        place.ip(made.namespace, "link", "set", name, "name", "eth0")
        for device in ("lo", "eth0"):
            place.ip(made.namespace, "link", "set", device, "up")
        made.move(address)
        yield made
    finally:
        subprocess.run(["ip", "netns", "delete", made.namespace], check=False, capture_output=True)


@contextlib.contextmanager
def listening(place: Town) -> Iterator[Callable[[], list[Datagram]]]:
    """Note what comes from home, with the time at which the wire saw it; gives what reads it so far."""
    wire = within(place.rest, listen)
    wire.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    heard: list[Datagram] = []

    def hear() -> list[Datagram]:
        while True:
            try:
                frame, more, _, (_, _, kind, *_) = wire.recvmsg(2048, 64)
            except BlockingIOError:
                return heard
            if kind != OUTGOING:
                seconds, nanoseconds = struct.unpack("qq", more[0][2])
                sent = read(frame)
                heard.append(Datagram(seconds + nanoseconds / 1e9, sent.to, sent.port))

    with contextlib.closing(wire):
        yield hear
