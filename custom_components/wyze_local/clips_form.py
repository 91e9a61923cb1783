"""What is typed about where clips lie and how long they stay, checked and put to work."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import probatio

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)

from .clips import ClipsAway
from .clips_folder import FolderFault, refuse_folder
from .const import CONF_CLIPS_DAYS, CONF_CLIPS_FOLDER, CONF_CLIPS_GIGABYTES
from .installation import DEFAULT_DAYS, DEFAULT_GIGABYTES, MAX_DAYS, MAX_GIGABYTES, MIN_GIGABYTES, ClipKeeping
from .shared import async_get_shared

CLIP_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Optional(CONF_CLIPS_FOLDER): TextSelector(),
    probatio.Required(CONF_CLIPS_DAYS, default=DEFAULT_DAYS): NumberSelector(
        NumberSelectorConfig(min=1, max=MAX_DAYS, step=1, mode=NumberSelectorMode.BOX)
    ),
    probatio.Required(CONF_CLIPS_GIGABYTES, default=DEFAULT_GIGABYTES): NumberSelector(
        NumberSelectorConfig(min=MIN_GIGABYTES, max=MAX_GIGABYTES, step=0.1, mode=NumberSelectorMode.BOX)
    ),
}


def clip_values(keeping: ClipKeeping) -> dict[str, Any]:
    """Return as form values where clips lie and how long."""
    values = keeping.data()
    if not keeping.folder:
        del values[CONF_CLIPS_FOLDER]
    return values


async def async_check_clips(hass: HomeAssistant, values: Mapping[str, Any]) -> dict[str, str]:
    """See whether clips can be kept as was typed; returns form errors."""
    shared = await async_get_shared(hass)
    keeping = read_clips(values)
    if keeping.folder == shared.installation.clips.folder:
        # What became of a folder is told elsewhere, and must not keep anybody from other options.
        return {}
    look = partial(
        refuse_folder, Path(hass.config.config_dir), keeping.path(hass), chosen=bool(keeping.folder)
    )
    try:
        fault = await shared.clips.async_try(look)
    except ClipsAway:
        fault = FolderFault.NO_ANSWER
    if fault is not None:
        # A section shows no error of a field.
        return {"base": f"clips_folder_{fault.value}"}
    return {}


async def async_apply_clips(hass: HomeAssistant, values: Mapping[str, Any]) -> None:
    """Keep clips as was typed, from now on; no camera and no server notices."""
    await (await async_get_shared(hass)).async_change_clips(read_clips(values))


def read_clips(values: Mapping[str, Any]) -> ClipKeeping:
    """Return what was typed."""
    folder = (values.get(CONF_CLIPS_FOLDER) or "").strip()
    return ClipKeeping.parse({**values, CONF_CLIPS_FOLDER: folder})
