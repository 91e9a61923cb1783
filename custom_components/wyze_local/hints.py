"""Where Home Assistant and this machine believe a camera to be, by its hardware address: hints, no more."""

import re
from pathlib import Path

from homeassistant.core import HomeAssistant, callback

from .engine.model import Credentials

BLOCKS = ("2CAA8E", "7C78B2", "80482C", "A4DA222", "D03F27", "F0C88B")
"""What the vendor's hardware addresses begin with. The manifest has the same ones."""

NEIGHBOURS = Path("/proc/net/arp")
_NEIGHBOUR = re.compile(r"(\S+)\s+\S+\s+0x[2-9a-f]\S*\s+([0-9a-f:]{17})\s", re.IGNORECASE)
"""A line about a neighbour whose hardware address is known: flag 2."""


def is_vendors(mac: str) -> bool:
    """Tell whether a hardware address, as 12 capital hexadecimal digits, is one of the vendor's."""
    return mac.startswith(BLOCKS)


async def async_hints(hass: HomeAssistant, way: Credentials) -> list[str]:
    """Return addresses where a camera may be: those of its own hardware address first.

    Some models call themselves by another hardware address than their network's, so that every device of the
    vendor's is worth a question.
    """
    seen = [*await hass.async_add_executor_job(neighbours, NEIGHBOURS), *_leases(hass)]
    mac = way.mac.reveal()
    likely = sorted(
        (one for one in seen if one[0] == mac or is_vendors(one[0])), key=lambda one: one[0] != mac
    )
    return [address for _, address in likely]


@callback
def _leases(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Return the same of whoever Home Assistant knows by DHCP, where that is set up."""
    if "dhcp" not in hass.config.components:
        return []
    # What it needs is installed with it, and with nobody else.
    from homeassistant.components.dhcp.helpers import async_discovered_service_info  # noqa: PLC0415

    return [(one.macaddress.upper(), one.ip) for one in async_discovered_service_info(hass)]


def neighbours(table: Path) -> list[tuple[str, str]]:
    """Return hardware address and address of whoever this machine has lately spoken to; reads the disk."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()
    except OSError, ValueError:
        return []
    found = filter(None, map(_NEIGHBOUR.match, lines))
    return [(one[2].replace(":", "").upper(), one[1]) for one in found]
