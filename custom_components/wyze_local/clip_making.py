"""Ties the watch worker, which writes clips, to what keeps them: where they go, and what became of them."""

import asyncio
from functools import partial

from homeassistant.core import callback

from .clips import Clips
from .engine.model import ClipSettings
from .watching import Watching

FOLDER_WITHIN = 2.0
"""Seconds that the folder may take to answer before a camera is watched without it: a NAS may hang."""


@callback
def async_make_clips(watching: Watching, clips: Clips) -> None:
    """Have what is watched kept as clips, for as long as Home Assistant runs."""
    watching.keep = clips.async_keep
    watching.find_place = partial(_async_place, clips)
    # Once it can be used, or no more, all cameras are told.
    clips.keeper.async_listen(watching.async_renew)
    watching.async_listen(clips.async_heard)


async def _async_place(clips: Clips, camera_key: str) -> ClipSettings | None:
    try:
        async with asyncio.timeout(FOLDER_WITHIN):
            folder = await clips.async_folder(camera_key)
            return None if folder is None else ClipSettings(folder, owner=await clips.mark.async_get())
    except TimeoutError:
        return None
