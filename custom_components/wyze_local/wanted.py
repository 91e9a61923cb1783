"""Entities that are there only for cameras of which somebody wants them."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import CameraItem, camera_items
from .const import DOMAIN
from .entry import WyzeLocalConfigEntry

type Wants = Callable[[CameraItem], bool]


@callback
def async_follow_wanted(
    hass: HomeAssistant,
    entry: WyzeLocalConfigEntry,
    what: tuple[str, str],
    wants: Wants,
    make: Callable[[CameraItem], Entity],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one entity to each camera of which it is wanted, and take it away when it is not any more.

    `what` is its platform and the key of its description. Home Assistant remembers what a person changed of
    it, should it come back.
    """
    domain, key = what
    known: set[str] = set()

    @callback
    def follow() -> None:
        items = {item.key: item for item in camera_items(entry)}
        known.intersection_update(items)
        for item in items.values():
            if wants(item):
                if item.key not in known:
                    known.add(item.key)
                    async_add_entities([make(item)], config_subentry_id=item.subentry_id)
                continue
            known.discard(item.key)
            registry = er.async_get(hass)
            if entity_id := registry.async_get_entity_id(domain, DOMAIN, f"{item.key}_{key}"):
                registry.async_remove(entity_id)

    follow()
    entry.async_on_unload(entry.runtime_data.async_listen_cameras(follow))
