"""Sensors: how the connection to each camera stands, and why; and how the vendor account does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfInformation
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account_sensor import AccountSensor, TrustSensor, UplinkSensor, WithoutCloudSensor
from .account_status import AccountState
from .cameras import CameraItem, async_follow_cameras
from .control_entity import ControlEntityDescription, async_follow_features
from .control_sensor import ControlSensor, SignalSensor, WordSensor
from .engine.control import RESOLUTION, Feature
from .engine.ownership import AccountStanding, CameraStanding
from .engine.uplink import Uplink
from .engine.watch import WatchPhase
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .status import Connection
from .watch_sensor import WatchSensor
from .without_cloud import Stopped

PARALLEL_UPDATES = 0

CONNECTION = SensorEntityDescription(
    key="connection",
    translation_key="connection",
    device_class=SensorDeviceClass.ENUM,
    options=[connection.value for connection in Connection],
    entity_category=EntityCategory.DIAGNOSTIC,
)

ACCOUNT = SensorEntityDescription(
    key="account",
    translation_key="account",
    device_class=SensorDeviceClass.ENUM,
    options=[state.value for state in AccountState],
    entity_category=EntityCategory.DIAGNOSTIC,
)

WITHOUT_CLOUD = SensorEntityDescription(
    key="without_cloud",
    translation_key="without_cloud",
    device_class=SensorDeviceClass.ENUM,
    options=[what.value for what in Stopped],
    entity_category=EntityCategory.DIAGNOSTIC,
)

UPLINK = SensorEntityDescription(
    key="uplink",
    translation_key="uplink",
    device_class=SensorDeviceClass.ENUM,
    options=[word.value for word in Uplink],
    entity_category=EntityCategory.DIAGNOSTIC,
)

TRUST = SensorEntityDescription(
    key="trust",
    translation_key="trust",
    device_class=SensorDeviceClass.ENUM,
    options=[standing.value for standing in AccountStanding],
    entity_category=EntityCategory.DIAGNOSTIC,
)

WATCH = SensorEntityDescription(
    key="watch",
    translation_key="watch",
    device_class=SensorDeviceClass.ENUM,
    options=[phase.value for phase in WatchPhase],
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


@dataclass(frozen=True, kw_only=True)
class ControlSensorEntityDescription(SensorEntityDescription, ControlEntityDescription):
    """Something that a camera tells of itself."""


SIGNAL = ControlSensorEntityDescription(
    key="wifi_signal",
    translation_key="wifi_signal",
    feature=Feature.WIFI_SIGNAL,
    state_class=SensorStateClass.MEASUREMENT,
    entity_category=EntityCategory.DIAGNOSTIC,
)


PICTURE_SIZE = ControlSensorEntityDescription(
    key="picture_size",
    translation_key="picture_size",
    feature=Feature.RESOLUTION,
    device_class=SensorDeviceClass.ENUM,
    options=[str(value) for value in RESOLUTION.values],
    entity_category=EntityCategory.DIAGNOSTIC,
)


def _room(feature: Feature) -> ControlSensorEntityDescription:
    return ControlSensorEntityDescription(
        key=feature.value,
        translation_key=feature.value,
        feature=feature,
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.MEGABYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    )


CONTROLS = (
    ControlSensorEntityDescription(
        key="battery",
        feature=Feature.BATTERY,
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _room(Feature.SD_FREE),
    _room(Feature.SD_CAPACITY),
)

BROWSERS = {
    (False, False): "all",
    (False, True): "silent",
    (True, False): "h265",
    (True, True): "h265_silent",
}
"""What browsers get by WebRTC of a camera, by whether it sends H.265, and whether they cannot hear it."""


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the sensors of all cameras, present and future, and of the account."""
    if (account := entry.runtime_data.account) is not None:
        async_add_entities(
            [
                AccountSensor(account, ACCOUNT),
                UplinkSensor(account, UPLINK),
                TrustSensor(account, TRUST),
                WithoutCloudSensor(account, WITHOUT_CLOUD),
            ]
        )
    coordinator = entry.runtime_data.coordinator

    def sensors(item: CameraItem) -> list[SensorEntity]:
        connection = ConnectionSensor(coordinator, item, CONNECTION)
        # What lives on a battery is never watched.
        battery = coordinator.catalog.model(item.model).battery
        return [connection] if battery else [connection, WatchSensor(coordinator, item, WATCH)]

    async_follow_cameras(entry, sensors, async_add_entities)
    async_follow_features(entry, [SIGNAL], SignalSensor, async_add_entities)
    async_follow_features(entry, [PICTURE_SIZE], WordSensor, async_add_entities)
    async_follow_features(entry, CONTROLS, ControlSensor, async_add_entities)


class ConnectionSensor(WyzeLocalEntity, SensorEntity):
    """Says how a camera stands; available exactly then when somebody needs to know."""

    _unrecorded_attributes = frozenset({"checked_at", "loss", "video", "audio", "browsers"})

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
        """Return since when it holds, when the camera was last heard of, by which way, what there is."""
        if (status := self.status) is None:
            return None

        def shown(moment: datetime | None) -> str | None:
            return moment.isoformat() if moment else None

        watched = self.coordinator.watched(self.camera_key)
        return {
            "since": shown(status.since),
            "checked_at": shown(status.checked_at),
            "standing": self._standing,
            "path": None if watched is None else "relay" if watched.settings.relayed else "go2rtc",
            "loss": status.loss,
            **self._formats(),
        }

    @property
    def _standing(self) -> str:
        """How far the camera is trusted: of one that no account answers for, nobody says otherwise."""
        account = self.coordinator.config_entry.runtime_data.account
        standing = account.ownership.camera_standing(self.camera_key) if account else CameraStanding.TRUSTED
        return standing.value

    def _formats(self) -> dict[str, str | None]:
        """Return how pictures and sound are coded, and what browsers get of them by WebRTC."""
        relaying = self.coordinator.shared.relaying
        facts = relaying.facts(self.camera_key)
        muted = relaying.camera_state(self.camera_key).muted
        return {
            "video": facts.video or None,
            "audio": facts.audio or None,
            "browsers": BROWSERS[facts.video == "h265", muted] if facts.video else None,
        }
