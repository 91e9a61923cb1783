"""Which entities of a camera are enabled when they appear: eight at most, by what people look for first.

Whatever is not ranked here is disabled until somebody wants it. Home Assistant remembers the choice: what is
in its registry already is never touched.
"""

from collections.abc import Set as AbstractSet
from typing import Final

from homeassistant.core import callback

from .cameras import CameraItem
from .entry import WyzeLocalConfigEntry

MOST: Final = 8

RANKS: Final = (
    "camera",
    "connection",
    "motion",
    "events",
    "last_event",
    "doorbell",
    "presses",
    "floodlight",
    "spotlight",
    "night_vision",
    "siren",
    "speaker",
    "battery",
)
"""The keys of entity descriptions, the most wanted first."""

ALWAYS: Final = frozenset({"camera", "connection"})
WATCHED: Final = frozenset({"motion", "events", "last_event"})
"""What there is once somebody has a camera watched: a place is kept for it, since that may be any day."""
BUTTON: Final = frozenset({"doorbell", "events", "presses"})
"""What a doorbell has whose vendor can be asked; all but the last once somebody wants that."""


def enabled(has: AbstractSet[str], *, watchable: bool, button: bool = False) -> frozenset[str]:
    """Return the keys that are enabled of a camera that has these things besides what many cameras have."""
    there = has | ALWAYS | (WATCHED if watchable else frozenset()) | (BUTTON if button else frozenset())
    return frozenset([key for key in RANKS if key in there][:MOST])


@callback
def async_is_enabled(entry: WyzeLocalConfigEntry, item: CameraItem, key: str) -> bool:
    """Tell whether a camera's entity is to be enabled, once it is known what else the camera has."""
    data = entry.runtime_data
    has = {str(feature) for feature in data.controls.of(item.key).features}
    if data.shared.relaying.facts(item.key).speaker:
        has.add("speaker")
    return key in enabled(
        has,
        watchable=not data.coordinator.catalog.model(item.model).battery,
        button=data.events.has_button(item),
    )
