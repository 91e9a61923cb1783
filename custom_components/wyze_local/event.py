"""What happens before a camera, as events for automations; and the button of a doorbell."""

from dataclasses import asdict
from typing import Any, override

from homeassistant.components.event import (
    DOMAIN as EVENT_DOMAIN,
    DoorbellEventType,
    EventDeviceClass,
    EventEntity,
    EventEntityDescription,
)
from homeassistant.components.image import DOMAIN as IMAGE_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .cameras import CameraItem
from .clip_ids import ClipPlace
from .const import DOMAIN
from .engine.events import CameraEvent, Fired, Kind
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .event_image import LAST_EVENT
from .wanted import Wants, async_follow_wanted

PARALLEL_UPDATES = 0

EVENTS = EventEntityDescription(key="events", translation_key="events")
DOORBELL = EventEntityDescription(
    key="doorbell",
    device_class=EventDeviceClass.DOORBELL,
    event_types=[DoorbellEventType.RING],
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the events of each camera that is watched, and the buttons of doorbells."""
    events = entry.runtime_data.events

    def follow(description: EventEntityDescription, wants: Wants, kinds: frozenset[Kind]) -> None:
        async_follow_wanted(
            hass,
            entry,
            (EVENT_DOMAIN, description.key),
            wants,
            lambda item: CameraEventEntity(entry, item, description, kinds),
            async_add_entities,
        )

    follow(EVENTS, lambda item: events.is_watched(item) or events.hears_presses(item), _kinds(entry))
    follow(DOORBELL, events.hears_presses, frozenset({Kind.RING}))


def _kinds(entry: WyzeLocalConfigEntry) -> frozenset[Kind]:
    """Return what may happen: without an account nobody tells more than that something moves."""
    if entry.runtime_data.events.hints is None:
        return frozenset({Kind.MOTION})
    return frozenset(Kind) - {Kind.RING}


class CameraEventEntity(WyzeLocalEntity, EventEntity):
    """Tells what happens before a camera. After a restart it still says what came last, and tells nothing."""

    _unrecorded_attributes = frozenset({"box", "picture"})

    def __init__(
        self,
        entry: WyzeLocalConfigEntry,
        item: CameraItem,
        description: EventEntityDescription,
        kinds: frozenset[Kind],
    ) -> None:
        """Tie the entity to its camera; `kinds` are what it tells."""
        super().__init__(entry.runtime_data.coordinator, item, description)
        self._attr_event_types = [kind.value for kind in Kind if kind in kinds]
        self._kinds = kinds
        self._events = entry.runtime_data.events
        self._news = self._events.camera(item.key)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what happens before the camera, and whether anybody could tell."""
        await super().async_added_to_hass()
        self.async_on_remove(self._news.async_listen(self._async_follow))
        self.async_on_remove(self._news.async_listen_events(self._async_on_event))
        self.async_on_remove(
            self.coordinator.config_entry.runtime_data.async_listen_cameras(self._async_follow)
        )
        if (account := self.coordinator.config_entry.runtime_data.account) is not None:
            self.async_on_remove(account.async_add_listener(self._async_follow))
        self._shown = self.available

    @property
    @override
    def available(self) -> bool:
        """Return whether anybody could tell: the watch here, or a cloud that is asked."""
        asked = self._events.hints is not None and self._events.hints.hears(self._kinds)
        return asked or (self._news.watched and Kind.MOTION in self._kinds)

    @callback
    def _async_follow(self) -> None:
        if self._shown is not self.available:
            self._shown = self.available
            self.async_write_ha_state()

    @callback
    def _async_on_event(self, fired: Fired) -> None:
        if fired.kind not in self._kinds:
            return
        # Core's triggers take no event whose entity becomes available by it.
        self._async_follow()
        self._trigger_event(fired.kind, self._attributes(fired.event))
        self.async_write_ha_state()

    def _attributes(self, event: CameraEvent) -> dict[str, Any]:
        """Return what automations may want to know of an event."""
        clip = ClipPlace(self.camera_key, event.clip_id).media_content_id if event.clip_id else None
        return {
            "event_id": event.id,
            "origin": event.origin.value,
            "score": None if event.score is None else round(event.score, 2),
            "zones": list(event.zones),
            "box": event.box and {key: round(value, 3) for key, value in asdict(event.box).items()},
            "frame_time": event.frame_time and dt_util.utc_from_timestamp(event.frame_time).isoformat(),
            "clip": clip,
            "clip_finished": event.clip_finished,
            "picture": self._picture(),
        }

    def _picture(self) -> str | None:
        """Return where the last event's picture can be had, by whoever is signed in or has it signed."""
        registry, unique_id = er.async_get(self.hass), f"{self.camera_key}_{LAST_EVENT}"
        entity_id = registry.async_get_entity_id(IMAGE_DOMAIN, DOMAIN, unique_id)
        if entity_id is None or registry.entities[entity_id].disabled_by is not None:
            return None
        return f"/api/image_proxy/{entity_id}"
