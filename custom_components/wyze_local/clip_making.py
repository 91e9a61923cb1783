"""Ties the watch worker, which writes clips, to what keeps them: where they go, and what became of them."""

import asyncio
from functools import partial
from pathlib import Path

from homeassistant.core import HomeAssistant, callback

from .cameras import all_cameras
from .clips import Clips, ClipsAway, ClipsError
from .const import DOMAIN, LOGGER
from .engine.model import ClipBegan, ClipFailed, ClipFinished, ClipNews, ClipStill
from .engine.watch import WatchNews
from .watching import Watching

FOLDER_WITHIN = 2.0
"""Seconds that the folder may take to answer before a camera is watched without it: a NAS may hang."""


@callback
def async_make_clips(hass: HomeAssistant, watching: Watching, clips: Clips) -> None:
    """Have what is watched kept as clips, for as long as Home Assistant runs."""
    watching.find_folder = partial(_async_folder, hass, clips)
    # Once it can be used, or no more, all cameras are told.
    clips.keeper.async_listen(watching.async_renew)
    watching.async_listen(partial(_async_on_news, hass, clips))


async def _async_folder(hass: HomeAssistant, clips: Clips, camera_key: str) -> Path | None:
    name = next((item.name for item in all_cameras(hass) if item.key == camera_key), None)
    if name is None:
        return None
    try:
        async with asyncio.timeout(FOLDER_WITHIN):
            return await clips.async_folder(camera_key, name)
    except TimeoutError, ClipsAway:
        return None


@callback
def _async_on_news(hass: HomeAssistant, clips: Clips, camera_key: str, news: WatchNews) -> None:
    if isinstance(news, ClipBegan | ClipStill | ClipFinished | ClipFailed):
        hass.async_create_background_task(_async_heard(clips, camera_key, news), f"{DOMAIN} clip")


async def _async_heard(clips: Clips, camera_key: str, news: ClipNews) -> None:
    try:
        await clips.async_heard(camera_key, news)
    except ClipsError as err:
        LOGGER.debug("A clip could not be taken note of (%s)", type(err).__name__)
