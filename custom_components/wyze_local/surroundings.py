"""What is known of the way to a camera: whether a router lies on it, and whether anything came through."""

import ipaddress
from collections.abc import Iterable

from homeassistant.components import network
from homeassistant.core import HomeAssistant

from .engine.catalog import Catalog, LocalVideo
from .engine.model import Credentials, StreamAddress, Way, attached_networks
from .status import HEARD, Circumstances, Connection, diagnose, diagnose_stream

LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")
AROUND = 24
"""Length of the prefix within which cameras are taken to share their way."""


async def async_attached_networks(hass: HomeAssistant) -> list[str]:
    """Return the networks that this machine is attached to, loopback left out."""
    return _networks(await network.async_get_adapters(hass))


async def async_chosen_networks(hass: HomeAssistant) -> list[str]:
    """Return those of them that Home Assistant is set to use; by itself it takes the one to the internet."""
    return _networks(one for one in await network.async_get_adapters(hass) if one["enabled"])


def _networks(adapters: Iterable[network.Adapter]) -> list[str]:
    return attached_networks(
        (address["address"], address["network_prefix"]) for adapter in adapters for address in adapter["ipv4"]
    )


class Surroundings:
    """Remembers what one entry's cameras have shown of the network."""

    def __init__(self, attached: Iterable[str], catalog: Catalog) -> None:
        """Begin without having heard of any camera."""
        self._near = (LOOPBACK, *map(ipaddress.IPv4Network, attached))
        self.catalog = catalog
        self._heard: set[ipaddress.IPv4Network] = set()

    def heard(self, way: Way) -> None:
        """Note that something has come from a camera, whatever it said; of UDP a stream tells nothing."""
        if not isinstance(way, StreamAddress):
            self._heard.add(_around(way))

    def judge(self, reason: str, way: Way, *, proven: bool) -> Connection:
        """Return what a failure means for this camera, and note if it was the camera itself that spoke."""
        if isinstance(way, StreamAddress):
            return diagnose_stream(reason)
        if reason in HEARD:
            self.heard(way)
        return diagnose(reason, self._circumstances(way, proven=proven))

    def _circumstances(self, credentials: Credentials, *, proven: bool) -> Circumstances:
        model = self.catalog.model(credentials.model)
        address = ipaddress.IPv4Address(credentials.address.reveal())
        return Circumstances(
            battery=model.battery,
            cloud_only=model.local is LocalVideo.NO,
            proven=proven,
            far=not any(address in network for network in self._near),
            way_known=_around(credentials) in self._heard,
        )


def _around(credentials: Credentials) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network((credentials.address.reveal(), AROUND), strict=False)
