"""What is known of a camera's controls, as entities show it, and what can go wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .engine.control import UNANSWERED, ControlError, ControlReason, Feature, Position, Value, WayPoint
from .engine.relay import CameraFacts
from .status import FAILURES, Connection


class Path(StrEnum):
    """Which way the last command or question went."""

    LAN = "lan"
    CLOUD = "cloud"
    NONE = "none"
    """Neither led to the camera, or none was tried yet."""


@dataclass(frozen=True, slots=True)
class ControlState:
    """How a camera's controls stand, by its own word."""

    features: frozenset[Feature] = frozenset()
    """What it has, as it answered now or in an earlier run."""
    values: Mapping[Feature, Value] = field(default_factory=dict)
    """How that stands. Nothing that was not read since the start, nor of a camera that is out of reach."""
    position: Position | None = None
    """Where it looks, if it turns and says so."""
    way_points: tuple[WayPoint, ...] = ()
    """The positions that it remembers."""
    read_at: float | None = None
    """When anything was last read, in seconds since 1970."""
    path: Path = Path.NONE


def said_at_log_in(facts: CameraFacts) -> dict[Feature, Value]:
    """Return what a camera said of itself when it let us in, as features."""
    said: dict[Feature, Value | None] = {
        Feature.WIFI_SIGNAL: facts.signal,
        Feature.BATTERY: facts.battery,
        Feature.SD_CARD: facts.sd_present,
        # Of a card that is not there, nothing but that is known.
        Feature.SD_FREE: facts.sd_free_mb if facts.sd_present else None,
        Feature.SD_CAPACITY: facts.sd_capacity_mb if facts.sd_present else None,
    }
    return {feature: value for feature, value in said.items() if value is not None}


NOT_NOW = "not_now"
"""The reason while there is nobody to tell: the camera's keys are missing, or somebody else holds it."""

CLOUD_IGNORED = "cloud_ignored"
"""The reason when the vendor took an order and its camera still says otherwise."""

NO_CLOUD = "no_cloud"
"""The reason when only the vendor could do it, and cannot be asked now."""

OVERTAKEN = "overtaken"
"""The reason when a turn waited for its own until too many newer ones came."""

OWN_REASONS = frozenset(ControlReason) | {NOT_NOW, CLOUD_IGNORED, NO_CLOUD, OVERTAKEN}
"""The reasons with a text of their own."""


_NO_SESSION = "no session: "
"""What the cause begins with where nothing was said to the camera: the words are the same, the sense is not.

A session that is not granted is no order that is refused, and one that is off has not left one unanswered.
"""

_CAUSES = {**FAILURES, "closed": Connection.NO_ANSWER}
"""What a cause means. A session on which nothing comes any more is closed by ourselves."""

_NOT_HELD = frozenset({"unknown_camera"})
"""The causes of a camera that is being taken in anew."""


class ControlFailed(HomeAssistantError):
    """A camera was not told what it should be told. Says why, and what helps, in the person's language."""

    def __init__(self, reason: str) -> None:
        """Translate a reason of the control room, or the cause for which there is no session."""
        super().__init__(translation_domain=DOMAIN, translation_key=control_failure_key(reason))
        self.reason = reason

    @classmethod
    def of(cls, err: ControlError) -> ControlFailed:
        """Return what a person is told of an engine's error."""
        return cls(_NO_SESSION + err.cause if is_out_of_reach(err) else err.word)


def is_out_of_reach(err: ControlError) -> bool:
    """Tell whether there was no session with the camera: nothing was said to it at all."""
    return err.word is ControlReason.NO_ANSWER and err.cause not in ("", UNANSWERED)


def control_failure_key(reason: str) -> str:
    """Return the exception key of a reason. Why there is no session is said as anywhere else."""
    if reason in OWN_REASONS:
        return f"control_{reason}"
    cause = reason.removeprefix(_NO_SESSION)
    return (
        f"control_{NOT_NOW}" if cause in _NOT_HELD else f"camera_{_CAUSES.get(cause, Connection.FAULT).value}"
    )
