"""Switches: whether a camera's sound comes along with its picture, and whether a vendor is left alone."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import async_follow_cameras
from .choices import ChoiceEntity
from .const import CONF_SOUND
from .entity import AccountEntity
from .entry import WyzeLocalConfigEntry

PARALLEL_UPDATES = 0

SOUND = SwitchEntityDescription(key="sound", translation_key="sound", entity_category=EntityCategory.CONFIG)

LAN_ONLY = SwitchEntityDescription(
    key="lan_only", translation_key="lan_only", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the switches of all cameras, present and future, and of the account."""
    if (account := entry.runtime_data.account) is not None:
        async_add_entities([LanOnlySwitch(account, LAN_ONLY)])
    async_follow_cameras(
        entry,
        lambda item: [SoundSwitch(entry.runtime_data.coordinator, item, SOUND)] if item.has_choices else [],
        async_add_entities,
    )


class SoundSwitch(ChoiceEntity, SwitchEntity):
    """Asks the camera for sound, or not: a microphone that is off sends nothing over the network."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether sound is asked for."""
        return self.settings.sound

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Ask for sound."""
        self.async_choose(**{CONF_SOUND: True})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Ask for no sound."""
        self.async_choose(**{CONF_SOUND: False})


class LanOnlySwitch(AccountEntity, SwitchEntity):
    """Leaves the account's vendor alone: while it is on, no packet goes there and no name is looked up."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the vendor is left alone."""
        return self.coordinator.lan_only

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Leave the vendor alone; returns when nothing more is sent."""
        await self.coordinator.async_set_lan_only(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Ask the vendor again, at once."""
        await self.coordinator.async_set_lan_only(False)
