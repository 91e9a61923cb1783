"""What of a camera's state shows in its pictures."""

from dataclasses import dataclass
from enum import StrEnum

from .settings import AT_DUSK, IR_FAR, NIGHT_AUTO, NIGHT_ON, ON, REST, TILT_RANGE, Settings

_FLOODLIGHT, _SPOTLIGHT = 45, 30
_FULL_TURN = 360


class Light(StrEnum):
    """How light it is before a camera."""

    DAY = "day"
    DUSK = "dusk"
    DARK = "dark"


_SEEN = {Light.DAY: 100, Light.DUSK: 50, Light.DARK: 15}
"""Percent of the brightness that a picture in colour keeps."""
_SEEN_AT_NIGHT, _LESS_BY_THE_NEAR_LAMP = 75, 25
"""The same by infrared light."""


@dataclass(frozen=True, slots=True)
class Look:
    """How pictures differ from the usual ones: equal looks are equal pictures."""

    grey: bool = False
    gain: int = 100
    """Percent of the scene's brightness."""
    lift: int = 0
    """Added to it: steps of 256."""
    flip_horizontal: bool = False
    flip_vertical: bool = False
    shift_x: float = 0.0
    """How far the scene moved to the right, as a share of the width; what leaves on one side comes back on
    the other."""
    shift_y: float = 0.0
    """The same downwards, by the height."""
    clock: bool = True
    title: bool = True
    lamp: bool = True
    """Without it, a dark dot shows where the status light was."""
    alarm: bool = False
    """A red frame round the picture."""


USUAL = Look()


def look_of(settings: Settings, light: Light) -> Look:
    """Return how a camera's pictures look."""
    grey = _sees_night(settings, light)
    gain = _SEEN[light]
    if grey:
        gain = max(gain, _SEEN_AT_NIGHT) - _LESS_BY_THE_NEAR_LAMP * (settings.ir_led != IR_FAR)
    return Look(
        grey=grey,
        gain=gain,
        lift=_FLOODLIGHT * (settings.floodlight == ON) + _SPOTLIGHT * (settings.spotlight == ON),
        flip_horizontal=settings.flip_horizontal == ON,
        flip_vertical=settings.flip_vertical == ON,
        shift_x=round((REST[0] - settings.pan) / _FULL_TURN % 1, 4),
        shift_y=round((settings.tilt - REST[1]) / TILT_RANGE / 2 % 1, 4),
        clock=settings.time_stamp == ON,
        title=settings.logo == ON,
        lamp=settings.status_light == ON,
        alarm=settings.siren == ON,
    )


def _sees_night(settings: Settings, light: Light) -> bool:
    """Whether the camera looks by infrared light, which has no colours."""
    if settings.night_vision == NIGHT_AUTO:
        return light is Light.DARK or (light is Light.DUSK and settings.night_threshold == AT_DUSK)
    return settings.night_vision == NIGHT_ON


def effects(look: Look) -> list[str]:
    """Return the ffmpeg filters that give a scene this look, before anything is written upon it."""
    filters = []
    if look.shift_x or look.shift_y:
        filters.append(f"scroll=hpos={look.shift_x}:vpos={look.shift_y}")
    filters += ["hflip"] * look.flip_horizontal + ["vflip"] * look.flip_vertical
    if look.gain != USUAL.gain or look.lift:
        filters.append(f"lutyuv=y='clip(val*{look.gain / 100}+{look.lift},16,235)'")
    if look.grey:
        filters.append("lutyuv=u=128:v=128")
    return filters
