"""Sirens: the noise that a camera can make."""

from dataclasses import dataclass

from homeassistant.components.siren import SirenEntity, SirenEntityDescription, SirenEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control_entity import ControlEntityDescription, ControlToggle, async_follow_features
from .engine.control import Feature
from .entry import WyzeLocalConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ControlSirenEntityDescription(SirenEntityDescription, ControlEntityDescription):
    """A siren."""


SIRENS = (ControlSirenEntityDescription(key="siren", translation_key="siren", feature=Feature.SIREN),)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the sirens of all cameras, present and future."""
    async_follow_features(entry, SIRENS, ControlSiren, async_add_entities)


class ControlSiren(ControlToggle, SirenEntity):
    """A siren, which sounds until somebody or the camera itself ends it."""

    _attr_supported_features = SirenEntityFeature.TURN_ON | SirenEntityFeature.TURN_OFF
