"""Motion, as it is seen here: on while something moves. No cloud has a word in it."""

from typing import override

from homeassistant.components.binary_sensor import (
    DOMAIN as BINARY_SENSOR_DOMAIN,
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import CameraItem
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .wanted import async_follow_wanted

PARALLEL_UPDATES = 0

MOTION = BinarySensorEntityDescription(key="motion", device_class=BinarySensorDeviceClass.MOTION)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the motion of each camera that is watched, present and future."""
    async_follow_wanted(
        hass,
        entry,
        (BINARY_SENSOR_DOMAIN, MOTION.key),
        entry.runtime_data.events.is_watched,
        lambda item: MotionSensor(entry, item),
        async_add_entities,
    )


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
