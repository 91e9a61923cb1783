"""A home on fake clocks: asks the vendor as a coordinator would, and writes down what it saw."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from engine.uplink import (
    Announce,
    Answered,
    Call,
    Effect,
    Event,
    Go,
    Hold,
    Moment,
    Outcome,
    Policy,
    Probe,
    Probed,
    Refuse,
    Save,
    State,
    Tick,
    Uplink,
    Wants,
    begin,
    record,
    restore,
    step,
    wake,
)

POLICY = Policy()
START = 1_708_070_400.0
"""16 February 2024, 08:00 UTC."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True)
class Answer:
    """What comes back."""

    outcome: Outcome
    seconds: float = 0.3
    """How long it takes."""
    retry_after: float | None = None


type Vendor = Callable[[float, str], Answer]
"""What the vendor does with a call ("probe", "list", …), by seconds since the beginning."""

OK = Answer(Outcome.OK)
REFUSED = Answer(Outcome.NET, 0.0)
HANGS = Answer(Outcome.NET, 15.0)
FOREIGN = Answer(Outcome.TRUST)


@dataclass
class Home:
    """One home, one account, one group of hosts."""

    vendor: Vendor
    rng: random.Random
    policy: Policy = POLICY
    skew: float = 0.0
    """By how much the wall clock is off, in seconds."""
    now: float = 0.0
    """Seconds since the beginning, which the steady clock counts from 1 000 000 on."""
    calls: list[tuple[float, str, Outcome]] = field(default_factory=list)
    words: list[tuple[float, Uplink]] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    """When an answer was allowed to change anything."""
    refused: list[tuple[float, Refuse]] = field(default_factory=list)
    saved: str = ""
    boot: float = 1_000_000.0
    polls: bool = True

    def __post_init__(self) -> None:
        self.state: State = begin(self.policy, self.moment)
        self._flights: list[tuple[float, Event]] = []
        self._next_poll = self.now + self.policy.next_poll(self.rng)

    @property
    def moment(self) -> Moment:
        return Moment(self.now + self.boot, START + self.now + self.skew)

    def send(self, event: Event) -> tuple[Effect, ...]:
        """Take a step and obey."""
        self.state, effects = step(self.state, event, self.moment, self.rng)
        for effect in effects:
            match effect:
                case Probe(number=number):
                    got = self._ask("probe")
                    probed = Probed(number, got.outcome, got.retry_after)
                    self._flights.append((self.now + got.seconds, probed))
                case Announce(now=word):
                    self.words.append((self.now, word))
                case Save():
                    self.saved = json.dumps(record(self.state))
                case Refuse():
                    self.refused.append((self.now, effect))
                case Go() | Hold():
                    pass
        return effects

    def ask(self, call: Call) -> tuple[Effect, ...]:
        """Make a call, if it may be made."""
        effects = self.send(Wants(call))
        if Go() in effects:
            got = self._ask(call.value)
            answered = Answered(call, got.outcome, got.retry_after)
            self._flights.append((self.now + got.seconds, answered))
        return effects

    def _ask(self, what: str) -> Answer:
        got = self.vendor(self.now, what)
        self.calls.append((self.now, what, got.outcome))
        return got

    def run(self, until: float) -> None:
        """Live until a moment."""
        for when, what in self._moments(until):
            self.now = max(self.now, when)
            if what is None:
                self.ask(Call.LIST)
            else:
                self.send(what)
                if isinstance(what, Answered) and what.outcome is Outcome.OK and self.state.may_change:
                    self.changed.append(self.now)
        self.now = until

    def _moments(self, until: float) -> Iterator[tuple[float, Event | None]]:
        """Yield what comes next; None is the time for a list."""
        while True:
            due = wake(self.state)
            tick = float("inf") if due is None else due - self.boot + 1e-6  # rounding
            flight = min(self._flights, key=lambda each: each[0], default=None)
            poll = self._next_poll if self.polls else float("inf")
            soonest = min(tick, poll, float("inf") if flight is None else flight[0])
            if soonest > until:
                return
            if flight is not None and flight[0] == soonest:
                self._flights.remove(flight)
                yield flight
            elif poll == soonest:
                self._next_poll = soonest + self.policy.next_poll(self.rng)
                yield soonest, None
            else:
                yield soonest, Tick()

    def restart(self, *, off: float = 20.0, skew: float | None = None, crash: bool = False) -> None:
        """Start again from what was written down; what was under way never ends."""
        if not crash:
            self.send(Tick())
            self.saved = json.dumps(record(self.state))
        self.now += off
        self.skew = self.skew if skew is None else skew
        self.boot = self.rng.uniform(0.0, 2_000_000.0)
        self._flights.clear()
        self._next_poll = max(self._next_poll, self.now + 1.0)
        saved = self.saved
        self.state = (
            restore(json.loads(saved), self.policy, self.moment, self.rng)
            if saved
            else begin(self.policy, self.moment)
        )

    def count(self, since: float = 0.0, until: float = float("inf")) -> int:
        """Return how often the vendor was asked."""
        return sum(since <= when < until for when, *_ in self.calls)


def in_turn(*spans: tuple[float, Answer]) -> Vendor:
    """Return a vendor that does one thing after another, each from a moment on."""

    def vendor(now: float, _: str) -> Answer:
        return next(answer for begins, answer in reversed(spans) if now >= begins)

    return vendor
