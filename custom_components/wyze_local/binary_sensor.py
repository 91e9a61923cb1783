"""Motion, as it is seen here, without a word of any cloud; and whether a camera has a card in it."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    DOMAIN as BINARY_SENSOR_DOMAIN,
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import CameraItem
from .control_entity import ControlEntity, ControlEntityDescription, async_follow_features
from .engine.control import Feature
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .wanted import async_follow_wanted

PARALLEL_UPDATES = 0

MOTION = BinarySensorEntityDescription(key="motion", device_class=BinarySensorDeviceClass.MOTION)


@dataclass(frozen=True, kw_only=True)
class ControlBinarySensorEntityDescription(BinarySensorEntityDescription, ControlEntityDescription):
    """Something that a camera tells of itself."""


CONTROLS = (
    ControlBinarySensorEntityDescription(
        key="sd_card",
        translation_key="sd_card",
        feature=Feature.SD_CARD,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the motion of each camera that is watched, and what cameras tell, present and future."""
    async_follow_wanted(
        hass,
        entry,
        (BINARY_SENSOR_DOMAIN, MOTION.key),
        entry.runtime_data.events.is_watched,
        lambda item: MotionSensor(entry, item),
        async_add_entities,
    )
    async_follow_features(entry, CONTROLS, ControlBinarySensor, async_add_entities)


class ControlBinarySensor(ControlEntity, BinarySensorEntity):
    """Something that a camera told of itself."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what it told."""
        return said if isinstance(said := self.said, bool) else None


class MotionSensor(WyzeLocalEntity, BinarySensorEntity):
    """Whether something moves before a camera; off after a restart, until something does."""

    def __init__(self, entry: WyzeLocalConfigEntry, item: CameraItem) -> None:
        """Tie the entity to its camera."""
        super().__init__(entry.runtime_data.coordinator, item, MOTION)
        self._news = entry.runtime_data.events.camera(item.key)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what happens before the camera."""
        await super().async_added_to_hass()
        self.async_on_remove(self._news.async_listen(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """Return whether somebody looks."""
        return self._news.watched

    @property
    @override
    def is_on(self) -> bool:
        """Return whether something moves."""
        return self._news.moving
