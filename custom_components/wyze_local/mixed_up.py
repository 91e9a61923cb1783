"""Finds keys that an account tells for the wrong camera: a proof would not tell, for the right one answers.

In February 2024 the vendor mixed up ids of devices, and 13,000 people saw other people's rooms. A handshake
proves that somebody has the key, not which of the cameras it is. So a key belongs to the camera that had it
first, here or in the list.
"""

from collections import Counter
from collections.abc import Iterable

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .cameras import camera_items, own_entries
from .engine.cloud import CloudCamera
from .engine.model import Credentials, Secret
from .entry import WyzeLocalConfigEntry


@callback
def key_of_another(hass: HomeAssistant, fingerprint: str, way: Credentials) -> bool:
    """Tell whether a camera here that is known by another keyed hash has this id or this key.

    Of entries that are not loaded nobody knows.
    """
    entries: list[WyzeLocalConfigEntry] = own_entries(hass)
    for entry in entries:
        if entry.state is not ConfigEntryState.LOADED:
            continue
        records = entry.runtime_data.vault.records
        for item in camera_items(entry):
            record = records.get(item.key)
            if record is None or item.mac_hash == fingerprint:
                continue
            theirs = record.camera.credentials
            if isinstance(theirs, Credentials) and (theirs.enr == way.enr or theirs.uid == way.uid):
                return True
    return False


def told_twice(cameras: Iterable[CloudCamera]) -> frozenset[Secret]:
    """Return the ids and keys that a list tells for more than one camera: nobody knows whose they are."""
    told = Counter(one for camera in cameras for one in {camera.uid, camera.enr} if one)
    return frozenset(one for one, times in told.items() if times > 1)
