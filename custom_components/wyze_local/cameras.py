"""The cameras of an entry, whichever way it keeps them, and how every platform follows them.

Local cameras are config subentries, an account's lie in its entry's data. Nobody else needs to know.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import (
    ACCOUNT_SIGNED_IN,
    CONF_ACCOUNT,
    CONF_CAMERA_KEY,
    CONF_CAMERAS,
    CONF_KEYS_ALLOWED,
    CONF_KIND,
    CONF_MAC_HASH,
    CONF_MODEL,
    CONF_SERVER,
    DOMAIN,
    SERVER_EXTERNAL,
    SUBENTRY_CAMERA,
)
from .settings import CameraSettings, Engine

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry


@dataclass(frozen=True, slots=True)
class CameraItem:
    """A camera as Home Assistant's storage knows it: nothing of it is secret but its name."""

    key: str
    name: str
    """What the person, or the account, calls it."""
    data: Mapping[str, Any]
    """What is kept of it besides: model, keyed hash, settings."""
    subentry_id: str | None = None
    """The subentry that keeps a local camera; None for an account's."""

    @property
    def mac_hash(self) -> str:
        """The keyed hash of what makes it this camera and no other."""
        return str(self.data.get(CONF_MAC_HASH, ""))

    @property
    def model(self) -> str:
        """The vendor's model id; empty when nobody knows."""
        return str(self.data.get(CONF_MODEL, ""))

    @property
    def has_choices(self) -> bool:
        """Whether it understands what can be chosen; of a stream of any make nobody knows."""
        return CONF_KIND not in self.data


def is_account(entry: ConfigEntry) -> bool:
    """Tell whether an entry is a vendor account, signed in or one-time."""
    return CONF_ACCOUNT in entry.data


def is_signed_in(entry: ConfigEntry) -> bool:
    """Tell whether an entry is a vendor account that stays signed in."""
    return bool(entry.data.get(CONF_ACCOUNT) == ACCOUNT_SIGNED_IN)


def camera_items(entry: ConfigEntry) -> list[CameraItem]:
    """Return the cameras of an entry."""
    local = [
        CameraItem(one.data[CONF_CAMERA_KEY], one.title, one.data, one.subentry_id)
        for one in entry.get_subentries_of_type(SUBENTRY_CAMERA)
    ]
    kept: Mapping[str, Mapping[str, Any]] = entry.data.get(CONF_CAMERAS, {})
    return local + [CameraItem(key, data[CONF_NAME], data) for key, data in kept.items()]


def camera_item(entry: ConfigEntry, camera_key: str) -> CameraItem | None:
    """Return one camera of an entry."""
    return next((item for item in camera_items(entry) if item.key == camera_key), None)


def own_entries(hass: HomeAssistant) -> list[WyzeLocalConfigEntry]:
    """Return the integration's entries. A card that a person ignores is kept as one, and is none."""
    return hass.config_entries.async_entries(DOMAIN, include_ignore=False)


def all_cameras(hass: HomeAssistant) -> list[CameraItem]:
    """Return the cameras of all entries."""
    return [item for entry in own_entries(hass) for item in camera_items(entry)]


@callback
def async_change_camera(hass: HomeAssistant, entry: ConfigEntry, camera_key: str, **data: Any) -> None:
    """Keep something else of a camera, for example a setting; the entry follows it without a reload."""
    if (item := camera_item(entry, camera_key)) is None:
        return
    changed = {**item.data, **data}
    if item.subentry_id is not None:
        hass.config_entries.async_update_subentry(entry, entry.subentries[item.subentry_id], data=changed)
        return
    kept = {**entry.data[CONF_CAMERAS], camera_key: changed}
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CAMERAS: kept})


@callback
def async_follow_cameras(
    entry: WyzeLocalConfigEntry,
    make: Callable[[CameraItem], Iterable[Entity]],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entities of each camera once, now and whenever a camera joins."""
    known: set[str] = set()

    @callback
    def follow() -> None:
        items = {item.key: item for item in camera_items(entry)}
        # A camera that left for another entry may come back.
        known.intersection_update(items)
        for key, item in items.items():
            if key not in known:
                known.add(key)
                async_add_entities(make(item), config_subentry_id=item.subentry_id)

    follow()
    entry.async_on_unload(entry.runtime_data.async_listen_cameras(follow))


@callback
def camera_names(entry: ConfigEntry) -> dict[str, str]:
    """Return the names of an entry's cameras, by camera key."""
    return {item.key: item.name for item in camera_items(entry)}


@callback
def camera_settings(entry: WyzeLocalConfigEntry, camera_key: str) -> CameraSettings:
    """Return what the user chose for a camera."""
    item = camera_item(entry, camera_key)
    found = CameraSettings.parse(item.data if item else {})
    # Keys go to somebody else's program only with the owner's word.
    if is_external(entry) and not entry.options.get(CONF_KEYS_ALLOWED):
        return replace(found, engine=Engine.RELAY)
    return found


@callback
def is_external(entry: WyzeLocalConfigEntry) -> bool:
    """Tell whether the entry's stream server is one that somebody else runs."""
    return bool(entry.options.get(CONF_SERVER) == SERVER_EXTERNAL)
