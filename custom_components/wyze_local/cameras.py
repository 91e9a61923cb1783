"""Lets every platform follow the cameras of an entry: those there now and those added while it runs."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import (
    CONF_CAMERA_KEY,
    CONF_KEYS_ALLOWED,
    CONF_KIND,
    CONF_SERVER,
    DOMAIN,
    SERVER_EXTERNAL,
    SUBENTRY_CAMERA,
)
from .settings import CameraSettings, Engine

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry


def camera_subentries(entry: WyzeLocalConfigEntry) -> list[ConfigSubentry]:
    """Return the cameras of an entry as the config entry knows them."""
    return list(entry.get_subentries_of_type(SUBENTRY_CAMERA))


def all_cameras(hass: HomeAssistant) -> list[ConfigSubentry]:
    """Return the cameras of all entries."""
    return [one for entry in hass.config_entries.async_entries(DOMAIN) for one in camera_subentries(entry)]


@callback
def async_follow_cameras(
    entry: WyzeLocalConfigEntry,
    make: Callable[[ConfigSubentry], Iterable[Entity]],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entities of each camera once, now and whenever a camera joins."""
    known: set[str] = set()

    @callback
    def follow() -> None:
        for subentry in camera_subentries(entry):
            if subentry.subentry_id not in known:
                known.add(subentry.subentry_id)
                async_add_entities(make(subentry), config_subentry_id=subentry.subentry_id)

    follow()
    entry.async_on_unload(entry.runtime_data.async_listen_cameras(follow))


def has_choices(subentry: ConfigSubentry) -> bool:
    """Tell whether a camera understands what can be chosen; of a stream of any make nobody knows."""
    return CONF_KIND not in subentry.data


@callback
def camera_names(entry: WyzeLocalConfigEntry) -> dict[str, str]:
    """Return the names the user gave, by camera key."""
    return {subentry.data[CONF_CAMERA_KEY]: subentry.title for subentry in camera_subentries(entry)}


@callback
def camera_settings(entry: WyzeLocalConfigEntry, camera_key: str) -> CameraSettings:
    """Return what the user chose for a camera."""
    found = CameraSettings()
    for subentry in camera_subentries(entry):
        if subentry.data[CONF_CAMERA_KEY] == camera_key:
            found = CameraSettings.parse(subentry.data)
    # Keys go to somebody else's program only with the owner's word.
    if is_external(entry) and not entry.options.get(CONF_KEYS_ALLOWED):
        return replace(found, engine=Engine.RELAY)
    return found


@callback
def is_external(entry: WyzeLocalConfigEntry) -> bool:
    """Tell whether the entry's stream server is one that somebody else runs."""
    return bool(entry.options.get(CONF_SERVER) == SERVER_EXTERNAL)
