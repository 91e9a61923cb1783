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
    WEAK_SIGNAL = "weak_signal"
    """Live, but so many pictures arrive incomplete that it shows."""
    ON_DEMAND = "on_demand"
    UNPROVEN = "unproven"
    STALLED = "stalled"
    """Pictures came, and stopped."""
    NO_ANSWER = "no_answer"
    """Not at this address: off, asleep or moved. Also one that keeps silent, which looks the same."""
    ASLEEP = "asleep"
    """The same of a battery model, which nearly always just sleeps."""
    NOT_HERE = "not_here"
    """Something has the address, and no camera listens there: another device, or one that is starting."""
    WRONG_KEY = "wrong_key"
    BUSY = "busy"
    NO_DTLS = "no_dtls"
    NO_LOCAL_VIDEO = "no_local_video"
    """A model that is known to show its pictures through the vendor's cloud only."""
    NO_MEDIA = "no_media"
    """It let us in, and no picture came at all."""
    NO_STREAM = "no_stream"
    """Something answers there, but not with a stream."""
    UPDATING = "updating"
    STARTING = "starting"
    SWITCHED_OFF = "switched_off"
    BLOCKED = "blocked"
    """This machine itself refuses to send."""
    UNREACHABLE = "unreachable"
    """Behind a router, and nothing there has answered: blocked on the way, or off, asleep or moved."""
    OUTSIDE = "outside_networks"
    KEYS_MISSING = "keys_missing"
    SERVER_DOWN = "server_down"
    EXTERNAL_DOWN = "external_down"
    """The camera is well, and the external stream server is away: what plays through the relay still does."""
    KEYS_NOT_ALLOWED = "keys_not_allowed"
    """Only go2rtc itself could hold this camera, and that is somebody else's, who is not to see its keys."""
    FAULT = "fault"


MOVING = frozenset({Connection.LIVE, Connection.WEAK_SIGNAL})
"""Where somebody sees pictures move."""

AT_REST = frozenset({Connection.READY, Connection.ON_DEMAND, Connection.EXTERNAL_DOWN})
"""Where a camera is well and nobody watches."""

AVAILABLE = MOVING | AT_REST
"""Where a picture can be had, as far as the last evidence goes."""

