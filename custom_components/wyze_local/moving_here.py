"""Brings cameras from other entries to the account that they were chosen for, and tells which stayed."""

import secrets
from collections.abc import Iterable

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .account_list import other_way
from .account_offers import Offer
from .cameras import CameraItem
from .const import LOGGER
from .engine.model import Camera, Secret
from .engine.vault import CameraRecord, VaultError
from .entry import WyzeLocalConfigEntry
from .issues import async_report_keys_missing, async_report_not_moved
from .moving import MoveError, async_move_camera


async def async_move_here(hass: HomeAssistant, entry: WyzeLocalConfigEntry, offers: Iterable[Offer]) -> None:
    """Move cameras from the entries that have them; what cannot be moved stays where it is, and is told."""
    stayed: list[tuple[str, str]] = []
    for offer in offers:
        if offer.item is None or offer.holder is None:
            continue
        try:
            if offer.holder.state is ConfigEntryState.LOADED:
                await _async_give_lost_keys(hass, offer.holder, offer.item, offer)
            await async_move_camera(hass, offer.holder, offer.item.key, entry)
        except (MoveError, VaultError) as err:
            LOGGER.warning("A camera could not be moved to its account (%s)", err.reason)
            stayed.append((offer.item.name, err.reason))
    async_report_not_moved(hass, entry, stayed)


async def _async_give_lost_keys(
    hass: HomeAssistant, holder: WyzeLocalConfigEntry, item: CameraItem, offer: Offer
) -> None:
    """Seal the keys of a camera that has none, where it is now; raises VaultError.

    They are used there, too: it may have to stay.
    """
    data = holder.runtime_data
    await data.vault.async_open()
    async with data.lock:
        if item.key in data.vault.records or holder.state is not ConfigEntryState.LOADED:
            return
        await data.vault.async_put(renewed_record(item, offer, None))
        await data.coordinator.async_change(item.key)
        async_report_keys_missing(hass, holder)


def renewed_record(item: CameraItem, offer: Offer, known: CameraRecord | None) -> CameraRecord:
    """Return what the vault is to hold of a camera of the entry; its proof stays with the keys it was for."""
    assert offer.credentials is not None
    if known is None:
        return CameraRecord(
            Camera(item.key, item.name, offer.credentials, proven=False), Secret(secrets.token_hex(16))
        )
    if (way := other_way(offer.credentials, known.camera.credentials)) is None:
        return known
    return CameraRecord(Camera(item.key, item.name, way, proven=False), known.token)
