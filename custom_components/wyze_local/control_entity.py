"""What all entities share that show and change what a camera can be told: its last answer, never a guess.

The platforms describe; `controls.py` asks the camera, reads back, and says who changed what.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import CameraItem, camera_items
from .control_state import ControlState, Path
from .engine.control import Feature, Move, Value
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .ranks import async_is_enabled


@dataclass(frozen=True, kw_only=True)
class ControlEntityDescription(EntityDescription):
    """Which feature of a camera an entity is about: only cameras that have it get the entity."""

    feature: Feature


@callback
def async_follow_features[Description: ControlEntityDescription](
    entry: WyzeLocalConfigEntry,
    descriptions: Iterable[Description],
    make: Callable[[WyzeLocalConfigEntry, CameraItem, Description], Entity],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entities of what each camera has, each once: now, when a camera joins, when it tells more."""
    controls = entry.runtime_data.controls
    known: set[tuple[str, str]] = set()

    @callback
    def follow() -> None:
        items = {item.key: item for item in camera_items(entry)}
        # A camera that left for another entry may come back.
        known.intersection_update([(camera, key) for camera, key in known if camera in items])
        for item in items.values():
            features = controls.of(item.key).features
            fresh = [
                description
                for description in descriptions
                if description.feature in features and (item.key, description.key) not in known
            ]
            known.update((item.key, description.key) for description in fresh)
            if fresh:
                async_add_entities(
                    [make(entry, item, description) for description in fresh],
                    config_subentry_id=item.subentry_id,
                )

    follow()
    entry.async_on_unload(entry.runtime_data.async_listen_cameras(follow))
    entry.async_on_unload(controls.async_listen_features(follow))


class ControlEntity(WyzeLocalEntity):
    """One feature of one camera."""

    def __init__(
        self, entry: WyzeLocalConfigEntry, item: CameraItem, description: ControlEntityDescription
    ) -> None:
        """Tie the entity to its camera; whether it is enabled depends on what else the camera has."""
        data = entry.runtime_data
        super().__init__(data.coordinator, item, description)
        self._controls = data.controls
        self._feature = description.feature
        self._attr_entity_registry_enabled_default = async_is_enabled(entry, item, description.key)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what the camera answers."""
        await super().async_added_to_hass()
        self.async_on_remove(self._controls.async_listen(self.camera_key, self.async_write_ha_state))

    @property
    def control(self) -> ControlState:
        """What the camera said last."""
        return self._controls.of(self.camera_key)

    @property
    def said(self) -> Value | None:
        """What the camera said last of this feature; None while it is out of reach."""
        return self.control.values.get(self._feature)

    @property
    @override
    def available(self) -> bool:
        """Return whether the camera says how the feature stands; a picture is another matter."""
        return self.said is not None

    async def async_set(self, value: Value) -> None:
        """Have the camera told, and its answer read; raises HomeAssistantError with what to do."""
        await self._controls.async_set(self.camera_key, self._feature, value)

    async def async_move(self, move: Move) -> None:
        """Have the camera look elsewhere; raises HomeAssistantError with what to do."""
        await self._controls.async_move(self.camera_key, move)


class CommandEntity(ControlEntity):
    """A feature that has no state of its own: something that a camera can be told, over and over."""

    @property
    @override
    def available(self) -> bool:
        """Return whether the camera listens: these are nothing that the vendor could tell it."""
        return self.control.path is Path.LAN and self._feature in self.control.features


class ControlToggle(ControlEntity):
    """A feature that is on or off, whatever platform shows it."""

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return which way the camera is spoken to: by the vendor's cloud only where the LAN ends."""
        return {"path": self.control.path.value}

    @property
    def is_on(self) -> bool | None:
        """Return what the camera says."""
        return said if isinstance(said := self.said, bool) else None

    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch it on."""
        await self.async_set(True)

    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch it off."""
        await self.async_set(False)
