"""Hears how an account's cameras answer all day long, and tells where that says something of whose they are.

A camera that refuses the key it was admitted with, again and again, was set up anew or is not what it was.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .cameras import CameraItem, camera_items
from .engine.ownership import Proof, Replace
from .ownership import Ownership
from .status import AVAILABLE, Connection

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry


class Witness:
    """Follows the verdicts on the cameras of one entry."""

    def __init__(
        self,
        entry: WyzeLocalConfigEntry,
        cameras: CamerasCoordinator,
        ownership: Ownership,
        changed: Callable[[], None],
    ) -> None:
        """Serve one entry; `changed` is called when something was told."""
        self._entry = entry
        self._cameras = cameras
        self._ownership = ownership
        self._changed = changed
        self._seen: dict[str, tuple[Connection, datetime]] = {}

    @callback
    def async_start(self) -> None:
        """Begin to listen, until the entry is unloaded."""
        self._entry.async_on_unload(self._cameras.async_add_listener(self._async_on_cameras))

    @callback
    def _async_on_cameras(self) -> None:
        for item in camera_items(self._entry):
            status = self._cameras.data.get(item.key)
            if status is None or status.checked_at is None:
                continue
            seen = (status.connection, status.checked_at)
            if self._seen.get(item.key) != seen:
                self._seen[item.key] = seen
                if status.connection is Connection.WRONG_KEY or status.connection in AVAILABLE:
                    self._take(item, worked=status.connection in AVAILABLE)

    @callback
    def _take(self, item: CameraItem, *, worked: bool) -> None:
        """Tell of a handshake with the keys that a camera has, where it says something new."""
        ours = self._ownership.pinned(item.mac_hash)
        if ours is None or not ours.pin.keys:
            return
        if worked and not ours.refusals.count and ours.candidate is None:
            return
        proof = Proof(item.mac_hash, ours.pin.keys, worked)
        # Keys are replaced where they are sealed first, and nowhere else.
        if not self._ownership.would_say(proof, Replace):
            self._ownership.tell(proof)
            self._changed()
