"""Sensors: how the connection to each camera stands, and why."""

from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import async_follow_cameras
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .status import Connection

PARALLEL_UPDATES = 0

CONNECTION = SensorEntityDescription(
    key="connection",
    translation_key="connection",
    device_class=SensorDeviceClass.ENUM,
    options=[connection.value for connection in Connection],
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the sensors of all cameras, present and future."""
    async_follow_cameras(
        entry,
        lambda item: [ConnectionSensor(entry.runtime_data.coordinator, item, CONNECTION)],
        async_add_entities,
    )


class ConnectionSensor(WyzeLocalEntity, SensorEntity):
    """Says how a camera stands; available exactly then when somebody needs to know."""

    _unrecorded_attributes = frozenset({"checked_at", "loss"})

    @property
    @override
    def available(self) -> bool:
        """Return whether there is a verdict."""
        return self.status is not None

    @property
    @override
    def native_value(self) -> str | None:
        """Return the verdict."""
        return status.connection.value if (status := self.status) else None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return since when it holds, when the camera was last heard of, by which way, and what got lost."""
        if (status := self.status) is None:
            return None

        def shown(moment: datetime | None) -> str | None:
            return moment.isoformat() if moment else None

        watched = self.coordinator.watched(self.camera_key)
        return {
            "since": shown(status.since),
            "checked_at": shown(status.checked_at),
            "path": None if watched is None else "relay" if watched.settings.relayed else "go2rtc",
            "loss": status.loss,
        }
