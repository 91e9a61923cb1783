"""When the vendor is asked how a camera stands: while the local network does not lead to it, and seldom.

Without an answer nobody could press what the vendor can switch. One at a time, never for a camera that is
in reach, and what was told is forgotten as soon as the vendor may not be asked any more.
"""

import asyncio
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .const import DOMAIN, LOGGER
from .control_cloud import CloudControls, CloudFailed
from .control_state import Path
from .engine.child import wait_for
from .status import Connection

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .controls import Controls
    from .coordinator import CamerasCoordinator

SETTLE = 30.0
"""Seconds for which a camera is out of reach before the vendor is asked: most come back before."""

EVERY = 900.0
"""Seconds between two questions about a camera that stays out of reach."""

AWAY = frozenset(
    {
        Connection.NO_ANSWER,
        Connection.ASLEEP,
        Connection.NOT_HERE,
        Connection.UNREACHABLE,
        Connection.BLOCKED,
        Connection.OUTSIDE,
        Connection.BUSY,
    }
)
"""Where the local network does not lead to a camera that may well be there."""


class CloudRounds:
    """Asks for the cameras of one account."""

    def __init__(
        self,
        controls: Controls,
        cloud: CloudControls,
        coordinator: CamerasCoordinator,
        account: AccountCoordinator,
    ) -> None:
        """Serve one entry."""
        self._controls = controls
        self._cloud = cloud
        self._coordinator = coordinator
        self._account = account
        self._clock = coordinator.shared.environment.clock
        self._away: dict[str, float] = {}
        """Since when cameras are out of reach, by the steady clock."""
        self._asked: dict[str, float] = {}
        self._wake = asyncio.Event()
        self._faulty = False

    @callback
    def async_start(self) -> None:
        """Begin; all of it ends with the entry."""
        entry = self._coordinator.config_entry
        entry.async_on_unload(self._coordinator.async_add_listener(self._async_note))
        entry.async_on_unload(self._account.async_add_listener(self._async_note))
        self._account.trust.listeners.append(self._async_note)
        entry.async_create_background_task(
            self._coordinator.hass, self._async_run(), f"{DOMAIN} controls by the vendor"
        )
        self._async_note()

    @callback
    def _async_note(self) -> None:
        """Take who is out of reach, and forget what is known of whom the vendor may not be asked now."""
        statuses, now = self._coordinator.data, self._clock.monotonic()
        gone = {key for key, status in statuses.items() if status.connection in AWAY}
        for camera_key in self._away.keys() - gone:
            del self._away[camera_key]
        for camera_key in gone - self._away.keys():
            self._away[camera_key] = now
        for camera_key in statuses:
            if self._controls.of(camera_key).path is Path.CLOUD and not self._cloud.may(camera_key):
                self._controls.async_lost(camera_key)
                self._asked.pop(camera_key, None)
        self._wake.set()

    def _due_at(self, camera_key: str) -> float | None:
        """Return when the vendor is to be asked about a camera; None while it is not."""
        features = self._controls.of(camera_key).features
        if not self._cloud.may(camera_key) or not self._cloud.within_reach(camera_key, features):
            return None
        due = self._away[camera_key] + SETTLE
        asked = self._asked.get(camera_key)
        return due if asked is None else max(due, asked + EVERY)

    async def _async_run(self) -> None:
        while True:
            self._wake.clear()
            try:
                pause = await self._async_round()
            except Exception as err:  # noqa: BLE001 - likewise
                pause = EVERY
                self._note_fault(err)
            await wait_for(self._clock, self._wake.wait(), pause)

    async def _async_round(self) -> float:
        """Ask about who is due; returns the seconds until somebody may be again."""
        found = {key: due for key in self._away if (due := self._due_at(key)) is not None}
        for camera_key in [key for key, due in found.items() if due <= self._clock.monotonic()]:
            await self._async_ask(camera_key)
            found.pop(camera_key)
        now = self._clock.monotonic()
        return min((max(due - now, 0.0) for due in found.values()), default=EVERY)

    async def _async_ask(self, camera_key: str) -> None:
        if camera_key not in self._away:
            return
        self._asked[camera_key] = self._clock.monotonic()
        try:
            told = await self._cloud.async_read(camera_key, self._controls.of(camera_key).features)
        except CloudFailed:
            return
        except Exception as err:  # noqa: BLE001 - a mistake must cost one question, not all that would follow
            self._note_fault(err)
            return
        # It may have come back meanwhile, and its own word counts more.
        if camera_key in self._away and self._controls.of(camera_key).path is not Path.LAN:
            self._controls.async_hear_of(camera_key, told)

    def _note_fault(self, err: Exception) -> None:
        """Log what nobody foresaw, once."""
        if not self._faulty:
            LOGGER.error("The vendor could not be asked how cameras stand", exc_info=err)
        self._faulty = True
