"""Diagnostics: built from an allow-list of facts that cannot identify anybody, never from whole objects."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .coordinator import CamerasCoordinator
from .entry import WyzeLocalConfigEntry
from .entry_vault import EntryVault
from .in_backup import key_in_backup
from .keys import async_get_keys
from .shared import async_get_shared
from .status import CameraStatus


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry
) -> dict[str, Any]:
    """Return what a bug report needs: counts, versions, verdicts. No name, address, id or key."""
    relay = (await async_get_shared(hass)).relaying.state
    report = {
        "entry": {"state": entry.state.value, "reason": entry.error_reason_translation_key},
        "relay": {"phase": relay.phase.value, "reason": relay.reason, "restarts": relay.restarts},
        "vault": _vault(hass),
        "cameras": [],
    }
    return report | _running(hass, entry) if entry.state is ConfigEntryState.LOADED else report


def _running(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> dict[str, Any]:
    """Return what is known of an entry only while it is loaded."""
    data = entry.runtime_data
    coordinator = data.coordinator
    server = coordinator.server
    return {
        "stream_server": {
            "phase": server.state.phase.value,
            "reason": server.state.reason,
            "version": server.state.version,
            "restarts": server.state.restarts,
            "lost_pieces": server.lost_pieces,
            "last_lines": list(server.state.last_lines[-40:]),
        },
        "vault": _vault(hass, data.vault),
        "camera_networks": dict(
            Counter(f"/{network.prefixlen}" for network in coordinator.networks.networks)
        ),
        "cameras": [
            _camera(coordinator, camera_key, status) for camera_key, status in coordinator.data.items()
        ],
    }


def _camera(coordinator: CamerasCoordinator, camera_key: str, status: CameraStatus) -> dict[str, Any]:
    """Return what is known of one camera."""
    relaying = coordinator.shared.relaying
    watched, stills = coordinator.watched(camera_key), coordinator.stills(camera_key)
    camera = watched.record.camera if watched else None
    return {
        "model": camera.credentials.model if camera else None,
        "scheme": getattr(camera.credentials, "scheme", "lan") if camera else None,
        "proven": camera.proven if camera else None,
        "connection": status.connection.value,
        "since": status.since.isoformat(),
        "has_still": stills is not None and stills.last is not None,
        "engine": watched.settings.engine.value if watched else None,
        "relayed": watched.settings.relayed if watched else None,
        "firmware": relaying.facts(camera_key).firmware,
        "figures": asdict(relaying.stats(camera_key)) if camera_key in relaying.cameras else None,
    }


def _vault(hass: HomeAssistant, vault: EntryVault | None = None) -> dict[str, Any]:
    """Return what is known of a vault and of the key file that all of them share."""
    key = async_get_keys(hass).places.current
    return {
        "open": vault is not None and vault.is_open,
        "passphrase": vault.has_passphrase if vault else None,
        "key_place": "chosen" if key.chosen else "own",
        "key_in_backup": key_in_backup(hass, key.path),
    }
