"""The one client of the vendor's cloud: on Home Assistant's connections, without its cookies."""

import random
import ssl
from collections.abc import Callable

from aiohttp import ClientSession, DummyCookieJar

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession

from .engine.cloud import CloudClient, Hosts
from .engine.model import Clock


class Vendor:
    """Makes the client when it is asked for the first time: without an account there is none."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare."""
        self._hass = hass
        self._tls: ssl.SSLContext | bool = True
        self._session: ClientSession | None = None
        self._client: CloudClient | None = None

    async def async_load(self, tls: Callable[[], ssl.SSLContext] | None) -> None:
        """Make the TLS context where reading certificates holds nobody up. None: Home Assistant's own."""
        if tls is not None:
            self._tls = await self._hass.async_add_executor_job(tls)

    def client(self, hosts: Hosts, clock: Clock, rng: random.Random) -> CloudClient:
        """Return the client."""
        if self._client is None:
            # Not cleaned up with the entry in whose set-up this may be: others use it as well.
            self._session = async_create_clientsession(
                self._hass, auto_cleanup=False, cookie_jar=DummyCookieJar()
            )
            self._client = CloudClient(self._session, hosts=hosts, tls=self._tls, clock=clock, rng=rng)
        return self._client

    async def async_close(self) -> None:
        """Let go of Home Assistant's connections; calls that come later fail as unreachable.

        Home Assistant ends without unloading entries, and tokens that are on their way are not to be lost.
        """
        if self._client is not None:
            await self._client.close()
        if self._session is not None:
            self._session.detach()
