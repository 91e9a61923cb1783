"""What the detector says of one picture. The reader hands it on to episodes.py; nothing here decides."""

from dataclasses import dataclass
from enum import StrEnum

from ..model import Box


class Change(StrEnum):
    """What happened to the whole picture, during which nothing in it counts as motion."""

    NONE = "none"
    WARMING = "warming"
    """The detector still learns what the scene looks like."""
    LIGHT = "light"
    """A lamp, the exposure, a cloud: everything became brighter or darker."""
    INFRARED = "infrared"
    """The camera went over to night vision, or back."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one picture shows."""

    moving: bool
    score: float
    """How much of it moves and how clearly, 0 to 1; 0 where nothing does."""
    box: Box | None
    """Around all that moves; None where nothing does."""
    zones: tuple[str, ...]
    """The names of the zones in which something moves, in their order."""
    change: Change


def still(change: Change = Change.NONE) -> Look:
    """Return the look of a picture in which nothing moves."""
    return Look(moving=False, score=0.0, box=None, zones=(), change=change)
