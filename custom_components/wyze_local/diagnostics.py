"""Diagnostics: built from an allow-list of facts that cannot identify anybody, never from whole objects."""

from collections import Counter
from typing import Any

from homeassistant.components.backup.const import EXCLUDE_FROM_BACKUP
from homeassistant.core import HomeAssistant

from .entry import WyzeLocalConfigEntry, key_path


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry
) -> dict[str, Any]:
    """Return what a bug report needs: counts, versions, verdicts. No name, address, id or key."""
    data = entry.runtime_data
    coordinator = data.coordinator
    server = coordinator.server
    cameras = []
    for camera_key, status in coordinator.data.items():
        camera = coordinator.camera(camera_key)
        stills = coordinator.stills(camera_key)
        cameras.append(
            {
                "model": camera.credentials.model if camera else None,
                "scheme": getattr(camera.credentials, "scheme", "lan") if camera else None,
                "proven": camera.proven if camera else None,
                "connection": status.connection.value,
                "since": status.since.isoformat(),
                "has_still": stills is not None and stills.last is not None,
            }
        )
    return {
        "stream_server": {
            "phase": server.state.phase.value,
            "reason": server.state.reason,
            "version": server.state.version,
            "restarts": server.state.restarts,
            "lost_pieces": server.lost_pieces,
            "last_lines": list(server.state.last_lines[-40:]),
        },
        "vault": {"open": data.vault.is_open, "key_in_backup": _key_in_backup(hass)},
        "camera_networks": dict(
            Counter(f"/{network.prefixlen}" for network in coordinator.networks.networks)
        ),
        "cameras": cameras,
    }


def _key_in_backup(hass: HomeAssistant) -> bool:
    """Ask Home Assistant's own list whether a backup would carry the key file along."""
    relative = key_path(hass).relative_to(hass.config.config_dir)
    ways = (relative, *relative.parents)
    return not any(way.full_match(pattern) for way in ways for pattern in EXCLUDE_FROM_BACKUP)
