"""Choices for a camera: how it sees at night, where it looks, how large its picture is, who holds it."""

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
from .control_entity import CommandEntity, ControlEntity, ControlEntityDescription, async_follow_features
from .engine.control import CLOSE, IR_RANGE, NIGHT_THRESHOLD, NIGHT_VISION, Feature, GoTo
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


@dataclass(frozen=True, kw_only=True)
class ControlSelectEntityDescription(SelectEntityDescription, ControlEntityDescription):
    """A choice that the camera itself keeps."""


CONTROLS = (
    ControlSelectEntityDescription(
        key="night_vision",
        translation_key="night_vision",
        feature=Feature.NIGHT_VISION,
        options=[str(value) for value in NIGHT_VISION.values],
        entity_category=EntityCategory.CONFIG,
    ),
    ControlSelectEntityDescription(
        key="ir_range",
        translation_key="ir_range",
        feature=Feature.IR_RANGE,
        options=[str(value) for value in IR_RANGE.values],
        entity_category=EntityCategory.CONFIG,
    ),
    ControlSelectEntityDescription(
        key="night_threshold",
        translation_key="night_threshold",
        feature=Feature.NIGHT_THRESHOLD,
        options=[str(value) for value in NIGHT_THRESHOLD.values],
        entity_category=EntityCategory.CONFIG,
    ),
)

PRESET = ControlSelectEntityDescription(key="preset", translation_key="preset", feature=Feature.WAY_POINTS)


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
    async_follow_features(entry, CONTROLS, ControlSelect, async_add_entities)
    async_follow_features(entry, [PRESET], PresetSelect, async_add_entities)


class ControlSelect(ControlEntity, SelectEntity):
    """One choice that the camera itself keeps."""

    @property
    @override
    def current_option(self) -> str | None:
        """Return what the camera says."""
        return said if isinstance(said := self.said, str) else None

    @override
    async def async_select_option(self, option: str) -> None:
        """Have the camera take another."""
        await self.async_set(option)


class PresetSelect(CommandEntity, SelectEntity):
    """Where a camera looks, of the positions that it remembers: they have numbers, no names."""

    @property
    @override
    def options(self) -> list[str]:
        """Return the numbers."""
        return [str(number) for number, _ in enumerate(self.control.way_points, 1)]

    @property
    @override
    def current_option(self) -> str | None:
        """Return the position that it looks at; None while it looks elsewhere, or turns."""
        if (position := self.control.position) is None:
            return None
        # A motor that was told to go there may stop beside it.
        points = enumerate(self.control.way_points, 1)
        near = [(miss, number) for number, one in points if (miss := one.position.miss(position)) <= CLOSE]
        return str(min(near)[1]) if near else None

    @override
    async def async_select_option(self, option: str) -> None:
        """Have it look there."""
        await self.async_move(GoTo(self.control.way_points[int(option) - 1].position))


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
