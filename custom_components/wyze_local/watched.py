"""What is remembered of one camera between two pieces of evidence, and what the evidence means."""

from dataclasses import dataclass, field

from .const import KIND_STILLS
from .engine.model import Credentials
from .engine.relay import CameraState, CameraStats, LossWindow, Phase
from .engine.stream import Motion, StillKeeper, StreamHealth
from .engine.vault import CameraRecord
from .settings import CameraSettings
from .status import Connection

TRIES = 2
"""So often in a row the relay was let in and could make nothing of what came: then `auto` lets go2rtc try."""

NEVER = float("-inf")

TURNED_AWAY = frozenset({"off", "updating", "checking", "busy", "refused"})
"""What a camera says, or does, that has seen the right key and lets nobody in."""


@dataclass(slots=True)
class Watched:
    """One camera."""

    record: CameraRecord
    settings: CameraSettings
    stills: StillKeeper
    outside: bool
    battery: bool
    relay: CameraState = field(default_factory=CameraState)
    """How the relay stands with it."""
    health: StreamHealth = field(default_factory=StreamHealth)
    """What the counters say, where go2rtc holds the session itself."""
    loss: LossWindow = field(default_factory=LossWindow)
    """How much of its pictures arrives incomplete at the relay."""
    decoded: bool = False
    """Whether the relay has ever made something of its pictures: then it is no fault of the relay's."""
    turned_away: str = ""
    """The reason for which it let nobody in the last time, although the key was right."""
    others: bool = False
    """Whether the relay has told of a reader who cannot be ourselves, since there was none at all."""
    tried_own: bool = False
    """Whether go2rtc's own source has been tried already; once is enough until something changes."""

    firmware_at: float = NEVER
    """When it was last asked for its firmware, where that says whether to try the relay again."""

    @property
    def may_be_watched(self) -> bool:
        """Whether its stream may be read all day: it moves, and no battery is emptied for it."""
        return not self.battery and not self.outside and self.settings.kind != KIND_STILLS

    @property
    def called(self) -> bool:
        """Whether it can be told something only on a short session, as go2rtc holds it and passes none on."""
        return not self.settings.relayed and isinstance(self.record.camera.credentials, Credentials)

    @property
    def at_rest(self) -> Connection:
        """The verdict while it is well and nobody watches."""
        return Connection.ON_DEMAND if self.battery else Connection.READY

    @property
    def streams(self) -> bool:
        """Whether pictures come, whoever they are for."""
        if self.settings.relayed:
            return self.relay.phase is Phase.LIVE
        return self.health.motion is Motion.LIVE

    @property
    def busy(self) -> bool:
        """Whether somebody else has to do with it, who would notice anything that a check could find."""
        if self.settings.relayed:
            return self.relay.phase is not Phase.IDLE
        return self.health.motion is not Motion.IDLE

    @property
    def seen(self) -> bool:
        """Whether somebody sees its pictures move; we ourselves, fetching a still, are nobody.

        The reader of a still comes after its fetch has begun and goes before it ends. So a lone reader
        meanwhile is whoever was there before.
        """
        ourselves = self.stills.busy and not self.others
        return self.relay.phase is Phase.LIVE and self.relay.readers > int(ourselves)

    @property
    def moving(self) -> Connection:
        """The verdict while somebody sees its pictures move."""
        return Connection.WEAK_SIGNAL if self.loss.weak else Connection.LIVE

    @property
    def barren(self) -> bool:
        """Whether it let the relay in the last time, and nothing came of it."""
        return self.settings.relayed and self.relay.barren > 0

    @property
    def withheld(self) -> str:
        """Why the right key alone is no reason to say that a picture can be had; empty when it is."""
        return "no_media" if self.barren else self.turned_away

    def note(self, state: CameraState) -> bool:
        """Take the relay's word; returns whether go2rtc's own source deserves a try."""
        self.relay = state
        self.others = state.readers > int(self.stills.busy) or (self.others and state.readers > 0)
        if state.phase is not Phase.LIVE:
            self.loss.forget()
        if state.phase not in (Phase.IDLE, Phase.CONNECTING):
            self.turned_away = state.reason if state.reason in TURNED_AWAY else ""
        self.decoded |= state.phase is Phase.LIVE
        return state.barren >= TRIES and not self.decoded

    def count(self, now: float, stats: CameraStats) -> None:
        """Take the figures of its session."""
        if self.relay.phase is Phase.LIVE:
            self.loss.observe(now, stats)
