"""Forgets a camera that is to be somebody else's: its keys, its pictures, and that it was ever wanted here.

The keys go first, from both versions of the vault; where that fails nothing else happens. No account takes
the camera in again by itself. What nobody but the person can do, in the vendor's app and at the camera, is
told in a repair.
"""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .cameras import CameraItem, camera_item, is_account, own_entries
from .const import CONF_CAMERAS, CONF_IGNORED, DOMAIN
from .engine.model import EngineError
from .engine.ownership import Click, Word
from .entry import WyzeLocalConfigEntry
from .issues import async_report_sold

LEFT_TO_DO = ("remove_in_app", "factory_reset", "take_card_out")
"""What the person has to do themselves, in words that automations can read."""


class SaleError(EngineError):
    """Nothing was forgotten. The reason is `not_loaded` or `gone`."""


async def async_prepare_for_sale(hass: HomeAssistant, entry: WyzeLocalConfigEntry, camera_key: str) -> None:
    """Forget a camera for good. Raises SaleError and VaultError, and then nothing has changed.

    Its stream ends for whoever watches. An account that lists it, of whichever entry, leaves it out until
    somebody chooses it by its name.
    """
    if entry.state is not ConfigEntryState.LOADED:
        raise SaleError(reason="not_loaded")
    data = entry.runtime_data
    async with data.lock:
        if entry.state is not ConfigEntryState.LOADED:
            raise SaleError(reason="not_loaded")
        if (item := camera_item(entry, camera_key)) is None:
            raise SaleError(reason="gone")
        await data.vault.async_drop(camera_key)
        await data.coordinator.async_remove(camera_key)
        data.coordinator.publish()
        _leave_out_elsewhere(hass, entry, item)
        _take_out(hass, entry, item)
    _tell_accounts(hass, item)
    async_report_sold(hass, entry, item)


@callback
def _tell_accounts(hass: HomeAssistant, item: CameraItem) -> None:
    """Let every account that judges what is ours know that this camera is not any more."""
    entries: list[WyzeLocalConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        if (account := entry.runtime_data.account) is not None:
            account.ownership.tell(Click(item.mac_hash, Word.SOLD))


@callback
def _leave_out_elsewhere(hass: HomeAssistant, entry: WyzeLocalConfigEntry, item: CameraItem) -> None:
    """Let no other account admit what nobody holds any more: the camera still answers to its key."""
    for other in own_entries(hass):
        if other is not entry and is_account(other):
            hass.config_entries.async_update_entry(other, data={**other.data, **_ignoring(other, item)})


@callback
def _take_out(hass: HomeAssistant, entry: WyzeLocalConfigEntry, item: CameraItem) -> None:
    """Take a camera out of its entry; its devices and entities go with it."""
    if item.subentry_id is not None:
        hass.config_entries.async_remove_subentry(entry, item.subentry_id)
        return
    cameras = {key: kept for key, kept in entry.data[CONF_CAMERAS].items() if key != item.key}
    data = {**entry.data, CONF_CAMERAS: cameras, **_ignoring(entry, item)}
    hass.config_entries.async_update_entry(entry, data=data)


def _ignoring(entry: WyzeLocalConfigEntry, item: CameraItem) -> dict[str, Any]:
    return {CONF_IGNORED: sorted({*entry.data[CONF_IGNORED], item.mac_hash})}
