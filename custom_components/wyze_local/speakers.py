"""The cameras' speakers: which camera has one, and why something was not said through it."""

from collections.abc import Callable

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import CameraItem, camera_items
from .const import DOMAIN
from .entry import WyzeLocalConfigEntry
from .status import CameraStatus
from .webrtc import failure_key

SUPERSEDED = "superseded"
"""The reason of what had to end for something newer."""

_KEYS = {
    "speaker_taken": "speaker_taken",
    "interrupted": "speaker_interrupted",
    "no_speaker": "speaker_missing",
    "speaker_silent": "speaker_silent",
    "closed": "speaker_lost",
    "hung_up": "speaker_lost",
    "unknown_camera": "speaker_lost",
    "sound_unsupported": "speaker_unsupported",
    "sound_unreadable": "sound_unreadable",
    "sound_stuck": "sound_stuck",
    "no_ffmpeg": "sound_no_ffmpeg",
}


def speaker_key(reason: str, status: CameraStatus | None) -> str:
    """Return the exception key for why something was not said."""
    return _KEYS.get(reason) or failure_key(reason, status)


@callback
def async_follow_speakers(
    hass: HomeAssistant,
    entry: WyzeLocalConfigEntry,
    key: str,
    make: Callable[[CameraItem], Entity],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity to each camera that has a speaker: one says so itself, at its first log-in.

    `key` is that of the entity's description. One that was there before is there while its camera is off.
    """
    data = entry.runtime_data
    registry = er.async_get(hass)
    known: set[str] = set()

    @callback
    def follow() -> None:
        items = {item.key: item for item in camera_items(entry)}
        known.intersection_update(items)
        for item in items.values():
            if item.key in known:
                continue
            unique_id = f"{item.key}_{key}"
            kept = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, unique_id)
            if kept or data.shared.relaying.facts(item.key).speaker:
                known.add(item.key)
                async_add_entities([make(item)], config_subentry_id=item.subentry_id)

    follow()
    entry.async_on_unload(data.async_listen_cameras(follow))
    entry.async_on_unload(data.coordinator.async_add_listener(follow))
