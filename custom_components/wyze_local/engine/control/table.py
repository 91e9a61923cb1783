"""The table of features: which commands ask for each, which change it, and what the numbers mean.

Codes and layouts come from clients that talk to real cameras. What answers a question about the floodlight
is documented nowhere: it is taken to look like the spotlight's, and a camera that answers otherwise has none.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..catalog import ModelControls
from .codec import Count, Meaning, Words, build_clock
from .values import Feature

PARAMETERS = 10020
"""Asks for many parameters at once, by number."""
GET_POSITION, SET_POSITION = 11006, 11018
GET_WAY_POINTS, SET_WAY_POINTS = 11010, 11012
ROTATE, STEP, REST = 11000, 11002, 11004

_PICTURE, _OLDER_PICTURE = 10056, 10052
_DETECTION, _OLDER_DETECTION = 10206, 10202
_MODERN_PICTURE = struct.Struct("<BHH")
"""Resolution + 1, kilobytes per second, pictures per second; 0 leaves one as it is."""
_ALL_PICTURE = struct.Struct("<HBBBB")
"""Kilobytes per second, resolution + 1, pictures per second, both flips; 0 leaves one as it is."""

type Command = tuple[int, bytes]
"""Code and payload."""


@dataclass(frozen=True, slots=True)
class Read:
    """A command that asks for one feature, and where its number stands in the answer."""

    code: int
    at: int = 0
    size: int = 1
    less: int = 0
    """What to take away from the number."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A feature that is a number."""

    meaning: Meaning
    write: Callable[[int, ModelControls], Command]
    """Makes the command that changes it."""
    parameter: int = 0
    """Its number among the many parameters; 0 for none."""
    read: Read | None = None
    """The command that asks for it alone."""
    slack: int = 0
    """How far apart what was said and what is read may be: a clock goes on."""
    turns: bool = False
    """Whether only a camera that turns can have it."""


ON_OFF = Words({1: True, 2: False})
NIGHT_VISION = Words({3: "auto", 1: "on", 2: "off"})
IR_RANGE = Words({1: "far", 2: "near"})
NIGHT_THRESHOLD = Words({1: "dusk", 2: "dark"})
RESOLUTION = Words({1: "360p", 2: "720p", 0: "1080p", 3: "2k"})
BITRATE = Count(1, 1000)
FPS = Count(1, 60)
CLOCK = Count(0, 0xFFFFFFFF)


def _byte(code: int, after: bytes = b"") -> Callable[[int, ModelControls], Command]:
    """Say a number as one byte."""
    return lambda number, _: (code, bytes((number,)) + after)


def _twice(code: int) -> Callable[[int, ModelControls], Command]:
    return lambda number, _: (code, bytes((number, number)))


def _detection(number: int, model: ModelControls) -> Command:
    return _OLDER_DETECTION if model.older_commands else _DETECTION, bytes((number, 0))


def _bitrate(number: int, model: ModelControls) -> Command:
    if model.older_commands:
        return _OLDER_PICTURE, _ALL_PICTURE.pack(number, 0, 0, 0, 0)
    return _PICTURE, _MODERN_PICTURE.pack(0, number, 0)


def _resolution(number: int, model: ModelControls) -> Command:
    if model.older_commands:
        return _OLDER_PICTURE, _ALL_PICTURE.pack(0, number + 1, 0, 0, 0)
    return _PICTURE, _MODERN_PICTURE.pack(number + 1, 0, 0)


def _fps(number: int, _: ModelControls) -> Command:
    return _OLDER_PICTURE, _ALL_PICTURE.pack(0, 0, number, 0, 0)


def _flip_horizontal(number: int, _: ModelControls) -> Command:
    return _OLDER_PICTURE, _ALL_PICTURE.pack(0, 0, 0, number, 0)


def _flip_vertical(number: int, _: ModelControls) -> Command:
    return _OLDER_PICTURE, _ALL_PICTURE.pack(0, 0, 0, 0, number)


def _clock(number: int, _: ModelControls) -> Command:
    return 10092, build_clock(number)


def _switch(get: int, put: int, parameter: int = 0, *, turns: bool = False) -> Setting:
    """Return what is on or off, by a byte."""
    return Setting(ON_OFF, _byte(put), parameter, Read(get), turns=turns)


SETTINGS: Mapping[Feature, Setting] = {
    Feature.STATUS_LIGHT: _switch(10030, 10032, 1),
    Feature.NIGHT_VISION: Setting(NIGHT_VISION, _byte(10042), 2, Read(10040)),
    Feature.IR_RANGE: Setting(IR_RANGE, _byte(10046), 50, Read(10044)),
    Feature.NIGHT_THRESHOLD: Setting(NIGHT_THRESHOLD, _byte(10626), read=Read(10624)),
    Feature.FLIP_HORIZONTAL: Setting(ON_OFF, _flip_horizontal, 6, Read(10050, 4)),
    Feature.FLIP_VERTICAL: Setting(ON_OFF, _flip_vertical, 7, Read(10050, 5)),
    Feature.TIME_STAMP: _switch(10070, 10072),
    Feature.LOGO: _switch(10074, 10076),
    Feature.MOTION_DETECTION: Setting(ON_OFF, _detection, 13, Read(10200)),
    Feature.MOTION_TAGGING: _switch(10290, 10292, 21),
    Feature.MOTION_TRACKING: _switch(11020, 11022, 27, turns=True),
    Feature.SIREN: Setting(ON_OFF, _twice(10630), read=Read(10632)),
    Feature.SPOTLIGHT: _switch(10640, 10646),
    Feature.FLOODLIGHT: _switch(10788, 12060),
    Feature.PAN_SCAN: _switch(11014, 11016, turns=True),
    Feature.CLOCK: Setting(CLOCK, _clock, read=Read(10090, size=4), slack=10),
    Feature.BITRATE: Setting(BITRATE, _bitrate, 3, Read(10050, size=2)),
    Feature.RESOLUTION: Setting(RESOLUTION, _resolution, 4, Read(10050, 2, less=1)),
    Feature.FPS: Setting(FPS, _fps, 5, Read(10050, 3)),
}
"""All features that are a number that can be asked for."""
