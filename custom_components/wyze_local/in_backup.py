"""Whether a backup would carry the key file along, by the lists of those who make backups."""

from pathlib import Path, PurePath

from homeassistant.components.backup.const import EXCLUDE_FROM_BACKUP
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.hassio import is_hassio

SUPERVISOR_FOLDERS = ("/addon_configs", "/addons", "/backup", "/media", "/share", "/ssl")
"""What Supervisor packs besides the configuration, when it is asked to."""


@callback
def key_in_backup(hass: HomeAssistant, key: Path) -> str:
    """Return `no`, `yes` or `unknown`, without a look at the disk."""
    # A link on the way there is followed by nobody who packs.
    config = PurePath(hass.config.config_dir)
    if key.is_relative_to(config):
        relative = PurePath(key).relative_to(config)
        ways = (relative, *relative.parents)
        excluded = any(way.full_match(pattern) for way in ways for pattern in EXCLUDE_FROM_BACKUP)
        return "no" if excluded else "yes"
    if is_hassio(hass) and any(key.is_relative_to(folder) for folder in SUPERVISOR_FOLDERS):
        return "unknown"
    return "no"