UNUSABLE = frozenset(
    {
        Connection.WRONG_KEY,
        Connection.NO_DTLS,
        Connection.NO_LOCAL_VIDEO,
        Connection.OUTSIDE,
        Connection.KEYS_MISSING,
        Connection.KEYS_NOT_ALLOWED,
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
    "no_such_stream": Connection.NO_STREAM,
    "no_stream": Connection.NO_STREAM,
    "unreachable": Connection.UNREACHABLE,
    "blocked": Connection.BLOCKED,
    "port_closed": Connection.NOT_HERE,
    "server_down": Connection.SERVER_DOWN,
    "relay_down": Connection.SERVER_DOWN,
    "external_down": Connection.EXTERNAL_DOWN,
    "keys_not_allowed": Connection.KEYS_NOT_ALLOWED,
    "relay_fault": Connection.SERVER_DOWN,
    "outside": Connection.OUTSIDE,
    "no_key_frame": Connection.NO_MEDIA,
    "hung_up": Connection.BUSY,
    "updating": Connection.UPDATING,
    "checking": Connection.STARTING,
    "off": Connection.SWITCHED_OFF,
}
"""What a reason of relay or stream server means for the person; whatever is not here is a fault."""

EXPLAINED = frozenset(FAILURES.values()) | {
    Connection.ASLEEP,
    Connection.NO_LOCAL_VIDEO,
    Connection.FAULT,
}
"""The verdicts that say why there is no picture."""

_OURS = {"server_down", "external_down", "keys_not_allowed", "relay_down", "relay_fault"}
EVIDENCE = frozenset(FAILURES) - {"timeout", *_OURS}
"""The reasons that say something about the camera, and not about one viewer or the server."""

NOT_ASKED = "queued"
"""The reason of a check that did not come about: there were too many others."""

HEARD = EVIDENCE - {"no_answer", "unreachable", "blocked", "outside", "port_closed"}
"""The reasons for which the camera itself was heard, so that the way to it is open."""

LASTING = (EXPLAINED | {Connection.UNPROVEN, Connection.STALLED}) - {
    Connection.SERVER_DOWN,
    Connection.EXTERNAL_DOWN,
    Connection.ASLEEP,
}
"""The verdicts that ask for a repair when they last. Server and missing keys have repairs of their own."""

_NOBODY = frozenset({Connection.NO_ANSWER, Connection.UNREACHABLE})
MAY_SLEEP = _NOBODY | {Connection.ASLEEP, Connection.NOT_HERE}
"""The verdicts behind which there may be a camera that is just asleep or switched off."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a camera besides the reason, as far as it tells one cause from another."""

    battery: bool = False
    cloud_only: bool = False
    """Whether its model is known to have no local video."""
    proven: bool = True
    """Whether it ever answered with its own key."""
    far: bool = False
    """Whether its address lies behind a router."""
    way_known: bool = False
    """Whether anything in its network has answered since the start, so that nothing blocks the way."""


def diagnose(reason: str, known: Circumstances) -> Connection:
    """Return what a reason means for this camera. Causes that look alike on the wire share a verdict."""
    found = FAILURES.get(reason, Connection.FAULT)
    if found in _NOBODY:
        # A neighbour that does not answer is not there, whether silence or the network itself says so.
        found = Connection.UNREACHABLE if known.far and not known.way_known else Connection.NO_ANSWER
    mute = {*_NOBODY, Connection.NOT_HERE} if not known.proven else set()
    if known.cloud_only and found in {Connection.NO_MEDIA, Connection.NO_DTLS, *mute}:
        return Connection.NO_LOCAL_VIDEO
    return Connection.ASLEEP if known.battery and found is Connection.NO_ANSWER else found


STREAM_FAILURES = frozenset(
    {
        Connection.NO_ANSWER,
        Connection.NOT_HERE,
        Connection.BLOCKED,
        Connection.WRONG_KEY,
        Connection.BUSY,
        Connection.NO_MEDIA,
        Connection.NO_STREAM,
        Connection.OUTSIDE,
        Connection.SERVER_DOWN,
        Connection.EXTERNAL_DOWN,
        Connection.KEYS_NOT_ALLOWED,
        Connection.FAULT,
    }
)
"""What can be said of a stream of any make."""


def diagnose_stream(reason: str) -> Connection:
    """Return what a reason means for a stream, whose TCP tells a closed way from a silent one by itself."""
    found = FAILURES.get(reason, Connection.FAULT)
    if found in _NOBODY:
        return Connection.NO_ANSWER
    return found if found in STREAM_FAILURES else Connection.FAULT


CHECKED_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """The verdict on one camera."""

    connection: Connection
    since: datetime
    checked_at: datetime | None = None
    """When the camera itself was last asked, or seen, and gave cause for the verdict."""
    battery: bool = False
    loss: float | None = None
    """How much of what somebody watches arrives incomplete, in percent; None while nothing is known."""

    @classmethod
    def after(
        cls,
        before: CameraStatus | None,
        connection: Connection,
        now: datetime,
        *,
        checked: bool,
        battery: bool,
        loss: float | None = None,
    ) -> CameraStatus:
        """Return the verdict that follows another one; `checked` when the camera itself gave cause for it."""
        if before is None or before.connection is not connection:
            last = before.checked_at if before else None
            return cls(connection, now, now if checked else last, battery, loss)
        # A camera that streams gives cause all the time; nobody needs to know to the second.
        if checked and (before.checked_at is None or now - before.checked_at >= CHECKED_EVERY):
            return replace(before, checked_at=now, loss=loss)
        return before if before.loss == loss else replace(before, loss=loss)

    @property
    def available(self) -> bool:
        """Whether a picture can be had, or may be had by looking."""
        if self.battery:
            return self.connection not in UNUSABLE
        return self.connection in AVAILABLE


class Journal:
    """Logs once when a camera goes away and once when it is back; its name is nobody's business."""

    def __init__(self) -> None:
        """Begin with cameras of which nothing has been said."""
        self._available: dict[str, bool] = {}

    def note(self, camera_key: str, status: CameraStatus) -> None:
        """Take a verdict; while a camera is looked at anew, what was said last still holds."""
        if status.connection is Connection.CHECKING:
            return
        before = self._available.get(camera_key, True)
        self._available[camera_key] = status.available
        if before and not status.available:
            LOGGER.info("A camera is not available (%s)", status.connection)
        elif status.available and not before:
            LOGGER.info("A camera is available again")

    def forget(self, camera_key: str) -> None:
        """Forget a camera that is no more."""
        self._available.pop(camera_key, None)
