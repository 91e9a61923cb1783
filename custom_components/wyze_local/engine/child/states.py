"""How a supervised process stands. Values only; cheap to import."""

from dataclasses import dataclass
from enum import StrEnum


class ChildPhase(StrEnum):
    """What the process is doing."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    BACKOFF = "backoff"
    """It ended unasked and comes back in a moment."""
    FAILED = "failed"
    """It keeps ending; it is still tried, ever more seldom, at last once a minute."""


@dataclass(frozen=True, slots=True)
class ChildState:
    """How the process stands."""

    phase: ChildPhase = ChildPhase.STOPPED
    reason: str = ""
    """Why it is not ready: `exited`, `hung`, `protocol`, or the reason of a ChildError."""
    restarts: int = 0
    """How often it has come back by itself."""
