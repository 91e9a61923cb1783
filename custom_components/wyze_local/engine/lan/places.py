"""Where a camera is looked for that is not where it was: pure, and never outside the camera networks."""

import ipaddress
from collections.abc import Container, Iterable

from ..model import CameraNetworks

AROUND = 24
"""Prefix length of what is swept: the neighbours among which a router most likely gave it a new address."""

MAX_HINTS = 16
"""Addresses that somebody may suggest for one search."""

_NO_BROADCAST = 31
"""From this prefix length on a network has no address that all its hosts hear."""


def hinted(hints: Iterable[str], elsewhere: Container[str], networks: CameraNetworks) -> list[str]:
    """Return the suggested addresses that are worth asking, in their order, each once.

    Not those where it is known not to be: of cameras, a house may have more than room for hints.
    """
    found = dict.fromkeys(hint for hint in hints if hint in networks and hint not in elsewhere)
    return list(found)[:MAX_HINTS]


def broadcasts(attached: Iterable[str], networks: CameraNetworks) -> list[str]:
    """Return the broadcast addresses of the attached networks whose every host may be a camera.

    One that only partly lies inside the camera networks is left out: its broadcast would be heard outside.
    """
    whole = CameraNetworks.together([networks]).networks
    found: dict[str, None] = {}
    for text in attached:
        try:
            network = ipaddress.IPv4Network(text)
        except ValueError:
            continue
        if network.prefixlen < _NO_BROADCAST and any(network.subnet_of(one) for one in whole):
            found[str(network.broadcast_address)] = None
    return list(found)


def neighbours(known: str, networks: CameraNetworks) -> list[str]:
    """Return the addresses around the last known one that may be a camera's, the nearest first.

    Routers hand out addresses in a row. First and last of the /24 are nobody's, or everybody's.
    """
    last = int(ipaddress.IPv4Address(known))
    hosts = ipaddress.IPv4Network((last, AROUND), strict=False).hosts()
    inside = (host for host in hosts if int(host) != last and str(host) in networks)
    return [str(host) for host in sorted(inside, key=lambda host: abs(int(host) - last))]
