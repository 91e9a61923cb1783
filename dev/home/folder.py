"""The configuration folder of the rig's Home Assistant."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

# No `http:` here: 2026.11 takes it as a trial and restarts after five minutes; see `_http`.
# The ICE server replaces a public one that Home Assistant names by default; nothing listens there.
CONFIGURATION = """\
homeassistant:
  name: Demo
  country: GB
  language: en
  unit_system: metric
  time_zone: UTC
  latitude: 51.48
  longitude: 0.0
  media_dirs:
    local: {media}
frontend:
config:
stream:
media_source:
history:
logbook:
system_health:
web_rtc:
  ice_servers:
    - url: stun:127.0.0.1:9
logger:
  default: {level}
"""


def write(folder: Path, port: int, *, log_level: str = "info", more: str = "") -> None:
    """Make a folder from which Home Assistant starts on 127.0.0.1:port, ready for its first user."""
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    # In a container Home Assistant takes another folder, which is not the rig's.
    media = folder / "media"
    media.mkdir(exist_ok=True)
    text = CONFIGURATION.format(level=log_level, media=media) + more
    (folder / "configuration.yaml").write_text(text)
    (folder / "automations.yaml").touch()
    ours = folder / "custom_components"
    if not ours.is_symlink():
        ours.symlink_to(ROOT / "custom_components", target_is_directory=True)
    for key, version, data in (_http(port), _onboarding()):
        stored = {"version": version, "minor_version": 1, "key": key, "data": data}
        (storage / key).write_text(json.dumps(stored))


def _http(port: int) -> tuple[str, int, dict[str, Any]]:
    """Return a configuration that has been confirmed: every field, as Home Assistant itself stores it."""
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern_v6",
        "use_x_frame_options": True,
        "created_at": "2026-11-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    return "http", 3, {"stable": stable, "pending": None, "yaml_migration_done": True}


def _onboarding() -> tuple[str, int, dict[str, Any]]:
    """Leave only the user's step: the others start flows that look for the internet."""
    return "onboarding", 4, {"done": ["core_config", "analytics", "integration"]}
