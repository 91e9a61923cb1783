"""Sounds that are to be said: as bytes, from wherever Home Assistant or somebody else keeps them."""

from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp

from homeassistant.components import media_source
from homeassistant.components.media_player import async_process_play_media_url
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .const import DOMAIN

type Sound = AsyncGenerator[bytes]
"""A sound's bytes, in pieces; to be closed. HomeAssistantError comes when no more of it can be had."""

CHUNK = 32768
"""Bytes that are read at a time."""

_TIMES = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=20)
"""Seconds until a server must answer, and then send more. Radio has no end."""

_SPOKEN = "/api/tts_proxy/"


async def async_open_sound(hass: HomeAssistant, media_id: str, entity_id: str) -> Sound:
    """Return the sound behind what a media player is told to play; raises HomeAssistantError.

    Nothing is fetched yet, and the address of it goes nowhere: it may hold what opens it.
    """
    if media_source.is_media_source_id(media_id):
        item = await media_source.async_resolve_media(hass, media_id, entity_id)
        if item.path is not None:
            return _read(hass, item.path)
        media_id = item.url
    if (spoken := _async_spoken(hass, media_id)) is not None:
        return spoken
    url = async_process_play_media_url(hass, media_id)
    if not url.startswith(("http://", "https://")):
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="sound_nowhere")
    return _fetch(hass, url)


def _async_spoken(hass: HomeAssistant, url: str) -> Sound | None:
    """Return speech of Home Assistant's own without the way over its web server, if it is that."""
    if not url.startswith(_SPOKEN) or "tts" not in hass.config.components:
        return None
    from homeassistant.components import tts  # noqa: PLC0415 - brings requirements that not everybody has

    stream = tts.async_get_stream(hass, url.removeprefix(_SPOKEN))
    return stream.async_stream_result() if stream is not None else None


async def _read(hass: HomeAssistant, path: Path) -> Sound:
    try:
        file = await hass.async_add_executor_job(path.open, "rb")
        try:
            while data := await hass.async_add_executor_job(file.read, CHUNK):
                yield data
        finally:
            await hass.async_add_executor_job(file.close)
    except OSError as err:
        raise _gone("file") from err


async def _fetch(hass: HomeAssistant, url: str) -> Sound:
    try:
        async with async_get_clientsession(hass).get(url, timeout=_TIMES) as response:
            if response.status != 200:
                raise _gone(str(response.status))
            async for data in response.content.iter_chunked(CHUNK):
                yield data
    except TimeoutError:
        raise _gone("timeout") from None
    except aiohttp.ClientError, OSError, ValueError:
        # What they say would name the address.
        raise _gone("connection") from None


def _gone(reason: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="sound_gone",
        translation_placeholders={"reason": reason},
    )
