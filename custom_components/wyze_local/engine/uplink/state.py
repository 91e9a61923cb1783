"""The state of the line, and what can be read from it without changing it."""

from dataclasses import dataclass

from .policy import Policy
from .words import Call, Go, Hold, Moment, Outcome, Phase, Refuse, Uplink, Verdict, Why

_EDGE = 1e-6
"""The part of a call that rounding may take."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A probe under way."""

    number: int
    started: float
    asked: bool
    """Whether the person asked for it: then the schedule stays as it is."""


@dataclass(frozen=True, slots=True)
class State:
    """How the line of one account to one group of hosts stands. Moments are seconds of the steady clock."""

    policy: Policy
    seen: Moment
    """When the last event was."""
    tokens: float
    """Calls that may be made; below zero when one is held."""
    phase: Phase = Phase.CLOSED
    cause: Outcome | None = None
    """What opened the breaker; None while it is closed."""

    run: float = 0.0
    """Weight of the failures since the last good answer."""
    window: tuple[tuple[float, float], ...] = ()
    """The newest calls: when, and their weight."""

    tries: int = 0
    """Pauses begun since the line was online."""
    next_try: float | None = None
    """When a probe is due; None when none is."""
    probe: Flight | None = None
    probes: int = 0
    """The number of the last probe."""
    last_probe: float | None = None
    """When it began."""
    first_ok: float | None = None
    """When the first good probe of this outage ended."""

    out_since: Moment | None = None
    """When the first failure came of those that it is down for; None after a good answer.

    Not when the breaker opened: lists that come every quarter of an hour notice an outage late.
    """
    confirm: bool = False
    """Whether it must recover in full, however long it was out."""
    recovering_since: float | None = None
    lists: int = 0
    """Clean device lists in a row since then."""
    last_list: float | None = None

    limited_until: float | None = None

    @property
    def uplink(self) -> Uplink:
        """The line in one word. What forbids more comes first."""
        if self.phase is Phase.OPEN:
            return Uplink.OFFLINE
        if self.phase is Phase.RECOVERING:
            return Uplink.RECOVERING
        return Uplink.ONLINE if self.limited_until is None else Uplink.LIMITED

    @property
    def may_confirm(self) -> bool:
        """Whether an answer may confirm what is known."""
        return self.phase is not Phase.OPEN

    @property
    def may_change(self) -> bool:
        """Whether an answer may add or change anything. Never before a recovery is over."""
        return self.phase is Phase.CLOSED

    @property
    def lasted(self) -> float:
        """Seconds since it began to fail; by the clock that says more, which is the safe side."""
        if self.out_since is None:
            return 0.0
        return max(self.seen.steady - self.out_since.steady, self.seen.wall - self.out_since.wall)

    @property
    def recovered(self) -> bool:
        """Whether a recovery has nothing left to wait for."""
        if self.recovering_since is None or self.lists < self.policy.lists:
            return False
        return self.seen.steady >= self.recovering_since + self.policy.recover_for

    @property
    def due(self) -> float | None:
        """When the next probe goes out; None when none is planned or one is under way.

        A limit and the budget count for probes as for everything else.
        """
        if self.next_try is None or self.probe is not None:
            return None
        until = self.seen.steady if self.limited_until is None else self.limited_until
        return max(self.next_try, until, self.seen.steady + self.broke)

    @property
    def broke(self) -> float:
        """Seconds until the budget has a call left."""
        return 0.0 if self.tokens >= 1 - _EDGE else (1 - self.tokens) * self.policy.refill


def begin(policy: Policy, now: Moment) -> State:
    """Return the state of a line that nothing bad is known of."""
    return State(policy, now, float(policy.burst))


def refilled(state: State, now: Moment) -> float:
    """Return the calls that may be made at a moment."""
    passed = max(0.0, now.steady - state.seen.steady)
    return min(float(state.policy.burst), state.tokens + passed / state.policy.refill)


def may(state: State, now: Moment, call: Call) -> Verdict:
    """Tell what would become of a call. Changes nothing: `Wants` asks and pays."""
    if state.phase is Phase.OPEN:
        due = now.steady if state.due is None else state.due
        return Refuse(Why.OFFLINE, max(0.0, due - now.steady))
    if state.limited_until is not None and state.limited_until > now.steady:
        return Refuse(Why.LIMITED, state.limited_until - now.steady)
    tokens = refilled(state, now)
    if tokens >= 1 - _EDGE:
        return Go()
    wait = (1 - tokens) * state.policy.refill
    # One that a person waits for may take its turn ahead; below zero, somebody has.
    return Hold(wait) if call is Call.ACTION and tokens >= -_EDGE else Refuse(Why.BUDGET, wait)


def lost_at(state: State) -> float | None:
    """Return when the probe under way counts as lost: nobody will tell any more what came of it."""
    return None if state.probe is None else state.probe.started + state.policy.probe_timeout * 1.2


def wake(state: State) -> float | None:
    """Return when the next `Tick` is wanted, by the steady clock; None when only an event changes anything.

    While the line is down that is soon, though nothing may be due: a machine that has slept must notice.
    """
    moments = [state.due, lost_at(state), state.limited_until]
    if state.phase is Phase.OPEN:
        moments.append(state.seen.steady + state.policy.settle)
    if state.recovering_since is not None and state.lists >= state.policy.lists:
        moments.append(state.recovering_since + state.policy.recover_for)
    return min((moment for moment in moments if moment is not None), default=None)
