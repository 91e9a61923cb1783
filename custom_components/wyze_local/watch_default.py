"""Which cameras are suggested to be watched when they are set up: a few, by key frames, never on a battery.

Watching is asked for, for it reads a camera's stream all day and night. What is suggested is shown as ticked,
and holds only when the person sends it.
"""

from typing import Any

from homeassistant.core import HomeAssistant, callback

from .cameras import all_cameras
from .const import CONF_WATCH
from .engine.catalog import Catalog
from .engine.model import WatchMode
from .settings import CameraSettings

MAX_BY_DEFAULT = 4
"""How many cameras of an installation are watched unless a person says more."""


@callback
def places_left(hass: HomeAssistant) -> int:
    """Return how many more cameras are suggested to be watched."""
    watched = sum(CameraSettings.parse(item.data).watch is not WatchMode.OFF for item in all_cameras(hass))
    return max(0, MAX_BY_DEFAULT - watched)


def watch_data(catalog: Catalog, model: str, *, wanted: bool) -> dict[str, Any]:
    """Return what is kept of a new camera for the answer; a battery model is watched for no answer."""
    if not wanted or catalog.model(model).battery:
        return {}
    return {CONF_WATCH: WatchMode.KEY.value}
