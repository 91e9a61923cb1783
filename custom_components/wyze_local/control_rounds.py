"""When cameras are asked how their controls stand: where it costs nothing, or rarely.

A camera whose pictures somebody watches has a session anyway, so it is asked each minute. One at rest gets a
short session now and then. A battery model is never woken for it, and a camera that is away is not dialled:
whether it is back is found out by the checks.
"""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, callback

from .const import DOMAIN
from .control_calls import CameraCalls
from .control_state import ControlFailed
from .engine.child import wait_for

if TYPE_CHECKING:
    from .controls import Controls
    from .coordinator import CamerasCoordinator

WITH_SESSION = 60.0
"""Seconds between two rounds with a camera whose session is held anyway."""

AT_REST = 900.0
"""Seconds between two short sessions with a camera at rest."""

AGAIN = 60.0
"""Seconds until a camera at rest that gave no answer is asked again; doubled each time, up to `AT_REST`."""

SETTLE = 2.0
"""Seconds that a new session is left to whoever wanted it: a first picture goes before."""

LONGEST = 60.0
"""Seconds after which it is looked anew who is due, whatever happens meanwhile."""

NEVER = float("-inf")


@dataclass(slots=True)
class _Record:
    """How it went with one camera."""

    asked_at: float = NEVER
    failures: int = 0
    live_since: float | None = None
    available: bool = False


class ControlRounds:
    """Asks the cameras of one entry, one after the other."""

    def __init__(self, controls: Controls, coordinator: CamerasCoordinator) -> None:
        """Serve one entry."""
        self._controls = controls
        self._coordinator = coordinator
        self._clock = coordinator.shared.environment.clock
        self._calls = CameraCalls(coordinator)
        self._records: dict[str, _Record] = {}
        self._wake = asyncio.Event()

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Begin; returns what stops to listen. The work itself ends with the entry."""
        entry = self._coordinator.config_entry
        entry.async_create_background_task(self._coordinator.hass, self._async_run(), f"{DOMAIN} controls")
        self._async_note()
        return self._coordinator.async_add_listener(self._async_note)

    @callback
    def _async_note(self) -> None:
        """Take how the cameras stand: who went away is forgotten, who came is due."""
        statuses = self._coordinator.data
        for camera_key in self._records.keys() - statuses.keys():
            del self._records[camera_key]
        self._controls.async_follow(statuses)
        now = self._clock.monotonic()
        for camera_key, status in statuses.items():
            record = self._records.setdefault(camera_key, _Record())
            live = self._coordinator.is_live(camera_key)
            if not live:
                record.live_since = None
            elif record.live_since is None:
                record.live_since = now
                self._wake.set()
            if status.available and not record.available:
                # It may have been restarted, or told otherwise, while it was away.
                record.asked_at, record.failures = NEVER, 0
                self._wake.set()
            elif record.available and not status.available:
                self._controls.async_lost(camera_key)
            record.available = status.available

    async def _async_run(self) -> None:
        while True:
            now = self._clock.monotonic()
            found = ((key, self._due_at(key, record)) for key, record in self._records.items())
            due = {key: at for key, at in found if at is not None}
            for camera_key in sorted((key for key, at in due.items() if at <= now), key=due.__getitem__):
                await self._async_ask(camera_key)
            later = [at for at in due.values() if at > now]
            pause = min([LONGEST, *(at - now for at in later)])
            self._wake.clear()
            await wait_for(self._clock, self._wake.wait(), pause)

    def _due_at(self, camera_key: str, record: _Record) -> float | None:
        """Return when a camera is to be asked, by the monotonic clock; None while it is not."""
        watched = self._coordinator.watched(camera_key)
        if watched is None or not record.available or not (watched.settings.relayed or watched.called):
            return None
        if record.live_since is not None:
            # Where go2rtc holds the session that brings the pictures, the questions need one of their own.
            every = AT_REST if watched.called else WITH_SESSION
            return max(record.live_since + SETTLE, record.asked_at + every)
        if watched.battery:
            return None
        if record.failures:
            return record.asked_at + min(AT_REST, AGAIN * 2.0 ** (record.failures - 1))
        return record.asked_at + AT_REST

    async def _async_ask(self, camera_key: str) -> None:
        if (record := self._records.get(camera_key)) is None:
            return
        try:
            await self._controls.async_refresh(camera_key)
            record.failures = 0
        except ControlFailed:
            record.failures += 1
        record.asked_at = self._clock.monotonic()
        await self._calls.async_leave(camera_key)
