"""When cameras are asked how their controls stand: where it costs nothing, or rarely.

A camera whose pictures somebody watches has a session anyway, so it is asked each minute. One at rest gets a
short session now and then, right after a check found it well: what else there may be to find out, a refused
key above all, is found out once, and by the checks. A battery model is never woken for it, and a camera that
is away is not dialled.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, callback

from .const import DOMAIN, LOGGER
from .control_calls import CameraCalls
from .control_state import ControlFailed, Path
from .engine.child import wait_for
from .engine.control import Feature

if TYPE_CHECKING:
    from .controls import Controls
    from .coordinator import CamerasCoordinator

WITH_SESSION = 60.0
"""Seconds between two rounds with a camera whose session is held anyway."""

AT_REST = 900.0
"""Seconds between two short sessions with a camera at rest."""

AGAIN = 60.0
"""Seconds until a camera at rest that gave no answer is asked again; doubled each time, up to `AT_REST`."""

FRESH = 60.0
"""Seconds after a check for which a camera at rest is asked. The next check is minutes away."""

SETTLE = 2.0
"""Seconds that a new session is left to whoever wanted it: a first picture goes before."""

SOON = 3.0
"""Seconds after a command in vain until it is looked what came of it: its session is still there then."""

ENDS = 60.0
"""Seconds until it is looked whether a siren that was switched on has ended by itself, and between looks."""

ENDS_LOOKS = 5
"""How often that is looked, if it goes on."""

AT_ONCE = 4
"""Cameras that are asked side by side: one that is slow holds up nobody."""

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
    checked: datetime | None = None
    checked_at: float = NEVER
    """When a check said that, by the monotonic clock."""
    soon_at: float | None = None
    ends_at: float | None = None
    """When it is looked whether what it was told has ended by itself."""
    ends_looks: int = 0
    """How many such looks are left."""
    asking: bool = False


class ControlRounds:
    """Asks the cameras of one entry."""

    def __init__(self, controls: Controls, coordinator: CamerasCoordinator) -> None:
        """Serve one entry."""
        self._controls = controls
        self._coordinator = coordinator
        self._clock = coordinator.shared.environment.clock
        self._calls = CameraCalls(coordinator)
        self._records: dict[str, _Record] = {}
        self._wake = asyncio.Event()
        self._faulty = False

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Begin; returns what stops to listen. The work itself ends with the entry."""
        entry = self._coordinator.config_entry
        entry.async_create_background_task(self._coordinator.hass, self._async_run(), f"{DOMAIN} controls")
        self._async_note()
        return self._coordinator.async_add_listener(self._async_note)

    @callback
    def async_soon(self, camera_key: str) -> None:
        """Have a camera asked in a few seconds: it was told something, and how it stands now is not known."""
        if (record := self._records.get(camera_key)) is not None:
            record.soon_at = self._clock.monotonic() + SOON
            self._wake.set()

    @callback
    def async_expect_end(self, camera_key: str, *, on: bool) -> None:
        """Have a camera asked now and then whether its siren, just switched, has ended by itself."""
        if (record := self._records.get(camera_key)) is not None:
            record.ends_looks = ENDS_LOOKS if on else 0
            self._plan_look(record)
            self._wake.set()

    def _plan_look(self, record: _Record) -> None:
        """Plan the next look whether a siren has ended; none where none is left."""
        record.ends_at = self._clock.monotonic() + ENDS if record.ends_looks > 0 else None

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
            self._note_session(camera_key, record)
            if checked := status.checked_at != record.checked:
                record.checked, record.checked_at = status.checked_at, now
                self._wake.set()
            if status.available and not record.available:
                # It may have been restarted, or told otherwise, while it was away.
                record.asked_at, record.failures = NEVER, 0
                self._wake.set()
            elif record.available and not status.available:
                record.soon_at = record.ends_at = None
                self._controls.async_lost(camera_key)
            elif checked and not status.available and self._controls.of(camera_key).path is Path.LAN:
                # It obeyed a person since it went away, and is away again.
                self._controls.async_lost(camera_key)
            record.available = status.available

    def _note_session(self, camera_key: str, record: _Record) -> None:
        """Take whether a session is held. One that only a command wanted ends without any other news."""
        if not self._coordinator.is_live(camera_key):
            record.live_since = None
        elif record.live_since is None:
            record.live_since = self._clock.monotonic()
            self._wake.set()

    async def _async_run(self) -> None:
        async with asyncio.TaskGroup() as asking:
            while True:
                self._wake.clear()
                try:
                    pause = self._begin(asking)
                except Exception as err:  # noqa: BLE001 - likewise
                    pause = LONGEST
                    self._note_fault(err)
                await wait_for(self._clock, self._wake.wait(), pause)

    def _begin(self, asking: asyncio.TaskGroup) -> float:
        """Begin to ask who is due, the longest due first; returns the seconds until somebody may be again."""
        now = self._clock.monotonic()
        due: dict[str, float] = {}
        for camera_key, record in self._records.items():
            self._note_session(camera_key, record)
            if not record.asking and (at := self._due_at(camera_key, record)) is not None:
                due[camera_key] = at
        free = AT_ONCE - sum(record.asking for record in self._records.values())
        ready = sorted((key for key, at in due.items() if at <= now), key=due.__getitem__)
        for camera_key in ready[:free]:
            record = self._records[camera_key]
            record.asking = True
            asking.create_task(self._async_ask(camera_key, record))
        # Who has to wait for a place gets it when somebody leaves one.
        return min([LONGEST, *(at - now for at in due.values() if at > now)])

    def _due_at(self, camera_key: str, record: _Record) -> float | None:
        """Return when a camera is to be asked, by the monotonic clock; None while it is not."""
        watched = self._coordinator.watched(camera_key)
        if watched is None or not record.available or not (watched.settings.relayed or watched.called):
            return None
        wanted = [at for at in (record.soon_at, record.ends_at) if at is not None]
        if wanted and not watched.battery:
            return min(wanted)
        if wanted and record.live_since is not None:
            # It may have waited for somebody to look.
            return max(record.live_since + SETTLE, min(wanted))
        if record.live_since is not None:
            # Where go2rtc holds the session that brings the pictures, the questions need one of their own.
            every = AT_REST if watched.called else WITH_SESSION
            return max(record.live_since + SETTLE, record.asked_at + every)
        if watched.battery or self._clock.monotonic() > record.checked_at + FRESH:
            return None
        if record.failures:
            return record.asked_at + min(AT_REST, AGAIN * 2.0 ** (record.failures - 1))
        return record.asked_at + AT_REST

    async def _async_ask(self, camera_key: str, record: _Record) -> None:
        """Ask one camera. Whatever goes wrong, the next round comes."""
        record.soon_at = record.ends_at = None
        try:
            await self._async_refresh(camera_key, record)
            await self._calls.async_leave(camera_key)
        except Exception as err:  # noqa: BLE001 - a mistake must cost one round, not all that would follow
            record.failures += 1
            self._note_fault(err)
        finally:
            record.asked_at = self._clock.monotonic()
            record.asking = False
            self._look_again(camera_key, record)
            self._wake.set()

    async def _async_refresh(self, camera_key: str, record: _Record) -> None:
        try:
            await self._controls.async_refresh(camera_key)
            record.failures = 0
            if record.available:
                await self._controls.async_restore(camera_key)
            if not record.available:
                # It went away in the middle, and what it said before would be shown until it is back.
                self._controls.async_lost(camera_key)
        except ControlFailed:
            record.failures += 1

    def _look_again(self, camera_key: str, record: _Record) -> None:
        """Plan another look after one, while a siren sounds on and was not switched meanwhile."""
        if record.ends_looks > 0 and record.ends_at is None:
            sounds = self._controls.of(camera_key).values.get(Feature.SIREN) is True
            record.ends_looks = record.ends_looks - 1 if sounds else 0
            self._plan_look(record)

    def _note_fault(self, err: Exception) -> None:
        """Log what nobody foresaw, once."""
        if not self._faulty:
            LOGGER.error("The cameras could not be asked about their controls", exc_info=err)
        self._faulty = True
