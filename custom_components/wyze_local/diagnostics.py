"""Diagnostics: two views of the report, of a whole entry and of one device."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .devices import camera_key_of
from .entry import WyzeLocalConfigEntry
from .report import make_report
from .shared import async_get_shared


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry
) -> dict[str, Any]:
    """Return what a bug report needs: counts, versions, verdicts. No name, address, id or key."""
    return make_report(hass, entry, await async_get_shared(hass)).view()


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the same, of one camera only; of the account's own device without any."""
    report = make_report(hass, entry, await async_get_shared(hass))
    return report.view(camera_key=camera_key_of(device, entry) or "")
