"""The one client of the vendor's cloud: on connections of its own, of which nothing is left after a call.

Whoever wants the vendor to be left alone wants no packet to go there from that moment on. So each call looks
its name up by itself, has a connection for itself, and cuts both when it is over or given up: nothing asks
again behind its back, nothing waits for a farewell, and the system does not repeat one either.
"""

import random
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any, override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import AsyncResolver

from homeassistant.core import HomeAssistant
from homeassistant.util.ssl import get_default_context

from .engine.cloud import CloudClient, CloudEvent, Hosts, fetch_picture
from .engine.model import Clock

_LOOKUP_TRIES = 2
_CUT = struct.pack("ii", 1, 0)
"""What tells the system to reset a connection that is closed, instead of taking leave."""


class _Lookups(AbstractResolver):
    """Looks names up, each with a resolver of its own that ends with whoever waits for it."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name; raises OSError."""
        # One that is shared would go on asking when nobody waits any more.
        resolver = AsyncResolver(tries=_LOOKUP_TRIES)
        try:
            return await resolver.resolve(host, port, family)
        finally:
            await resolver.close()

    @override
    async def close(self) -> None:
        """Do nothing: nothing is held."""


class _Connections(aiohttp.TCPConnector):
    """Makes one connection for each call, and cuts it when the call is over."""

    @override
    async def connect(self, *args: Any, **kwargs: Any) -> aiohttp.connector.Connection:
        """Return a connection; raises what aiohttp does."""
        connection = await super().connect(*args, **kwargs)
        if (transport := connection.transport) is not None:
            # A TLS connection that is closed waits for the other end's farewell, for up to half a minute.
            connection.add_callback(transport.abort)
        return connection


def _socket(info: tuple[Any, ...]) -> socket.socket:
    """Return a socket that leaves nothing to be repeated when it is closed."""
    made = socket.socket(*info[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CUT)
    return made


class Vendor:
    """Makes the client when it is asked for the first time: without an account there is none."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare."""
        self._hass = hass
        self._tls: ssl.SSLContext | bool = True
        self._session: aiohttp.ClientSession | None = None
        self._client: CloudClient | None = None

    async def async_load(self, tls: Callable[[], ssl.SSLContext] | None) -> None:
        """Make the TLS context where reading certificates holds nobody up. None: Home Assistant's own."""
        if tls is not None:
            self._tls = await self._hass.async_add_executor_job(tls)

    def client(self, hosts: Hosts, clock: Clock, rng: random.Random) -> CloudClient:
        """Return the client."""
        if self._client is None:
            connections = _Connections(
                force_close=True,
                use_dns_cache=False,
                resolver=_Lookups(),
                socket_factory=_socket,
                ssl=get_default_context(),
            )
            self._session = aiohttp.ClientSession(connector=connections, cookie_jar=aiohttp.DummyCookieJar())
            self._client = CloudClient(self._session, hosts=hosts, tls=self._tls, clock=clock, rng=rng)
        return self._client

    async def async_picture(self, hosts: Hosts, event: CloudEvent) -> bytes | None:
        """Return an event's picture, if it may be had; nobody who was never asked anything else is asked."""
        return await fetch_picture(self._session, self._tls, hosts, event) if self._session else None

    async def async_close(self) -> None:
        """End the connections; calls that come later fail.

        Home Assistant ends without unloading entries, and tokens that are on their way are not to be lost.
        """
        if self._client is not None:
            await self._client.close()
        if self._session is not None:
            await self._session.close()
