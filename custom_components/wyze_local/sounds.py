"""Sounds that are to be said: as bytes, from wherever Home Assistant or somebody else keeps them."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from yarl import URL

from homeassistant.components import media_source
from homeassistant.components.media_player import async_process_play_media_url
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import HomeAssistantTCPConnector, async_get_clientsession
from homeassistant.helpers.network import is_hass_url

from .const import DOMAIN
from .sounds_fetched import CHUNK, Sound, async_fetch, gone

_SPOKEN = "/api/tts_proxy/"
_SHELF = "/local/"
"""Where Home Assistant hands out what lies in the folder `www`."""


async def async_open_sound(hass: HomeAssistant, media_id: str, entity_id: str) -> Sound:
    """Return the sound behind what a media player is told to play; raises HomeAssistantError.

    Nothing is fetched yet, and the address of it goes nowhere: it may hold what opens it.
    """
    if media_source.is_media_source_id(media_id):
        item = await media_source.async_resolve_media(hass, media_id, entity_id)
        if item.path is not None and await _async_may_read(hass, item.path):
            return _read(hass, item.path)
        # What lies elsewhere comes as Home Assistant hands it out to everybody, by its own rules.
        media_id = item.url
    try:
        path = _own_path(hass, media_id)
        if (spoken := _async_spoken(hass, path)) is not None:
            return spoken
        if path.startswith(_SHELF):
            file = Path(hass.config.path("www"), path.removeprefix(_SHELF))
            if await _async_may_read(hass, file):
                return _read(hass, file)
        url = URL(async_process_play_media_url(hass, media_id))
    except IndexError, ValueError:
        # Neither this nor what it says of it may be told: it may be an address with what opens it.
        raise _nowhere() from None
    if url.scheme not in ("http", "https") or not url.host:
        raise _nowhere()
    connector = async_get_clientsession(hass).connector
    assert isinstance(connector, HomeAssistantTCPConnector)
    return async_fetch(url, connector.async_resolve_host)


def _own_path(hass: HomeAssistant, media_id: str) -> str:
    """Return where something lies on this Home Assistant's web server; empty when it lies elsewhere."""
    if media_id.startswith("/") or is_hass_url(hass, media_id):
        return URL(media_id).path
    return ""


def _async_spoken(hass: HomeAssistant, path: str) -> Sound | None:
    """Return speech of Home Assistant's own without the way over its web server, if it is that."""
    if not path.startswith(_SPOKEN) or "tts" not in hass.config.components:
        return None
    from homeassistant.components import tts  # noqa: PLC0415 - brings requirements that not everybody has

    stream = tts.async_get_stream(hass, path.removeprefix(_SPOKEN))
    return stream.async_stream_result() if stream is not None else None


async def _async_may_read(hass: HomeAssistant, path: Path) -> bool:
    """Tell whether a file lies where Home Assistant may read what somebody names."""
    return await hass.async_add_executor_job(hass.config.is_allowed_path, str(path))


async def _read(hass: HomeAssistant, path: Path) -> Sound:
    try:
        file = await hass.async_add_executor_job(_open, path)
        try:
            while data := await hass.async_add_executor_job(file.read, CHUNK):
                yield data
        finally:
            await hass.async_add_executor_job(file.close)
    except OSError, ValueError:
        raise gone("file") from None


def _open(path: Path) -> BinaryIO:
    """Open a file, and nothing else: to read a pipe or a device may take for ever, and a thread with it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("no file")
    return os.fdopen(descriptor, "rb")


def _nowhere() -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="sound_nowhere")
