"""Camera networks: where cameras may be. Nothing outside them is ever dialled."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from .errors import InvalidField

MAX_NETWORKS = 32
"""How many a person may enter for one entry."""
_THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")


@dataclass(frozen=True, slots=True)
class CameraNetworks:
    """An allow-list of IPv4 networks."""

    networks: tuple[ipaddress.IPv4Network, ...] = ()

    @classmethod
    def parse(cls, values: Iterable[str]) -> Self:
        """Build from texts such as `192.168.1.0/24`.

        A single address is a network of one; host bits are dropped. Raises InvalidField (`networks`)
        with `not_a_network`, `too_wide` (wider than /8), `too_many`, or
        `not_for_cameras` (multicast, reserved, or beginning with zero).
        """
        found: list[ipaddress.IPv4Network] = []
        for value in values:
            try:
                network = ipaddress.IPv4Network(value.strip(), strict=False)
            except ValueError:
                raise InvalidField("networks", "not_a_network") from None
            if network.prefixlen < 8:
                raise InvalidField("networks", "too_wide")
            if network.is_multicast or network.is_reserved or network.subnet_of(_THIS_NETWORK):
                raise InvalidField("networks", "not_for_cameras")
            if network not in found:
                found.append(network)
        if len(found) > MAX_NETWORKS:
            raise InvalidField("networks", "too_many")
        return cls(tuple(found))

    @classmethod
    def together(cls, lists: Iterable[CameraNetworks]) -> Self:
        """Return what lies in any of these lists, each of which may be full, in as few networks as do."""
        return cls(tuple(ipaddress.collapse_addresses(one for each in lists for one in each.networks)))

    def __contains__(self, address: str) -> bool:
        """Tell whether a literal address lies inside; anything that is no address does not."""
        try:
            parsed = ipaddress.IPv4Address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)

    def widened(self, address: str) -> tuple[str, Self]:
        """Return the /24 around an address, and a list with it; raises InvalidField as `parse` does."""
        around = str(ipaddress.IPv4Network(f"{address}/24", strict=False))
        return around, self.parse([*self.texts(), around])

    def texts(self) -> list[str]:
        """Return the networks as texts, as `parse` takes them."""
        return [str(network) for network in self.networks]


def attached_networks(addresses: Iterable[tuple[str, int]]) -> list[str]:
    """Return the networks that this machine's own addresses lie in, loopback left out.

    Takes (address, prefix length) pairs, as Home Assistant's network helper or `ifaddr` lists them.
    """
    found: list[str] = []
    for address, prefix in addresses:
        try:
            interface = ipaddress.IPv4Interface(f"{socket.inet_ntoa(socket.inet_aton(address))}/{prefix}")
        except OSError, ValueError:
            continue
        if interface.ip.is_loopback or interface.ip.is_multicast:
            continue
        text = str(interface.network)
        if text not in found:
            found.append(text)
    return found
