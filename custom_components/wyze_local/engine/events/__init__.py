"""One stream of events for each camera: what was seen here, and what the cloud tells of it. Pure.

Local news make the events; a hint of the cloud adds to the event that it lies near, or makes one of its own.
It can never take one away, hold one back or make one count twice.
"""

from .hints import AHEAD, LATE, MOST_HEARD, MOST_OVER_RESTART, HeardHints, Hint, is_now
from .stream import MOST_KEPT, WINDOW, EventStream
from .words import CameraEvent, Fired, Kind, Origin, Seen

__all__ = [
    "AHEAD",
    "LATE",
    "MOST_HEARD",
    "MOST_KEPT",
    "MOST_OVER_RESTART",
    "WINDOW",
    "CameraEvent",
    "EventStream",
    "Fired",
    "HeardHints",
    "Hint",
    "Kind",
    "Origin",
    "Seen",
    "is_now",
]
