"""Links cameras with what a router's integration knows of them, where the person wants that.

Home Assistant takes devices with the same hardware address for one. It is off by default, because it puts
that address into Home Assistant's device registry, which is no vault.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import CONF_LINK_DEVICES
from .engine.model import Credentials
from .engine.vault import CameraRecord


def connections(options: Mapping[str, Any], record: CameraRecord | None) -> set[tuple[str, str]]:
    """Return what links a camera's device with others; nothing unless the person wants that."""
    way = record.camera.credentials if record else None
    if not options.get(CONF_LINK_DEVICES) or not isinstance(way, Credentials):
        return set()
    return {(dr.CONNECTION_NETWORK_MAC, dr.format_mac(way.mac.reveal()))}


@callback
def async_link(
    hass: HomeAssistant, device: dr.DeviceEntry, options: Mapping[str, Any], record: CameraRecord | None
) -> None:
    """Link a device or take its link away, as is wanted now; while its keys are missing it stays."""
    wanted = connections(options, record)
    unknown = record is None and options.get(CONF_LINK_DEVICES)
    if not unknown and device.connections != wanted:
        dr.async_get(hass).async_update_device(device.id, new_connections=wanted)
