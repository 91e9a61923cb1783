"""Moves a camera from one entry to another: ids, settings, history and the running picture stay.

The keys are in the new vault before anything else changes, and in the old one until everything has. What
Home Assistant keeps of both entries changes in one step and is written in one file, so that whenever the
power fails, the next start finds the camera in exactly one entry, puts its devices there, and drops the
keys from the other vault.
"""

from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import async_get_platforms

from .cameras import CameraItem, camera_item, is_account
from .const import (
    CONF_CAMERA_KEY,
    CONF_CAMERAS,
    CONF_IGNORED,
    CONF_KIND,
    CONF_LISTED_NAME,
    CONF_NETWORKS,
    DOMAIN,
    LOGGER,
    SUBENTRY_CAMERA,
)
from .devices import async_adopt_devices
from .engine.model import CameraNetworks, EngineError, InvalidField
from .engine.vault import CameraRecord, VaultError
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry


class MoveError(EngineError):
    """A camera stays where it is. The reason is `not_loaded`, `gone`, `no_keys`, `stream` or `outside`."""


async def async_move_camera(
    hass: HomeAssistant, source: WyzeLocalConfigEntry, camera_key: str, target: WyzeLocalConfigEntry
) -> None:
    """Move a camera; both entries are loaded. Raises MoveError and VaultError, and then nothing moved."""
    if source is target or not _loaded(source, target):
        raise MoveError(reason="not_loaded")
    first, second = sorted((source, target), key=lambda entry: entry.entry_id)
    async with first.runtime_data.lock, second.runtime_data.lock:
        if not _loaded(source, target):
            raise MoveError(reason="not_loaded")
        item, record, options = _check(source, camera_key, target)
        await target.runtime_data.vault.async_put(record)
        for platform in async_get_platforms(hass, DOMAIN):
            if platform.config_entry is source:
                for entity in tuple(platform.entities.values()):
                    if isinstance(entity, WyzeLocalEntity) and entity.camera_key == camera_key:
                        await platform.async_remove_entity(entity.entity_id)
        _async_rewrite(hass, source, item, target, options)
        await _async_take_up(source, camera_key, target)
        try:
            await source.runtime_data.vault.async_drop(camera_key)
        except VaultError as err:
            LOGGER.warning("Keys of a camera that moved could not be erased yet (%s)", err.reason)


def _loaded(*entries: WyzeLocalConfigEntry) -> bool:
    return all(entry.state is ConfigEntryState.LOADED for entry in entries)


def _check(
    source: WyzeLocalConfigEntry, camera_key: str, target: WyzeLocalConfigEntry
) -> tuple[CameraItem, CameraRecord, dict[str, Any]]:
    """Return what is to be moved, and the target's options with it; raises MoveError."""
    if (item := camera_item(source, camera_key)) is None:
        raise MoveError(reason="gone")
    if is_account(target) and CONF_KIND in item.data:
        raise MoveError(reason="stream")
    if (record := source.runtime_data.vault.records.get(camera_key)) is None:
        raise MoveError(reason="no_keys")
    address = record.camera.credentials.address.reveal()
    ours = CameraNetworks.parse(target.options[CONF_NETWORKS])
    theirs = CameraNetworks.parse(source.options[CONF_NETWORKS])
    if address in theirs and address not in ours:
        # The person has said already that cameras may be there.
        around = next(one for one in theirs.texts() if address in CameraNetworks.parse([one]))
        try:
            ours = CameraNetworks.parse([*ours.texts(), around])
        except InvalidField:
            raise MoveError(reason="outside") from None
    return item, record, {**target.options, CONF_NETWORKS: ours.texts()}


@callback
def _async_rewrite(
    hass: HomeAssistant,
    source: WyzeLocalConfigEntry,
    item: CameraItem,
    target: WyzeLocalConfigEntry,
    options: dict[str, Any],
) -> None:
    """Let Home Assistant know of the camera at its new place only. Nothing else runs meanwhile."""
    entries = hass.config_entries
    kept = {key: value for key, value in item.data.items() if key not in _OF_ITS_PLACE}
    if is_account(target):
        cameras = {
            **target.data[CONF_CAMERAS],
            item.key: {CONF_NAME: item.name, CONF_LISTED_NAME: "", **kept},
        }
        ignored = [one for one in target.data.get(CONF_IGNORED, ()) if one != item.mac_hash]
        data = {**target.data, CONF_CAMERAS: cameras, CONF_IGNORED: ignored}
        entries.async_update_entry(target, data=data, options=options)
    else:
        entries.async_update_entry(target, options=options)
        local = ConfigSubentry(
            data=MappingProxyType({CONF_CAMERA_KEY: item.key, **kept}),
            subentry_type=SUBENTRY_CAMERA,
            title=item.name,
            unique_id=item.mac_hash,
        )
        entries.async_add_subentry(target, local)
    # Before it leaves the source: with a subentry Home Assistant removes the devices that it still has.
    async_adopt_devices(hass, target)
    if item.subentry_id is not None:
        entries.async_remove_subentry(source, item.subentry_id)
    else:
        left = {key: value for key, value in source.data[CONF_CAMERAS].items() if key != item.key}
        entries.async_update_entry(source, data={**source.data, CONF_CAMERAS: left})


_OF_ITS_PLACE = frozenset({CONF_NAME, CONF_LISTED_NAME, CONF_CAMERA_KEY})
"""What is kept of a camera only because of where it is kept."""


async def _async_take_up(source: WyzeLocalConfigEntry, camera_key: str, target: WyzeLocalConfigEntry) -> None:
    """Let the target look after the camera, whose session and viewers stay where they can."""
    ours = target.runtime_data.coordinator
    await source.runtime_data.coordinator.async_hand_over(camera_key, ours.server)
    networks = CameraNetworks.parse(target.options[CONF_NETWORKS])
    if networks != ours.networks:
        await ours.async_set_networks(networks)
    await ours.async_add(camera_key)
    ours.publish()
    for entry in (source, target):
        for listener in tuple(entry.runtime_data.listeners):
            listener()
