"""A picture that the vendor keeps of an event: fetched without telling who asks, or not at all.

Where it lies is the vendor's word, so it is believed as little as any: only the listed hosts are asked, no
answer may lead on, and what comes is small and a JPEG, or nothing. Whose picture it is nobody here can tell.
"""

import asyncio
import re
import ssl

import aiohttp
from yarl import URL

from .hosts import Hosts
from .transport import CONNECT_TIMEOUT, TOTAL_TIMEOUT, verified
from .values import CloudEvent

MAX_PICTURE = 2 << 20
"""Bytes of the largest picture that is taken."""
_CHUNK = 16 << 10
_JPEG = b"\xff\xd8\xff"
_DEVICE = re.compile(r"[0-9A-F]{12}", re.IGNORECASE)


async def fetch_picture(
    session: aiohttp.ClientSession, tls: ssl.SSLContext | bool, hosts: Hosts, event: CloudEvent
) -> bytes | None:
    """Return the JPEG of an event; None when there is none, or none that may be had.

    Takes 15 seconds at most. The session must keep no cookies. `tls` is as for `CloudClient`:
    ValueError where it does not verify.
    """
    tls = verified(tls)
    if (place := _place(hosts, event)) is None:
        return None
    try:
        async with (
            asyncio.timeout(TOTAL_TIMEOUT),
            session.get(
                place,
                headers={"Accept": "image/jpeg", "Accept-Encoding": "identity", "User-Agent": "wyze-local"},
                allow_redirects=False,
                auto_decompress=False,
                raise_for_status=False,
                ssl=tls,
                timeout=aiohttp.ClientTimeout(total=TOTAL_TIMEOUT, connect=CONNECT_TIMEOUT),
            ) as response,
        ):
            return await _read(response)
    # What went wrong is nobody's to read: its text holds the address.
    except aiohttp.ClientError, OSError, ValueError, LookupError, RuntimeError:
        return None


def _place(hosts: Hosts, event: CloudEvent) -> URL | None:
    """Return where an event's picture lies; None for no place of the vendor's, or another camera's."""
    try:
        place = URL(event.picture.reveal(), encoded=True)
        known = {URL(origin).origin() for origin in (hosts.pictures, hosts.alarms)}
        if place.scheme != "https" or place.user is not None or place.origin() not in known:
            return None
        told = {part.upper() for part in place.path.split("/") if _DEVICE.fullmatch(part)}
    except ValueError:
        return None
    return place if told <= {event.mac.reveal().upper()} else None


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """Return what came, if it is a JPEG that is not too large."""
    if response.status != 200 or response.content_type != "image/jpeg":
        return None
    picture = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        picture += chunk
        if len(picture) > MAX_PICTURE:
            return None
    return bytes(picture) if picture.startswith(_JPEG) else None
