"""What cameras can be told and asked, in words that people and programs share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol, Self


class Feature(StrEnum):
    """Something that some cameras have. What its value is stands behind it."""

    STATUS_LIGHT = "status_light"
    """bool"""
    NIGHT_VISION = "night_vision"
    """`auto`, `on`, `off`"""
    IR_RANGE = "ir_range"
    """`far` (850 nm, glows faintly), `near` (940 nm)"""
    NIGHT_THRESHOLD = "night_threshold"
    """`dusk`, `dark`: from which light on it is night"""
    FLIP_HORIZONTAL = "flip_horizontal"
    """bool"""
    FLIP_VERTICAL = "flip_vertical"
    """bool"""
    TIME_STAMP = "time_stamp"
    """bool: the time in the picture"""
    LOGO = "logo"
    """bool: the vendor's mark in the picture"""
    MOTION_DETECTION = "motion_detection"
    """bool: the camera's own, which tells the vendor; ours does not need it"""
    MOTION_TAGGING = "motion_tagging"
    """bool: a frame around what moves, in the picture"""
    MOTION_TRACKING = "motion_tracking"
    """bool: turns after what moves"""
    SIREN = "siren"
    """bool"""
    SPOTLIGHT = "spotlight"
    """bool"""
    FLOODLIGHT = "floodlight"
    """bool"""
    PAN_SCAN = "pan_scan"
    """bool: patrols between its way-points"""
    POSITION = "position"
    """It turns. No value: see `Survey.position`."""
    WAY_POINTS = "way_points"
    """It remembers positions. No value: see `Survey.way_points`."""
    CLOCK = "clock"
    """int: seconds since 1970 by the camera's clock, when it was asked"""
    BITRATE = "bitrate"
    """int: kilobytes per second"""
    RESOLUTION = "resolution"
    """`1080p`, `360p`, `720p`, `2k`"""
    FPS = "fps"
    """int: pictures per second"""
    WIFI_SIGNAL = "wifi_signal"
    """int: percent, or dBm when negative; of the last log-in"""
    BATTERY = "battery"
    """int: percent; of the last log-in"""
    SD_CARD = "sd_card"
    """bool: whether one is in; of the last log-in"""
    SD_FREE = "sd_free"
    """int: megabytes; of the last log-in"""
    SD_CAPACITY = "sd_capacity"
    """int: megabytes; of the last log-in"""


SAID_AT_LOG_IN = frozenset(
    {Feature.WIFI_SIGNAL, Feature.BATTERY, Feature.SD_CARD, Feature.SD_FREE, Feature.SD_CAPACITY}
)
"""What no command asks for: a camera tells it when it lets somebody in, and then not again."""

type Value = bool | int | str
"""The value of a feature."""


class Sender(Protocol):
    """The way to one camera: a session that stands, or one that is opened for the command."""

    async def command(self, code: int, payload: bytes, timeout: float) -> bytes:
        """Send a command and return the payload of its answer; raises EngineError (`timeout` …)."""
        ...


@dataclass(frozen=True, slots=True)
class Position:
    """Where a camera looks, in degrees of its own scale."""

    pan: int
    tilt: int

    def miss(self, other: Position) -> int:
        """Return by how many degrees it is not the other one, by whichever motor is further off."""
        return max(abs(self.pan - other.pan), abs(self.tilt - other.tilt))


@dataclass(frozen=True, slots=True)
class WayPoint:
    """A position that a camera remembers; a patrol stays there for some seconds."""

    position: Position
    wait: int = 10


@dataclass(frozen=True, slots=True)
class Survey:
    """What a camera answered."""

    features: frozenset[Feature] = frozenset()
    """What it has."""
    values: Mapping[Feature, Value] = field(default_factory=dict)
    """How that stands."""
    position: Position | None = None
    """Where it looks, if it turns."""
    way_points: tuple[WayPoint, ...] = ()
    complete: bool = True
    """Whether all questions were put; there may have been no time for some."""

    def without(self, features: Collection[Feature]) -> Self:
        """Return it without how these stand: somebody changed them meanwhile."""
        return replace(
            self,
            features=self.features - ({Feature.WAY_POINTS, Feature.POSITION} & set(features)),
            values={feature: value for feature, value in self.values.items() if feature not in features},
            position=None if Feature.POSITION in features else self.position,
        )
