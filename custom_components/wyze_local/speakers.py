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

OWN_TROUBLES = {
    "speaker_taken": "taken",
    "interrupted": "interrupted",
    "no_speaker": "no_speaker",
    "speaker_silent": "silent",
    "closed": "lost",
    "hung_up": "lost",
    "unknown_camera": "lost",
    "sound_unsupported": "unsupported",
    "sound_unreadable": "unreadable",
    "sound_stuck": "stuck",
    "sound_unknown": "sound_unknown",
    "no_ffmpeg": "no_ffmpeg",
}
"""Reasons that only speaking has, and the words for them; all others lie with camera or relay."""


def speech_key(reason: str, status: CameraStatus | None) -> str:
    """Return the exception key for why something was not said."""
    if (word := OWN_TROUBLES.get(reason)) is not None:
        return f"speech_{word}"
    return failure_key(reason, status)


@callback
def async_follow_speakers(
    hass: HomeAssistant,
    entry: WyzeLocalConfigEntry,
    key: str,
    make: Callable[[CameraItem], Entity],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity to each camera that has a speaker: one says so itself, when it lets us in.

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
            # Whether it is enabled depends on what else the camera has, so that is found out first.
            known_well = bool(data.controls.of(item.key).features)
            if kept or (known_well and data.shared.relaying.facts(item.key).speaker):
                known.add(item.key)
                async_add_entities([make(item)], config_subentry_id=item.subentry_id)

    follow()
    entry.async_on_unload(data.async_listen_cameras(follow))
    entry.async_on_unload(data.coordinator.async_add_listener(follow))
    entry.async_on_unload(data.controls.async_listen_features(follow))
