"""Lights: the lamps of cameras that have any."""

from dataclasses import dataclass

from homeassistant.components.light import ColorMode, LightEntity, LightEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control_entity import ControlEntityDescription, ControlToggle, async_follow_features
from .engine.control import Feature
from .entry import WyzeLocalConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ControlLightEntityDescription(LightEntityDescription, ControlEntityDescription):
    """A lamp."""


LIGHTS = (
    ControlLightEntityDescription(key="floodlight", translation_key="floodlight", feature=Feature.FLOODLIGHT),
    ControlLightEntityDescription(key="spotlight", translation_key="spotlight", feature=Feature.SPOTLIGHT),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the lamps of all cameras, present and future."""
    async_follow_features(entry, LIGHTS, ControlLight, async_add_entities)


class ControlLight(ControlToggle, LightEntity):
    """A lamp, which knows on and off."""

    _attr_color_mode: ColorMode | None = ColorMode.ONOFF
    _attr_supported_color_modes: set[ColorMode] | None = {ColorMode.ONOFF}  # noqa: RUF012 - as Home Assistant has it
