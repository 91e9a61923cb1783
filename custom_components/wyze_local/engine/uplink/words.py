"""The words of the uplink: how the line stands, what became of a call, what happens, what is to be done."""

from dataclasses import dataclass
from enum import StrEnum


class Uplink(StrEnum):
    """How the line to the vendor stands, as people see it."""

    ONLINE = "online"
    LIMITED = "limited"
    """The vendor answers, and said that it is asked too much."""
    OFFLINE = "offline"
    """Nothing is asked but a probe now and then."""
    RECOVERING = "recovering"
    """Back after a long outage, or after answers that were not ours: its word may confirm, never change."""


class Phase(StrEnum):
    """The circuit breaker behind it. Half open is `OPEN` with a probe under way or a first good one."""

    CLOSED = "closed"
    OPEN = "open"
    RECOVERING = "recovering"


class Outcome(StrEnum):
    """What became of a call."""

    OK = "ok"
    """Answered rightly, and for a list: judged as clean, too."""
    SLOW = "slow"
    """Answered rightly, but late."""
    RATE = "rate"
    """Refused as too much. Has a clock of its own and is no failure."""
    SERVER = "server"
    NET = "net"
    """No answer: name, way, time, or certificate."""
    MALFORMED = "malformed"
    """An answer in no known form, a cached or a stale one."""
    AUTH = "auth"
    """The tokens were refused: a matter of the session, not of the line."""
    CLIENT = "client"
    """The vendor finds fault with what we sent: a mistake of ours, not of the line."""
    TRUST = "trust"
    """The answer was about somebody else."""


WEIGHTS: dict[Outcome, float] = {
    Outcome.OK: 0.0,
    Outcome.SLOW: 0.5,
    Outcome.SERVER: 1.0,
    Outcome.NET: 1.0,
    Outcome.MALFORMED: 1.0,
}
"""How much an outcome says against the line; what is not here says nothing about it."""


class Call(StrEnum):
    """What is asked of the vendor."""

    LIST = "list"
    """The device list, in the background."""
    BACKGROUND = "background"
    """Anything else that nobody waits for."""
    ACTION = "action"
    """What a person, or an automation of theirs, asked for."""


class Why(StrEnum):
    """Why something is not asked now."""

    OFFLINE = "offline"
    LIMITED = "limited"
    BUDGET = "budget"
    """We have asked enough for now."""
    CHECKING = "checking"
    """A probe is under way already."""
    SOON = "soon"
    """The last probe was just now."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment by two clocks."""

    steady: float
    """Seconds that never run backwards; they may stand still while the machine sleeps."""
    wall: float
    """Seconds since 1970. May be wrong by days, and change."""


# What happens.


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. To be sent at `wake`; probes come out of this, so a group nobody needs rests."""


@dataclass(frozen=True, slots=True)
class CheckNow:
    """The person asks how the line is."""


@dataclass(frozen=True, slots=True)
class Wants:
    """Somebody wants to make a call; the answer is exactly one `Go`, `Hold` or `Refuse`."""

    call: Call
    held: bool = False
    """Its `Hold` is over, and it is paid for."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A call has ended, and the answer has been judged."""

    call: Call
    outcome: Outcome
    retry_after: float | None = None
    """With `RATE`: the seconds that the vendor told, if they could be read."""


@dataclass(frozen=True, slots=True)
class Probed:
    """A probe has ended, and it was looked whose account the answer names."""

    number: int
    outcome: Outcome
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Limited:
    """An answer, though good, said that hardly any calls are left."""

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class CalledOff:
    """The vendor is to be left alone: the probe under way was given up for that, and says nothing."""


type Event = Tick | CheckNow | Wants | Answered | Probed | Limited | CalledOff


# What is to be done.


@dataclass(frozen=True, slots=True)
class Probe:
    """Make the cheapest call whose answer names the account, and tell by `Probed` what came of it."""

    number: int
    timeout: float
    """Seconds after which it must have been given up."""


@dataclass(frozen=True, slots=True)
class Announce:
    """The line stands differently."""

    was: Uplink
    now: Uplink
    cause: Outcome | None
    """Why it is or was not online; None for a limit alone."""


@dataclass(frozen=True, slots=True)
class Save:
    """Write the state's record down: a restart would else know less. An orderly stop does so by itself."""


@dataclass(frozen=True, slots=True)
class Go:
    """Make the call now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The call's turn comes in so many seconds; ask again then, with `held`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Refuse:
    """The call is not made. It may make sense again in so many seconds."""

    why: Why
    seconds: float


type Verdict = Go | Hold | Refuse
type Effect = Probe | Announce | Save | Verdict
