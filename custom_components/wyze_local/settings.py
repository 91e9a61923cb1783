"""What a person chose for one camera. None of it is secret, so it lies in the config entry."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from .const import (
    CONF_CLIPS,
    CONF_ENGINE,
    CONF_FALLBACK,
    CONF_KIND,
    CONF_PRE_ROLL,
    CONF_RESOLUTION,
    CONF_SENSITIVITY,
    CONF_SOUND,
    CONF_WATCH,
    CONF_ZONES,
    KIND_STILLS,
    KIND_STREAM,
)
from .engine.model import InvalidField, Sensitivity, WatchMode, Zone, parse_zones

DEFAULT_PRE_ROLL = 5.0
MAX_PRE_ROLL = 15.0
"""Seconds. What came before a motion waits in memory: about 0.25 MB a second of a 1080p camera."""


class Engine(StrEnum):
    """Who holds the session with the camera."""

    AUTO = "auto"
    """The relay, unless it could not make anything of this camera's pictures and go2rtc could."""
    RELAY = "relay"
    GO2RTC = "go2rtc"
    """go2rtc's own source, which gets the camera's keys."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """The settings of one camera."""

    engine: Engine = Engine.AUTO
    resolution: str = ""
    """`hd`, `sd`, or empty for the camera's own."""
    sound: bool = True
    fallback: str = ""
    """The firmware for which `auto` went over to go2rtc's own source; `?` when it is unknown."""
    kind: str = ""
    """`stream` or `stills` for a camera that is a stream of any make, which the relay cannot hold."""
    watch: WatchMode = WatchMode.OFF
    """Off until somebody was asked: it reads the camera's stream all day and night."""
    sensitivity: Sensitivity = Sensitivity.MEDIUM
    zones: tuple[Zone, ...] = ()
    """Where motion counts; none means everywhere."""
    clips: bool = True
    """Whether motion that was seen is kept as a clip. Without `watch` nothing is seen."""
    pre_roll: float = DEFAULT_PRE_ROLL
    """Seconds before the motion that a clip begins with at least."""

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Self:
        """Return the settings kept of a camera; what is missing or odd there is as if never chosen."""
        engine, resolution = data.get(CONF_ENGINE), data.get(CONF_RESOLUTION)
        sound, fallback, kind = data.get(CONF_SOUND), data.get(CONF_FALLBACK), data.get(CONF_KIND)
        watch, sensitivity = data.get(CONF_WATCH), data.get(CONF_SENSITIVITY)
        return cls(
            engine=Engine(engine) if engine in list(Engine) else Engine.AUTO,
            resolution=resolution if resolution in ("hd", "sd") else "",
            sound=sound if isinstance(sound, bool) else True,
            fallback=fallback if isinstance(fallback, str) else "",
            kind=kind if kind in (KIND_STREAM, KIND_STILLS) else "",
            watch=WatchMode(watch) if watch in list(WatchMode) else WatchMode.OFF,
            sensitivity=(
                Sensitivity(sensitivity) if sensitivity in list(Sensitivity) else Sensitivity.MEDIUM
            ),
            zones=_zones(data.get(CONF_ZONES, ())),
            clips=data.get(CONF_CLIPS) is not False,
            pre_roll=_pre_roll(data.get(CONF_PRE_ROLL)),
        )

    @property
    def of_stream(self) -> Self:
        """The settings that its stream is made by; what is looked for in it interrupts nobody."""
        usual = type(self)()
        return replace(
            self,
            watch=usual.watch,
            sensitivity=usual.sensitivity,
            zones=usual.zones,
            clips=usual.clips,
            pre_roll=usual.pre_roll,
        )

    @property
    def relayed(self) -> bool:
        """Whether the relay holds the session."""
        if self.kind:
            return False
        return self.engine is Engine.RELAY or (self.engine is Engine.AUTO and not self.fallback)


def _zones(value: object) -> tuple[Zone, ...]:
    try:
        return parse_zones(value)
    except InvalidField:
        # Motion somewhere else is reported then, which is better than none.
        return ()


def _pre_roll(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_PRE_ROLL:
        return float(value)
    return DEFAULT_PRE_ROLL
