"""The words for how a camera stands, and the table from the engine's reasons to them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .const import LOGGER


class Connection(StrEnum):
    """How a camera stands. The value is the state of its connection sensor."""

    CHECKING = "checking"
    READY = "ready"
    LIVE = "live"
    ON_DEMAND = "on_demand"
    UNPROVEN = "unproven"
    STALLED = "stalled"
    NO_ANSWER = "no_answer"
    WRONG_KEY = "wrong_key"
    BUSY = "busy"
    NO_DTLS = "no_dtls"
    NO_MEDIA = "no_media"
    UNREACHABLE = "unreachable"
    OUTSIDE = "outside_networks"
    KEYS_MISSING = "keys_missing"
    SERVER_DOWN = "server_down"
    FAULT = "fault"


AVAILABLE = frozenset({Connection.READY, Connection.LIVE, Connection.ON_DEMAND})
"""Where a picture can be had, as far as the last evidence goes."""

FAILURES: dict[str, Connection] = {
    "no_answer": Connection.NO_ANSWER,
    "timeout": Connection.NO_ANSWER,
    "wrong_key": Connection.WRONG_KEY,
    "busy": Connection.BUSY,
    "refused": Connection.BUSY,
    "no_dtls": Connection.NO_DTLS,
    "no_media": Connection.NO_MEDIA,
    "unreachable": Connection.UNREACHABLE,
    "blocked": Connection.UNREACHABLE,
    "port_closed": Connection.UNREACHABLE,
    "server_down": Connection.SERVER_DOWN,
}
"""What a reason of the stream server means for the person; whatever is not here is a fault."""


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """The verdict on one camera."""

    connection: Connection
    since: datetime
    checked_at: datetime | None = None

    @property
    def available(self) -> bool:
        """Whether a picture can be had."""
        return self.connection in AVAILABLE


def log_change(before: CameraStatus | None, after: CameraStatus) -> None:
    """Log once when a camera goes away and once when it is back; its name is nobody's business."""
    if before is None or Connection.CHECKING in (before.connection, after.connection):
        return
    if before.available and not after.available:
        LOGGER.info("A camera is not available (%s)", after.connection)
    elif after.available and not before.available:
        LOGGER.info("A camera is available again")
