"""Choices for a camera: how large its picture is, and who holds the connection to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import async_follow_cameras
from .choices import ChoiceEntity
from .const import CONF_ENGINE, CONF_FALLBACK, CONF_RESOLUTION
from .entry import WyzeLocalConfigEntry
from .settings import CameraSettings, Engine

PARALLEL_UPDATES = 0

CAMERAS_OWN = "camera"


@dataclass(frozen=True, kw_only=True)
class ChoiceEntityDescription(SelectEntityDescription):
    """A choice, how to read it from the settings, and what to keep for an option."""

    read: Callable[[CameraSettings], str]
    write: Callable[[str], dict[str, Any]]


CHOICES = (
    ChoiceEntityDescription(
        key="resolution",
        translation_key="resolution",
        options=[CAMERAS_OWN, "hd", "sd"],
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        read=lambda settings: settings.resolution or CAMERAS_OWN,
        write=lambda option: {CONF_RESOLUTION: "" if option == CAMERAS_OWN else option},
    ),
    ChoiceEntityDescription(
        key="engine",
        translation_key="engine",
        options=[engine.value for engine in Engine],
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        read=lambda settings: settings.engine.value,
        # Whoever chooses anew wants what was found out before to be found out again.
        write=lambda option: {CONF_ENGINE: option, CONF_FALLBACK: ""},
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the choices of all cameras, present and future."""
    coordinator = entry.runtime_data.coordinator
    async_follow_cameras(
        entry,
        lambda item: [
            ChoiceSelect(coordinator, item, description) for description in CHOICES if item.has_choices
        ],
        async_add_entities,
    )


class ChoiceSelect(ChoiceEntity, SelectEntity):
    """One choice of one camera."""

    entity_description: ChoiceEntityDescription  # type: ignore[mutable-override]

    @property
    @override
    def current_option(self) -> str:
        """Return what is chosen."""
        return self.entity_description.read(self.settings)

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose."""
        self.async_choose(**self.entity_description.write(option))
