"""Keeps Home Assistant's devices in step with an entry's cameras, whose entities make them."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .cameras import camera_item, camera_items, is_account, own_entries
from .const import CONF_CAMERAS, CONF_IGNORED, DOMAIN
from .entry import WyzeLocalConfigEntry
from .linking import async_link


@callback
def async_tidy_devices(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Rename and link devices as is wanted now, and remove those of cameras that are no more.

    A name that the person gave the device in Home Assistant stays. Of a local camera that is removed,
    Home Assistant removes the device together with the subentry.
    """
    names = {item.key: item.name for item in camera_items(entry)}
    registry = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        if (camera_key := camera_key_of(device, entry)) is None:
            continue
        if (name := names.get(camera_key)) is None:
            if is_account(entry):
                registry.async_remove_device(device.id)
            continue
        if device.name != name:
            registry.async_update_device(device.id, name=name)
        async_link(hass, device, entry.options, entry.runtime_data.vault.records.get(camera_key))


@callback
def async_adopt_devices(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Take over the devices and entities that an entry's cameras have at another entry; all ids stay."""
    devices, entities = dr.async_get(hass), er.async_get(hass)
    for item in camera_items(entry):
        for other in own_entries(hass):
            if other is entry:
                continue
            device = devices.async_get_device_by_identifier((DOMAIN, item.key), other.entry_id)
            if device is None:
                continue
            # The entities first: those that a device leaves behind at an entry are removed.
            for entity in er.async_entries_for_device(entities, device.id, include_disabled_entities=True):
                entities.async_update_entity(
                    entity.entity_id, config_entry_id=entry.entry_id, config_subentry_id=item.subentry_id
                )
            devices.async_update_device(
                device.id, new_config_entry_id=entry.entry_id, new_config_subentry_id=item.subentry_id
            )


@callback
def async_remove_camera(hass: HomeAssistant, entry: WyzeLocalConfigEntry, device: dr.DeviceEntry) -> bool:
    """Let go of the account's camera that a device is; returns whether the device may go."""
    if (camera_key := camera_key_of(device, entry)) is None:
        return False
    if (item := camera_item(entry, camera_key)) is None:
        return True
    if item.subentry_id is not None:
        return False
    cameras = {key: data for key, data in entry.data[CONF_CAMERAS].items() if key != camera_key}
    # The account lists it still, or may do so again.
    ignored = sorted({*entry.data[CONF_IGNORED], item.mac_hash})
    data = {**entry.data, CONF_CAMERAS: cameras, CONF_IGNORED: ignored}
    return hass.config_entries.async_update_entry(entry, data=data)


def camera_key_of(device: dr.DeviceEntry, entry: WyzeLocalConfigEntry) -> str | None:
    """Return the key of the camera that a device is; None for the account's own."""
    keys = [identifier for domain, identifier in device.identifiers if domain == DOMAIN]
    return next((key for key in keys if key != entry.entry_id), None)
