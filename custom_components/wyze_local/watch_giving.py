"""Gives cameras to the watch worker side by side: one whose stream cannot be found delays no other."""

import asyncio
from collections.abc import Awaitable, Callable

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN, LOGGER

RETRY = 10.0
"""Seconds until what could not be done is tried again: a stream server or a folder may be back by then."""


class WatchGiving:
    """One attempt at a time for each camera; the newest wish ends the attempt at the one before."""

    def __init__(self, hass: HomeAssistant, give: Callable[[str], Awaitable[bool]]) -> None:
        """Prepare; `give` gives a camera, within a limit, and returns whether that is all there is to do."""
        self._hass = hass
        self._give = give
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @callback
    def async_begin(self, camera_key: str) -> None:
        """Give a camera as is wanted now, however often that has to be tried."""
        if (before := self._tasks.get(camera_key)) is not None:
            before.cancel()
        work = self._async_try(camera_key)
        task = self._hass.async_create_background_task(work, f"{DOMAIN} watch a camera")
        self._tasks[camera_key] = task
        task.add_done_callback(lambda done: self._forget(camera_key, done))

    async def async_stop(self) -> None:
        """Try nothing more."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, camera_key: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(camera_key) is task:
            del self._tasks[camera_key]

    async def _async_try(self, camera_key: str) -> None:
        while True:
            if await self._async_give(camera_key):
                return
            await asyncio.sleep(RETRY)

    async def _async_give(self, camera_key: str) -> bool:
        try:
            return await self._give(camera_key)
        except Exception:  # noqa: BLE001 - logged, and tried again
            LOGGER.exception("What is to be watched of a camera could not be settled")
            return False
