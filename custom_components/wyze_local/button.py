"""A button on the account's device: ask the vendor now, instead of when it is due."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import AccountEntity
from .entry import WyzeLocalConfigEntry

PARALLEL_UPDATES = 1

CHECK = ButtonEntityDescription(
    key="check_cloud", translation_key="check_cloud", entity_category=EntityCategory.DIAGNOSTIC
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the account's button; local cameras have nobody to ask."""
    if (account := entry.runtime_data.account) is not None:
        async_add_entities([CheckButton(account, CHECK)])


class CheckButton(AccountEntity, ButtonEntity):
    """Asks whether the vendor is there and whose account this is, and then for the cameras."""

    @override
    async def async_press(self) -> None:
        """Ask, at most twice a minute."""
        await self.coordinator.async_check_now()
