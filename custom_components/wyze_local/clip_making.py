"""Ties the watch worker, which writes clips, to what keeps them: where they go, and what became of them."""

import asyncio
from functools import partial
from pathlib import Path

from homeassistant.core import callback

from .clips import Clips
from .watching import Watching

FOLDER_WITHIN = 2.0
"""Seconds that the folder may take to answer before a camera is watched without it: a NAS may hang."""


@callback
def async_make_clips(watching: Watching, clips: Clips) -> None:
    """Have what is watched kept as clips, for as long as Home Assistant runs."""
    watching.keep = clips.async_keep
    watching.find_folder = partial(_async_folder, clips)
    # Once it can be used, or no more, all cameras are told.
    clips.keeper.async_listen(watching.async_renew)
    watching.async_listen(clips.async_heard)


async def _async_folder(clips: Clips, camera_key: str) -> Path | None:
    try:
        async with asyncio.timeout(FOLDER_WITHIN):
            return await clips.async_folder(camera_key)
    except TimeoutError:
        return None
