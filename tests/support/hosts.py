"""Devices on the wire of a town, each a machine of its own with an address that may change."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from .namespaces import Town

ANY = "0.0.0.0"


@dataclass(frozen=True)
class Host:
    """A machine: its namespace, and the town that it is in."""

    town: Town
    namespace: str

    def move(self, address: str) -> None:
        """Be at another address of the same network from now on, as after another lease."""
        self.town.ip(self.namespace, "address", "flush", "dev", "eth0")
        self.town.ip(self.namespace, "address", "add", f"{address}/24", "brd", "+", "dev", "eth0")


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
