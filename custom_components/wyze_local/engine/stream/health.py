"""Is a picture really moving? Judged per camera from the stream server's packet counters, without any I/O.

go2rtc never notices a camera that died in silence: its counters just stand still. So nothing else counts
as life here but video packets that keep arriving.
"""

from dataclasses import dataclass
from enum import StrEnum

STALL_SECONDS = 6.0
"""Watched, but no new video packet for this long: the picture stands still."""

HEAL_SECONDS = 8.0
"""From here on the source is opened anew …"""

HEAL_EVERY = 6.0
"""… at most this often, in seconds."""

START_SECONDS = 20.0
"""How long a dial may take before a watched camera without any packet counts as stalled."""


class Motion(StrEnum):
    """What the counters of one camera say."""

    IDLE = "idle"
    """Nobody watches, so nothing is known."""
    STARTING = "starting"
    """Somebody watches, the first picture is on its way."""
    LIVE = "live"
    """Video packets arrive."""
    STALLED = "stalled"
    """Somebody watches and nothing arrives."""


@dataclass(slots=True)
class StreamHealth:
    """The memory of one camera's counters."""

    motion: Motion = Motion.IDLE
    _packets: int = -1
    _grew_at: float = 0.0
    _watched_since: float | None = None
    _healed_at: float = float("-inf")
    _healing: bool = False

    def observe(self, now: float, *, watched: bool, video_packets: int) -> Motion:
        """Take one reading: monotonic seconds, whether anyone consumes, video packets so far."""
        if not watched:
            self._watched_since = None
            self._packets = -1
            self.motion = Motion.IDLE
            return self.motion
        if self._watched_since is None:
            self._watched_since = now
            self._grew_at = now
            self._packets = -1
        # A counter that fell belongs to a new connection, which is a sign of life only once it counts.
        if video_packets > 0 and video_packets != self._packets:
            self._grew_at = now
            self.motion = Motion.LIVE
        elif self._packets <= 0 and video_packets == 0:
            patience = START_SECONDS
            self.motion = Motion.STARTING if now - self._grew_at < patience else Motion.STALLED
        elif now - self._grew_at >= STALL_SECONDS:
            self.motion = Motion.STALLED
        self._packets = video_packets
        return self.motion

    def wants_heal(self, now: float) -> bool:
        """Tell whether the source should be opened anew now; a yes counts as under way until `healed`.

        That may take long, where many wait for their turns to be dialled: asked again meanwhile, each would
        be opened anew as often as it was asked for.
        """
        if self._healing or self.motion is not Motion.STALLED or now - self._grew_at < HEAL_SECONDS:
            return False
        if now - self._healed_at < HEAL_EVERY:
            return False
        self._healing = True
        return True

    def healed(self, now: float) -> None:
        """Note that what was begun is over, whatever came of it."""
        self._healed_at = now
        self._healing = False
