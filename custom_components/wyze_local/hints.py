"""Where Home Assistant and this machine believe a camera to be, by its hardware address: hints, no more."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .cameras import own_entries
from .engine.model import Credentials, is_vendors, neighbours


async def async_hints(hass: HomeAssistant, way: Credentials) -> list[str]:
    """Return addresses where a camera may be: those of its own hardware address first.

    Some models call themselves by another hardware address than their network's, so that every device of the
    vendor's is worth a question.
    """
    near = await hass.async_add_executor_job(neighbours)
    seen = [(one.mac, address) for address, one in near.items() if one.there] + _leases(hass)
    mac = way.mac.reveal()
    likely = sorted(
        (one for one in seen if one[0] == mac or is_vendors(one[0])), key=lambda one: one[0] != mac
    )
    return [address for _, address in likely]


@callback
def async_taken(hass: HomeAssistant, camera_key: str, way: Credentials) -> list[str]:
    """Return where a camera is not: other cameras of this house are well there, and are left in peace.

    Newer ones answer anybody's search, and each would cost a handshake that it has to refuse.
    """
    taken: list[str] = []
    for entry in own_entries(hass):
        if entry.state is not ConfigEntryState.LOADED:
            continue
        coordinator = entry.runtime_data.coordinator
        for other, status in coordinator.data.items():
            watched = coordinator.watched(other)
            # One with a battery is called available wherever it is.
            if other == camera_key or watched is None or watched.battery or not status.available:
                continue
            its = watched.record.camera.credentials
            if isinstance(its, Credentials) and its.port == way.port:
                taken.append(its.address.reveal())
    return taken


@callback
def _leases(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Return the same of whoever Home Assistant knows by DHCP, where that is set up."""
    if "dhcp" not in hass.config.components:
        return []
    # What it needs is installed with it, and with nobody else.
    from homeassistant.components.dhcp.helpers import async_discovered_service_info  # noqa: PLC0415

    return [(one.macaddress.upper(), one.ip) for one in async_discovered_service_info(hass)]
