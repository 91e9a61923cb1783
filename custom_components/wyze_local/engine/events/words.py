"""What an event is."""

from dataclasses import dataclass
from enum import StrEnum

from ..model import Box


class Origin(StrEnum):
    """Who told of an event."""

    LOCAL = "local"
    """The picture was looked at here."""
    CLOUD = "cloud"
    """The vendor's cloud, and nobody here saw anything."""
    BOTH = "both"


class Kind(StrEnum):
    """What happened. In the order in which it is told: what says more comes later."""

    MOTION = "motion"
    SOUND = "sound"
    PACKAGE = "package"
    VEHICLE = "vehicle"
    PET = "pet"
    PERSON = "person"
    RING = "ring"
    """Somebody pressed the button of a doorbell."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the detector saw at one moment."""

    at: float
    """Seconds since 1970, by this machine's clock."""
    score: float
    """From 0 to 1."""
    zones: tuple[str, ...] = ()
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """Something that happened before a camera, as far as it is known by now. Times are seconds since 1970."""

    id: str
    """Of our own making: nothing of the vendor's id is in it."""
    began: float
    ended: float | None
    """None while it goes on."""
    origin: Origin
    kinds: frozenset[Kind] = frozenset()
    """All that was told of it so far."""
    score: float | None = None
    """The best score that was seen here; None where nothing was."""
    zones: tuple[str, ...] = ()
    """All zones in which something moved, by name, in the order in which they were seen."""
    box: Box | None = None
    """Where the motion was at the best moment."""
    frame_time: float | None = None
    """When the best moment was."""
    clip_id: str | None = None
    clip_finished: bool = False
    parts: tuple[str, ...] = ()
    """The clips in which it goes on after the first, as far as they are finished."""
    has_still: bool = False
    """Whether the clip is finished and has its picture."""


@dataclass(frozen=True, slots=True)
class Fired:
    """One thing to tell, once."""

    kind: Kind
    event: CameraEvent
    """The event as it is known at this moment."""
