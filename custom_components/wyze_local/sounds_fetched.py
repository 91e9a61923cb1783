"""Sounds from the web, for a camera's speaker: from where a person said, and never further in than that.

A person may name any address, also one at home. Whoever answers there must not choose for us: somebody on
the internet who redirects us to this machine or to the home's network would have Home Assistant knock there.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from enum import IntEnum
from ipaddress import ip_address
from typing import override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from homeassistant.const import APPLICATION_NAME
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.ssl import client_context

from .const import DOMAIN

type Sound = AsyncGenerator[bytes]
"""A sound's bytes, in pieces; to be closed. HomeAssistantError comes when no more of it can be had."""

type Resolve = Callable[[str], Awaitable[list[ResolveResult]]]
"""Finds the addresses of a name; raises OSError."""

CHUNK = 32768
"""Bytes that are read at a time."""

MAX_BYTES = 1 << 30
"""Bytes of a sound: more than an hour of any kind, and nobody means a camera to go on for longer."""

MAX_HOPS = 5
"""Redirects that are followed."""

OPEN_WITHIN = 30.0
"""Seconds until a sound must begin to come, redirects included."""

_TIMES = aiohttp.ClientTimeout(total=4000, sock_connect=10, sock_read=20)
"""Seconds for all of it (an hour is said at most), until a server must answer, and until it sends more."""

_HEADERS = {"User-Agent": APPLICATION_NAME, "Accept-Encoding": "identity"}
_MOVED = frozenset({301, 302, 303, 307, 308})


class _Reach(IntEnum):
    """How far in an address lies."""

    INTERNET = 0
    NETWORK = 1
    """Networks of one's own."""
    LINK = 2
    """What only neighbours reach, such as a cloud machine's own data."""
    MACHINE = 3


def gone(reason: str) -> HomeAssistantError:
    """Return what is told of a sound that cannot be had, without its address."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="sound_gone",
        translation_placeholders={"reason": reason},
    )


async def async_fetch(
    url: URL, resolve: Resolve, *, within: float = OPEN_WITHIN, most: int = MAX_BYTES
) -> Sound:
    """Fetch a sound from an http or https address that a person named; raises HomeAssistantError.

    It has to begin to come within so many seconds, and to have at most so many bytes.
    """
    connector = aiohttp.TCPConnector(
        resolver=(border := _Border(resolve)), use_dns_cache=False, ssl=client_context(), force_close=True
    )
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector,
                headers=_HEADERS,
                timeout=_TIMES,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as session,
            _opened(session, url, border, within) as response,
        ):
            if response.status != 200:
                raise gone(str(response.status))
            if (response.content_length or 0) > most:
                raise gone("size")
            async for data in response.content.iter_chunked(CHUNK):
                if (most := most - len(data)) < 0:
                    raise gone("size")
                yield data
    except TimeoutError:
        raise gone("timeout") from None
    except aiohttp.ClientError, OSError, ValueError:
        # What they say would name the address.
        raise gone("connection") from None


@contextlib.asynccontextmanager
async def _opened(
    session: aiohttp.ClientSession, url: URL, border: _Border, within: float
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Follow an address to where it ends."""
    async with asyncio.timeout(within):
        for _ in range(MAX_HOPS + 1):
            border.meet(url)
            response = await session.get(url, allow_redirects=False)
            if response.status not in _MOVED:
                break
            response.close()
            border.close_behind()
            url = url.join(URL(response.headers.get("Location", "")))
            if url.scheme not in ("http", "https") or not url.host:
                raise gone("redirect")
        else:
            raise gone("redirect")
    async with response:
        yield response


class _Border(AbstractResolver):
    """Resolves names, and lets nobody further in than one has been before."""

    def __init__(self, resolve: Resolve) -> None:
        """Let in everywhere, for now."""
        self._resolve = resolve
        self._limit = self._reached = _Reach.MACHINE

    def meet(self, url: URL) -> None:
        """Look at an address that needs no resolving; raises HomeAssistantError if it lies too far in."""
        with contextlib.suppress(ValueError):
            if not self._let_in(url.host or ""):
                raise gone("redirect")

    def close_behind(self) -> None:
        """Let nobody further in from now on."""
        self._limit = self._reached

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return those addresses that do not lie too far in; raises OSError without any.

        What is connected to is what was looked at: a name that leads elsewhere a moment later gains nothing.
        """
        found = [one | {"port": port} for one in await self._resolve(host) if self._let_in(one["host"])]
        if not found:
            raise OSError("too far in")
        return found

    def _let_in(self, address: str) -> bool:
        """Note how far in an address lies, and tell whether that is still allowed; raises ValueError."""
        reach = _reach_of(address)
        if reach > self._limit:
            return False
        self._reached = min(self._reached, reach)
        return True

    @override
    async def close(self) -> None:
        """Keep what is others'."""


def _reach_of(address: str) -> _Reach:
    """Tell how far in an address lies; raises ValueError for a name."""
    ip = ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback or ip.is_unspecified:
        return _Reach.MACHINE
    if ip.is_link_local:
        return _Reach.LINK
    return _Reach.INTERNET if ip.is_global and not ip.is_multicast else _Reach.NETWORK
