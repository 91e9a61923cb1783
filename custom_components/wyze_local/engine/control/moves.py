"""Where a camera can be told to look."""

from dataclasses import dataclass

from .values import Position

SPEEDS = range(1, 10)
MAX_PAN, MAX_TILT = 360, 180
"""Degrees; what is beyond them is no turn."""

CLOSE = 2
"""Degrees by which a camera may miss a position."""


@dataclass(frozen=True, slots=True)
class Turn:
    """By so many degrees from where it looks now: to the right and up when positive."""

    pan: int = 0
    tilt: int = 0
    speed: int = 5


@dataclass(frozen=True, slots=True)
class Step:
    """By one of its own steps: `pan` -1 left, 1 right; `tilt` -1 down, 1 up; 0 not at all."""

    pan: int = 0
    tilt: int = 0
    speed: int = 5


@dataclass(frozen=True, slots=True)
class Home:
    """Back to where it rests."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """To a position of its own scale: a way-point, for instance."""

    position: Position


type Move = Turn | Step | Home | GoTo
