"""What a person chose for one camera. None of it is secret, so it lies in the config entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from .const import (
    CONF_ENGINE,
    CONF_FALLBACK,
    CONF_KIND,
    CONF_RESOLUTION,
    CONF_SOUND,
    KIND_STILLS,
    KIND_STREAM,
)


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

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Self:
        """Return the settings kept of a camera; what is missing or odd there is as if never chosen."""
        engine, resolution = data.get(CONF_ENGINE), data.get(CONF_RESOLUTION)
        sound, fallback, kind = data.get(CONF_SOUND), data.get(CONF_FALLBACK), data.get(CONF_KIND)
        return cls(
            engine=Engine(engine) if engine in set(Engine) else Engine.AUTO,
            resolution=resolution if resolution in ("hd", "sd") else "",
            sound=sound if isinstance(sound, bool) else True,
            fallback=fallback if isinstance(fallback, str) else "",
            kind=kind if kind in (KIND_STREAM, KIND_STILLS) else "",
        )

    @property
    def relayed(self) -> bool:
        """Whether the relay holds the session."""
        if self.kind:
            return False
        return self.engine is Engine.RELAY or (self.engine is Engine.AUTO and not self.fallback)
