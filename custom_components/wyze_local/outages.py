"""The repair of a camera that has been away for long: camera, cause and next step; it goes by itself."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later

from .cameras import camera_names
from .const import DOMAIN
from .status import LASTING, MAY_SLEEP, CameraStatus, Connection

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator

LASTS = 900.0
"""Seconds for which a camera may be away before somebody is asked to do something."""

SAYS_NOTHING = frozenset({Connection.CHECKING, Connection.SERVER_DOWN})
"""The verdicts that say nothing about the camera: what was before still holds."""

SLEEPS = MAY_SLEEP | {Connection.UNPROVEN}
"""The verdicts that a battery model may have for days."""


class Outages:
    """Follows the verdicts on one entry's cameras."""

    def __init__(self, coordinator: CamerasCoordinator) -> None:
        """Begin without any outage."""
        self._coordinator = coordinator
        self._timers: dict[str, CALLBACK_TYPE] = {}
        """What ends the wait of each camera that is away; once it is over it does nothing more."""
        self._lasting: set[str] = set()
        """The cameras whose wait is over."""
        self._reported: dict[str, tuple[Connection, str]] = {}

    @callback
    def async_start(self) -> Callable[[], None]:
        """Begin to follow; returns what ends it and withdraws all repairs."""
        stop = self._coordinator.async_add_listener(self._async_follow)
        self._async_follow()

        def end() -> None:
            stop()
            for camera_key in tuple(self._timers):
                self._over(camera_key)

        return end

    @callback
    def _async_follow(self) -> None:
        statuses = self._coordinator.data
        for camera_key, status in statuses.items():
            if status.connection in SAYS_NOTHING:
                continue
            if not _is_away(status):
                self._over(camera_key)
            elif camera_key not in self._timers:
                job = HassJob(partial(self._async_lasts, camera_key), cancel_on_shutdown=True)
                self._timers[camera_key] = async_call_later(self._coordinator.hass, LASTS, job)
            elif camera_key in self._lasting:
                self._report(camera_key, status.connection)
        for camera_key in self._timers.keys() - statuses.keys():
            self._over(camera_key)

    @callback
    def _async_lasts(self, camera_key: str, _now: datetime) -> None:
        self._lasting.add(camera_key)
        self._report(camera_key, self._coordinator.data[camera_key].connection)

    def _report(self, camera_key: str, connection: Connection) -> None:
        """Ask for the repair, with the present cause and name."""
        name = camera_names(self._coordinator.config_entry).get(camera_key, "")
        if connection in SAYS_NOTHING or self._reported.get(camera_key) == (connection, name):
            return
        self._reported[camera_key] = connection, name
        ir.async_create_issue(
            self._coordinator.hass,
            DOMAIN,
            _issue_id(camera_key),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=f"lasting_{connection.value}",
            translation_placeholders={"camera": name},
        )

    def _over(self, camera_key: str) -> None:
        """Withdraw what was asked for, or is about to be."""
        if (cancel := self._timers.pop(camera_key, None)) is not None:
            cancel()
        self._lasting.discard(camera_key)
        if self._reported.pop(camera_key, None) is not None:
            ir.async_delete_issue(self._coordinator.hass, DOMAIN, _issue_id(camera_key))


def _is_away(status: CameraStatus) -> bool:
    return status.connection in LASTING and not (status.battery and status.connection in SLEEPS)


def _issue_id(camera_key: str) -> str:
    return f"camera_away_{camera_key}"
