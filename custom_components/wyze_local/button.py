"""Buttons: a camera's clock and place of rest; and on the account's device, to ask the vendor now."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonDeviceClass, ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .check_button import async_follow_check_buttons
from .control_entity import CommandEntity, ControlEntityDescription, async_follow_features
from .engine.control import Feature, Home
from .entity import AccountEntity
from .entry import WyzeLocalConfigEntry
from .restart_button import async_follow_restart_buttons

PARALLEL_UPDATES = 0

CHECK = ButtonEntityDescription(
    key="check_cloud", translation_key="check_cloud", entity_category=EntityCategory.DIAGNOSTIC
)

CHECK_CAMERA = ButtonEntityDescription(
    key="check_camera",
    translation_key="check_camera",
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


RESTART = ButtonEntityDescription(
    key="restart",
    translation_key="restart",
    device_class=ButtonDeviceClass.RESTART,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


@dataclass(frozen=True, kw_only=True)
class ControlButtonEntityDescription(ButtonEntityDescription, ControlEntityDescription):
    """Something that a camera does when it is told."""

    press: Callable[[CommandEntity], Awaitable[None]]


async def _set_clock(camera: CommandEntity) -> None:
    await camera.async_set(round(camera.coordinator.shared.environment.clock.time()))


CONTROLS = (
    ControlButtonEntityDescription(
        key="set_clock",
        translation_key="set_clock",
        feature=Feature.CLOCK,
        entity_category=EntityCategory.CONFIG,
        press=_set_clock,
    ),
    ControlButtonEntityDescription(
        key="turn_home",
        translation_key="turn_home",
        feature=Feature.POSITION,
        press=lambda camera: camera.async_move(Home()),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the account's button, where there is somebody to ask, and those of all cameras."""
    if (account := entry.runtime_data.account) is not None:
        async_add_entities([CheckButton(account, CHECK)])
    async_follow_features(entry, CONTROLS, ControlButton, async_add_entities)
    async_follow_check_buttons(entry, CHECK_CAMERA, async_add_entities)
    async_follow_restart_buttons(entry, RESTART, async_add_entities)


class ControlButton(CommandEntity, ButtonEntity):
    """Has a camera do something, and returns when it says that it is done."""

    entity_description: ControlButtonEntityDescription  # type: ignore[mutable-override]

    @override
    async def async_press(self) -> None:
        """Have it done."""
        await self.entity_description.press(self)


class CheckButton(AccountEntity, ButtonEntity):
    """Asks whether the vendor is there and whose account this is, and then for the cameras."""

    @override
    async def async_press(self) -> None:
        """Ask, at most twice a minute."""
        await self.coordinator.async_check_now()
