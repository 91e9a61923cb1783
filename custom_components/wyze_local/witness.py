"""Hears how an account's cameras take their keys all day long, and tells where that says whose they are.

A camera that refuses the key it was admitted with, again and again, was set up anew or is not what it was.
Silence says nothing: only handshakes come here, in which something answered as a camera.
"""

from typing import TYPE_CHECKING

from homeassistant.core import callback

from .cameras import camera_item
from .engine.model import Credentials
from .engine.ownership import Ours, Proof, Replace
from .engine.vault import CameraRecord
from .ownership import Ownership

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry


class Witness:
    """Follows the handshakes with the cameras of one entry."""

    def __init__(
        self, entry: WyzeLocalConfigEntry, cameras: CamerasCoordinator, ownership: Ownership
    ) -> None:
        """Serve one entry."""
        self._entry = entry
        self._cameras = cameras
        self._ownership = ownership
        self._installation = cameras.shared.installation

    @callback
    def async_start(self) -> None:
        """Begin to listen; it ends with the coordinator that it listens to."""
        self._cameras.on_handshake = self._async_on_handshake

    @callback
    def _async_on_handshake(self, camera_key: str, record: CameraRecord, worked: bool) -> None:
        """Take a handshake with the keys that were tried; those that the vault holds may be others by now."""
        item, way = camera_item(self._entry, camera_key), record.camera.credentials
        if item is None or not isinstance(way, Credentials):
            return
        ours = self._ownership.pinned(item.mac_hash)
        if ours is None or not _says_something(ours, worked=worked):
            return
        proof = Proof(item.mac_hash, self._installation.keys_of(way.uid, way.enr), worked)
        # Keys are replaced where they are sealed first, and nowhere else.
        if proof.keys != ours.pin.keys or self._ownership.would_say(proof, Replace):
            return
        self._ownership.tell(proof)
        if self._ownership.camera_standing(camera_key) is not ours.standing:
            self._cameras.async_update_listeners()


def _says_something(ours: Ours, *, worked: bool) -> bool:
    """Tell whether a handshake with the pinned keys is news: for what is none nothing is written."""
    candidate = ours.candidate
    if worked:
        return ours.refusals.count > 0 or (
            candidate is not None and (candidate.works or candidate.old_refused)
        )
    return not ours.refusals.suspect or (candidate is not None and not candidate.old_refused)
