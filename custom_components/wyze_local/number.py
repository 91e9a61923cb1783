"""Numbers: how many bytes a camera spends on its picture."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription
from homeassistant.const import EntityCategory, UnitOfDataRate
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control_entity import ControlEntity, ControlEntityDescription, async_follow_features
from .engine.control import BITRATE, Feature
from .entry import WyzeLocalConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ControlNumberEntityDescription(NumberEntityDescription, ControlEntityDescription):
    """A number that a camera takes."""


NUMBERS = (
    ControlNumberEntityDescription(
        key="bitrate",
        translation_key="bitrate",
        feature=Feature.BITRATE,
        device_class=NumberDeviceClass.DATA_RATE,
        native_unit_of_measurement=UnitOfDataRate.KILOBYTES_PER_SECOND,
        native_min_value=BITRATE.low,
        native_max_value=BITRATE.high,
        native_step=1,
        entity_category=EntityCategory.CONFIG,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the numbers of all cameras, present and future."""
    async_follow_features(entry, NUMBERS, ControlNumber, async_add_entities)


class ControlNumber(ControlEntity, NumberEntity):
    """A number that a camera takes."""

    @property
    @override
    def native_value(self) -> float | None:
        """Return the camera's number."""
        return said if isinstance(said := self.said, int) else None

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Have the camera take another."""
        await self.async_set(round(value))
