"""What is done on the dashboard: the card that is clicked, how the picture shows it, what the camera says."""

from collections.abc import Callable
from dataclasses import dataclass

from .eyes import Image, bright, colourful, framed, moved

TURNING, BRIGHT = "terrace", "garden"
"""The camera that turns, and the one with a floodlight and a siren."""
TURNED = 45
"""Degrees."""
_FULL_TURN = 360
_GREY, _COLOURED = 8.0, 20.0
_MUCH = 12.0
"""Steps of 256 by which a lamp makes a picture brighter at the least."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One click."""

    name: str
    camera: str
    card: str
    shows: Callable[[Image, Image], bool]
    """Whether it shows: given the picture before it, and the one now."""
    setting: str
    value: int
    """What the camera itself says of the setting then."""


def _by(share: float) -> Callable[[Image, Image], bool]:
    """Return whether the scene moved by a share of the width."""
    return lambda before, now: abs(moved(before, now) - share) < 0.03


def _brighter(before: Image, now: Image) -> bool:
    return bright(now) > bright(before) + _MUCH


def _darker(before: Image, now: Image) -> bool:
    return bright(now) < bright(before) - _MUCH


def _grey(before: Image, now: Image) -> bool:
    return colourful(now) < _GREY


def _coloured(before: Image, now: Image) -> bool:
    return colourful(now) > _COLOURED


DEEDS = (
    Deed("floodlight_on", BRIGHT, "Floodlight", _brighter, "floodlight", 1),
    Deed("siren_on", BRIGHT, "Siren", lambda _, now: framed(now), "siren", 1),
    Deed("turn_right", TURNING, "Turn right", _by(-TURNED / _FULL_TURN), "pan", 175 + TURNED),
    Deed("spotlight_on", TURNING, "Spotlight", _brighter, "spotlight", 1),
    Deed("spotlight_off", TURNING, "Spotlight", _darker, "spotlight", 2),
    Deed("night_vision_on", TURNING, "Night vision", _grey, "night_vision", 1),
    Deed("night_vision_auto", TURNING, "Automatic", _coloured, "night_vision", 3),
    Deed("turn_left", TURNING, "Turn left", _by(TURNED / _FULL_TURN), "pan", 175),
    Deed("siren_off", BRIGHT, "Siren", lambda _, now: not framed(now), "siren", 2),
    Deed("floodlight_off", BRIGHT, "Floodlight", _darker, "floodlight", 2),
)
"""In the middle most of it is on at once; in the end all is as it was."""
