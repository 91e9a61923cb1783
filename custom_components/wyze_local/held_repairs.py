"""The repair of a camera that the watch worker keeps dying over: nobody sees motion before it for long.

It goes by itself once the camera has been watched for a while, or is not to be watched any more.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later

from .cameras import camera_names
from .const import DOMAIN, ISSUE_HELD
from .engine.watch import CRASHES, FORGIVEN, WatchNews, WatchPhase, WatchState
from .plain import plain
from .watching import WATCHED

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry

LASTS = 900.0
"""Seconds for which a camera may be held back, and tried again in vain, before its owner is told."""


class HeldRepairs:
    """Follows how the watch of one entry's cameras stands."""

    def __init__(self, entry: WyzeLocalConfigEntry) -> None:
        """Serve one entry."""
        self._entry = entry
        self._hass = entry.runtime_data.coordinator.hass
        self._ends: dict[str, Callable[[], None]] = {}
        self._due: dict[str, CALLBACK_TYPE] = {}
        """What calls the repair off of each camera that is held; it does nothing more once that is told."""
        self._well: dict[str, CALLBACK_TYPE] = {}
        """The same of what withdraws it."""

    @callback
    def async_start(self) -> Callable[[], None]:
        """Begin to follow; returns what ends it and withdraws all repairs."""
        stop = self._entry.runtime_data.async_listen_cameras(self._async_follow)
        self._async_follow()

        def end() -> None:
            stop()
            for camera_key, unfollow in self._ends.items():
                unfollow()
                self._over(camera_key)

        return end

    @callback
    def _async_follow(self) -> None:
        watching = self._entry.runtime_data.shared.watching
        for camera_key in camera_names(self._entry).keys() - self._ends.keys():
            take = partial(self._async_take, camera_key)
            self._ends[camera_key] = watching.async_follow(camera_key, _pass, take)

    @callback
    def _async_take(self, camera_key: str, state: WatchState) -> None:
        """Take how a watch stands; one that is tried again and again is held all the while."""
        if state.phase is WatchPhase.OFF:
            self._over(camera_key)
        elif camera_key in self._due and state.phase in WATCHED:
            if camera_key not in self._well:
                self._well[camera_key] = self._later(FORGIVEN, camera_key, self._async_well)
        elif (well := self._well.pop(camera_key, None)) is not None:
            well()
        if state.reason == CRASHES and camera_key not in self._due:
            self._due[camera_key] = self._later(LASTS, camera_key, self._async_report)

    def _later(self, seconds: float, camera_key: str, then: Callable[[str, datetime], None]) -> CALLBACK_TYPE:
        job = HassJob(partial(then, camera_key), cancel_on_shutdown=True)
        return async_call_later(self._hass, seconds, job)

    @callback
    def _async_report(self, camera_key: str, _now: datetime) -> None:
        name = camera_names(self._entry).get(camera_key, "")
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            _issue_id(camera_key),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE_HELD,
            translation_placeholders={"camera": plain(name)},
        )

    @callback
    def _async_well(self, camera_key: str, _now: datetime) -> None:
        self._over(camera_key)

    def _over(self, camera_key: str) -> None:
        """Withdraw what was told, or is about to be."""
        for timers in (self._due, self._well):
            if (cancel := timers.pop(camera_key, None)) is not None:
                cancel()
        ir.async_delete_issue(self._hass, DOMAIN, _issue_id(camera_key))


@callback
def _pass(_news: WatchNews) -> None:
    """Leave what happens before a camera to others."""


def _issue_id(camera_key: str) -> str:
    return f"{ISSUE_HELD}_{camera_key}"
