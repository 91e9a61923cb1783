"""System health: is the stream server well, and how many cameras are there."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .shared import DATA_SHARED


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the information page."""
    register.async_register_info(async_info)


async def async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the facts, none of which asks anything outside."""
    shared = hass.data[DATA_SHARED]
    server = shared.server or next(iter(shared.externals.servers), None)
    entries = hass.config_entries.async_loaded_entries(DOMAIN)
    statuses = [status for entry in entries for status in entry.runtime_data.coordinator.data.values()]
    return {
        "relay": shared.relaying.state.phase.value,
        "stream_server": server.state.phase.value if server else "stopped",
        "stream_server_version": server.state.version if server else "–",
        "cameras": len(statuses),
        "cameras_available": sum(status.available for status in statuses),
    }
