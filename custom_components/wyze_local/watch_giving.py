"""Gives cameras to the watch worker side by side: one whose stream cannot be found delays no other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN, LOGGER

RETRY = 10.0
"""Seconds until what could not be done is tried again: a stream server or a folder may be back by then."""


@dataclass(slots=True)
class _Attempt:
    """What is being done for a camera."""

    task: asyncio.Task[None]
    tried: asyncio.Event
    """Set once it has been tried, or given up for a newer wish."""


class WatchGiving:
    """One attempt at a time for each camera; the newest wish ends the attempt at the one before."""

    def __init__(self, hass: HomeAssistant, give: Callable[[str], Awaitable[bool]]) -> None:
        """Prepare; `give` gives a camera, within a limit, and returns whether that is all there is to do."""
        self._hass = hass
        self._give = give
        self._attempts: dict[str, _Attempt] = {}

    @callback
    def async_begin(self, camera_key: str) -> None:
        """Give a camera as is wanted now, however often that has to be tried."""
        if (before := self._attempts.get(camera_key)) is not None:
            before.task.cancel()
        tried = asyncio.Event()
        work = self._async_try(camera_key, tried)
        task = self._hass.async_create_background_task(work, f"{DOMAIN} watch a camera")
        attempt = self._attempts[camera_key] = _Attempt(task, tried)
        task.add_done_callback(lambda _: self._forget(camera_key, attempt))

    async def async_now(self, camera_key: str) -> None:
        """Give a camera as is wanted now, and wait until that has been tried once.

        An older attempt that is still under way would otherwise undo it a moment later.
        """
        self.async_begin(camera_key)
        while (attempt := self._attempts.get(camera_key)) is not None and not attempt.tried.is_set():
            await attempt.tried.wait()

    async def async_stop(self) -> None:
        """Try nothing more."""
        tasks = tuple(attempt.task for attempt in self._attempts.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, camera_key: str, attempt: _Attempt) -> None:
        attempt.tried.set()
        if self._attempts.get(camera_key) is attempt:
            del self._attempts[camera_key]

    async def _async_try(self, camera_key: str, tried: asyncio.Event) -> None:
        while True:
            done = await self._async_give(camera_key)
            tried.set()
            if done:
                return
            await asyncio.sleep(RETRY)

    async def _async_give(self, camera_key: str) -> bool:
        try:
            return await self._give(camera_key)
        except Exception:  # noqa: BLE001 - logged, and tried again
            LOGGER.exception("What is to be watched of a camera could not be settled")
            return False
