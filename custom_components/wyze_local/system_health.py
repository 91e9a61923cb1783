"""System health: the third view of the report. Is all well, and how many cameras and accounts are there."""

from collections import Counter
from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .cameras import own_entries
from .clip_report import clips_report
from .report import make_report
from .shared import DATA_SHARED


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the information page."""
    register.async_register_info(async_info)


async def async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the facts, none of which asks anything outside."""
    shared = hass.data[DATA_SHARED]
    server = shared.server or next(iter(shared.externals.servers), None)
    reports = [make_report(hass, entry, shared) for entry in own_entries(hass)]
    cameras = [camera for report in reports for camera in report.cameras.values()]
    accounts = Counter(report.account.state or report.account.way for report in reports if report.account)
    return {
        "relay": shared.relaying.state.phase.value,
        "stream_server": server.state.phase.value if server else "stopped",
        "stream_server_version": server.state.version if server else "–",
        "cameras": len(cameras),
        "cameras_available": sum(camera.available for camera in cameras),
        "clips": str(clips_report(shared.clips.keeper)),
        "accounts": ", ".join(f"{word}: {count}" for word, count in sorted(accounts.items())) or "–",
    }
