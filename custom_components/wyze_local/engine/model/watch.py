"""What a person wants of the look at a camera's picture: how much of it, how readily, and where.

These values lie in config entries and travel to the watch worker; both sides read them through here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from .errors import InvalidField

MAX_ZONES = 4
"""How many zones a camera may have."""
MAX_ZONE_NAME = 40
"""The length of a zone's name in characters."""
MIN_ZONE_SIDE = 0.05
"""The least width and height of a zone, in shares of the picture: less is no cell of the detector."""

WATCH_AGENT = "wyze_local watch"
"""What the watch worker calls itself where it reads a stream: it is nobody who looks."""

_ROUNDING = 1e-6
_SIDES = ("left", "top", "width", "height")


class WatchMode(StrEnum):
    """How much of a camera's picture is looked at for motion."""

    AUTO = "auto"
    """Every picture, unless that costs too much here; then key frames."""
    FULL = "full"
    KEY = "key"
    """Key frames only: one picture in a few seconds, for next to no work."""
    OFF = "off"


class Sensitivity(StrEnum):
    """How readily a change of the picture counts as motion."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the picture, in shares of its width and height; the origin is the upper left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Zone:
    """A named rectangle in which motion counts, in shares of the picture."""

    name: str
    left: float
    top: float
    width: float
    height: float

    @classmethod
    def parse(cls, value: object) -> Self:
        """Build from a mapping with exactly these five fields.

        Raises InvalidField: `zone_name` (`empty`, `too_long`, `unprintable`), one of the sides
        (`not_a_share`, `too_small`), `zone` (`outside`, or `not_a_zone` for another form).
        """
        if not isinstance(value, Mapping) or value.keys() != {"name", *_SIDES}:
            raise InvalidField("zone", "not_a_zone")
        left, top, width, height = (_share(side, value[side]) for side in _SIDES)
        for side, length in (("width", width), ("height", height)):
            if length < MIN_ZONE_SIDE - _ROUNDING:
                raise InvalidField(side, "too_small")
        if left + width > 1 + _ROUNDING or top + height > 1 + _ROUNDING:
            raise InvalidField("zone", "outside")
        return cls(_zone_name(value["name"]), left, top, width, height)

    @property
    def box(self) -> Box:
        """The rectangle without its name."""
        return Box(self.left, self.top, self.width, self.height)

    def data(self) -> dict[str, str | float]:
        """Return what `parse` takes."""
        return {
            "name": self.name,
            "left": self.left,
            "top": self.top,
            "width": self.width,
            "height": self.height,
        }


def parse_zones(values: object) -> tuple[Zone, ...]:
    """Build a camera's zones from a list of mappings, in its order; none means the whole picture.

    Raises InvalidField as `Zone.parse` does, and `zones` (`not_zones`, `too_many`, `same_name`).
    """
    if not isinstance(values, list | tuple):
        raise InvalidField("zones", "not_zones")
    if len(values) > MAX_ZONES:
        raise InvalidField("zones", "too_many")
    zones = tuple(Zone.parse(value) for value in values)
    if len({zone.name.casefold() for zone in zones}) != len(zones):
        raise InvalidField("zones", "same_name")
    return zones


def _share(side: str, value: object) -> float:
    # A bool is an int to Python, and none to anybody else.
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise InvalidField(side, "not_a_share")
    if not 0 <= value <= 1:
        raise InvalidField(side, "not_a_share")
    return float(value)


def _zone_name(value: object) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name:
        raise InvalidField("zone_name", "empty")
    if len(name) > MAX_ZONE_NAME:
        raise InvalidField("zone_name", "too_long")
    if not name.isprintable():
        raise InvalidField("zone_name", "unprintable")
    return name
