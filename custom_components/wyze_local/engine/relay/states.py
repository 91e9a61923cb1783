"""How a camera stands with the relay. Values only; cheap to import."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What the relay has of a camera."""

    IDLE = "idle"
    """Nobody looks; no session."""
    CONNECTING = "connecting"
    """Somebody looks, and the first try is under way."""
    LIVE = "live"
    """Pictures come."""
    STALLED = "stalled"
    """The session stood but pictures stopped; it is dialled anew."""
    LOST = "lost"
    """It cannot be reached; it is dialled again and again."""
    REFUSED = "refused"
    """It answered and said no; `reason` tells why."""


@dataclass(frozen=True, slots=True)
class CameraState:
    """How a camera stands."""

    phase: Phase = Phase.IDLE
    reason: str = ""
    """Why it is not live: the reason of a LanError (`no_answer`, `wrong_key`, …), `no_media`, `no_key_frame`
    (pictures come, but none to begin with) or `relay_down`."""
    since: float = 0.0
    """Since when, in seconds since 1970 by the wall clock."""
    readers: int = 0
    """RTSP connections that read it, without the watch worker's: it is nobody who looks."""
    barren: int = 0
    """How many sessions in a row logged in and then brought nothing that could be decoded."""
    muted: bool = False
    """Whether browsers cannot hear it: its sound is AAC, and no ffmpeg here makes Opus of it."""
    refusals: int = 0
    """How many dials so far ended because it did not know the key."""


@dataclass(frozen=True, slots=True)
class CameraStats:
    """What a session has brought so far; zero when there is none. Counts since the session began."""

    frames: int = 0
    datagrams: int = 0
    lost: int = 0
    """Fragments that never came."""
    late: int = 0
    given_up: int = 0
    """Frames that were given up because a part of them never came."""
    missing: int = 0
    """Frames of which nothing came."""
    bytes: int = 0
    fps: float = 0.0
    """Pictures per second over the last seconds."""
    age: float = -1.0
    """Seconds since the last picture; negative when there was none."""


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the camera has said about itself at its last log-in. Its words, cut and made printable."""

    model: str = ""
    firmware: str = ""
    signal: int | None = None
    """Wi-Fi signal as the camera gives it: percent, or dBm when negative."""
    talk: bool = False
    """Whether it takes sound for its speaker that a browser can send."""
    speaker: bool = False
    """Whether it announced a speaker at all."""
    video: str = ""
    """How its pictures are coded: `h264`, `h265`, empty while that is unknown."""
    audio: str = ""
    """How its sound is coded: `pcmu`, `aac` …, empty while that is unknown or where there is none."""
    battery: int | None = None
    """Percent, of models that have one."""
    sd_present: bool | None = None
    sd_capacity_mb: int | None = None
    sd_free_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a command for a camera that the relay does not hold."""

    payload: bytes
    reason: str
    """Why there is no answer: that of a LanError. Empty where there is one."""
    facts: CameraFacts
    """What the camera said of itself when it let us in last."""
    dialled: bool
    """Whether it was dialled since the last one was told, so that this says how it took its key."""
