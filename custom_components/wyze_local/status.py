"""The words for how a camera stands, and the table from the engine's reasons to them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
    NO_STREAM = "no_stream"
    UPDATING = "updating"
    STARTING = "starting"
    SWITCHED_OFF = "switched_off"
    UNREACHABLE = "unreachable"
    OUTSIDE = "outside_networks"
    KEYS_MISSING = "keys_missing"
    SERVER_DOWN = "server_down"
    FAULT = "fault"


STREAM_FAILURES = frozenset(
    {
        Connection.NO_ANSWER,
        Connection.WRONG_KEY,
        Connection.BUSY,
        Connection.NO_MEDIA,
        Connection.NO_STREAM,
        Connection.UNREACHABLE,
        Connection.OUTSIDE,
        Connection.SERVER_DOWN,
        Connection.FAULT,
    }
)
"""What can be said of a stream of any make; whatever else is a fault."""

AVAILABLE = frozenset({Connection.READY, Connection.LIVE, Connection.ON_DEMAND})
"""Where a picture can be had, as far as the last evidence goes."""

UNUSABLE = frozenset(
    {
        Connection.WRONG_KEY,
        Connection.NO_DTLS,
        Connection.OUTSIDE,
        Connection.KEYS_MISSING,
        Connection.SERVER_DOWN,
    }
)
"""Where not even a battery camera that may just be asleep can be looked at. Looking is what wakes it."""

FAILURES: dict[str, Connection] = {
    "no_answer": Connection.NO_ANSWER,
    "timeout": Connection.NO_ANSWER,
    "wrong_key": Connection.WRONG_KEY,
    "busy": Connection.BUSY,
    "refused": Connection.BUSY,
    "no_dtls": Connection.NO_DTLS,
    "no_media": Connection.NO_MEDIA,
    "no_stream": Connection.NO_STREAM,
    "unreachable": Connection.UNREACHABLE,
    "blocked": Connection.UNREACHABLE,
    "port_closed": Connection.UNREACHABLE,
    "server_down": Connection.SERVER_DOWN,
    "relay_down": Connection.SERVER_DOWN,
    "outside": Connection.OUTSIDE,
    "no_key_frame": Connection.NO_MEDIA,
    "hung_up": Connection.BUSY,
    "updating": Connection.UPDATING,
    "checking": Connection.STARTING,
    "off": Connection.SWITCHED_OFF,
}
"""What a reason of the stream server means for the person; whatever is not here is a fault."""

EXPLAINED = frozenset(FAILURES.values()) | {Connection.FAULT}
"""The verdicts that say why there is no picture."""

EVIDENCE = frozenset(FAILURES) - {"timeout", "server_down", "relay_down"}
"""The reasons that say something about the camera, and not about one viewer or the server."""


CHECKED_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """The verdict on one camera."""

    connection: Connection
    since: datetime
    checked_at: datetime | None = None
    """When the camera itself was last asked, or seen, and gave cause for the verdict."""
    battery: bool = False

    @classmethod
    def after(
        cls,
        before: CameraStatus | None,
        connection: Connection,
        now: datetime,
        *,
        checked: bool,
        battery: bool,
    ) -> CameraStatus:
        """Return the verdict that follows another one; `checked` when the camera itself gave cause for it."""
        if before is None or before.connection is not connection:
            last = before.checked_at if before else None
            return cls(connection, now, now if checked else last, battery)
        # A camera that streams gives cause all the time; nobody needs to know to the second.
        if checked and (before.checked_at is None or now - before.checked_at >= CHECKED_EVERY):
            return replace(before, checked_at=now)
        return before

    @property
    def available(self) -> bool:
        """Whether a picture can be had, or may be had by looking."""
        if self.battery:
            return self.connection not in UNUSABLE
        return self.connection in AVAILABLE


def log_change(before: CameraStatus | None, after: CameraStatus) -> None:
    """Log once when a camera goes away and once when it is back; its name is nobody's business."""
    if before is None or before is after or Connection.CHECKING in (before.connection, after.connection):
        return
    if before.available and not after.available:
        LOGGER.info("A camera is not available (%s)", after.connection)
    elif after.available and not before.available:
        LOGGER.info("A camera is available again")
