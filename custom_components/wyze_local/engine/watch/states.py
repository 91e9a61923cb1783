"""How the watch of a camera stands, what it tells, and what is wanted of it. Values only; cheap to import."""

from dataclasses import dataclass
from enum import StrEnum

from ..model import Box, ClipNews, ClipSettings, Sensitivity, WatchMode, Zone


class WatchPhase(StrEnum):
    """What the worker does with a camera."""

    OFF = "off"
    """It is not watched."""
    OPENING = "opening"
    """Its stream is being opened, and no picture has come yet."""
    WARMING = "warming"
    """Pictures come, and what is usual in them is still being learnt."""
    WATCHING = "watching"
    STALLED = "stalled"
    """Its stream ended, or brings nothing; it is opened again and again."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """How the watch of a camera stands."""

    phase: WatchPhase = WatchPhase.OFF
    mode: WatchMode = WatchMode.OFF
    """What is looked at now: `full` or `key`; `off` before the first picture."""
    cost: float = 0.0
    """Share of one processor core that it takes, over the last minute at most."""
    rate: float = 0.0
    """Bytes per second of its stream, likewise."""
    reason: str = ""
    """Why nothing comes: `no_answer`, `refused`, `not_found`, `timeout`, `ended`, `unreadable`, `no_video`,
    `crashes` while it is held back because the worker died over its video, or `watch_down` while the worker
    itself keeps ending."""


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """What is wanted of the watch of one camera."""

    mode: WatchMode = WatchMode.AUTO
    sensitivity: Sensitivity = Sensitivity.MEDIUM
    zones: tuple[Zone, ...] = ()
    clips: ClipSettings | None = None
    """Where and how clips are written; None where there is no place for them."""
    keep_motion: bool = True
    """Whether motion is kept as a clip; without it, only what somebody asks for."""


@dataclass(frozen=True, slots=True)
class WatchStill:
    """The last picture of a camera that was looked at."""

    jpeg: bytes
    taken_at: float
    """When it arrived, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class MotionBegan:
    """Something began to move."""

    event_id: str
    at: float
    """When, in seconds since 1970; also below."""
    score: float
    zones: tuple[str, ...]
    box: Box | None


@dataclass(frozen=True, slots=True)
class MotionGrew:
    """A moment that shows more of it than any before, or a further zone."""

    event_id: str
    at: float
    score: float
    zones: tuple[str, ...]
    """All zones since the beginning, in order of appearance."""
    box: Box | None


@dataclass(frozen=True, slots=True)
class MotionEnded:
    """It is quiet again, or nobody looks any more."""

    event_id: str
    at: float
    """When something moved for the last time."""
    score: float
    """The best of the event."""
    zones: tuple[str, ...]
    box: Box | None
    """Of the best moment."""


type WatchNews = MotionBegan | MotionGrew | MotionEnded | ClipNews
"""What happened before a camera."""
