"""The bench of the line to the vendor: what an outage costs the vendor, and how soon a home knows it is over.

No camera, no server, no clock: the engine's own state machine, and days that pass in milliseconds.
"""

import random
import statistics
from collections import Counter
from typing import Any

from custom_components.wyze_local.engine.uplink import (
    Answered,
    Call,
    Go,
    Moment,
    Outcome,
    Policy,
    Probe,
    Probed,
    Tick,
    Uplink,
    Wants,
    begin,
    step,
    wake,
)

DAY, HOUR = 86400.0, 3600.0
LIMIT = 150
"""Calls of an account in a day of outage, at most."""
BEFORE = 1800.0
"""Seconds for which all is well first."""


class House:
    """One home whose vendor fails for a while."""

    def __init__(self, seed: int, outage: float) -> None:
        """Begin; the outage lasts so many seconds."""
        self._rng = random.Random(seed)
        self._policy = Policy()
        self._back = BEFORE + outage
        self.calls: list[float] = []
        self.noticed = float("inf")
        """When the end of the outage was known."""
        self._now = 0.0
        self._state = begin(self._policy, Moment(0.0, 0.0))

    def live(self) -> None:
        """Pass the time until the end has been noticed, or a day is over."""
        poll = self._policy.next_poll(self._rng)
        while self.noticed == float("inf"):
            due = wake(self._state)
            self._now = min(poll, poll if due is None else due + 1e-6)
            if self._now > self._back + self._policy.backoff_cap * 2:
                return
            if self._now == poll:
                poll += self._policy.next_poll(self._rng)
                self._list()
            else:
                self._tick()

    def _list(self) -> None:
        if Go() in self._step(Wants(Call.LIST)):
            self._step(Answered(Call.LIST, self._ask()))

    def _tick(self) -> None:
        for effect in self._step(Tick()):
            if isinstance(effect, Probe):
                self._step(Probed(effect.number, self._ask()))

    def _ask(self) -> Outcome:
        self.calls.append(self._now)
        return Outcome.NET if BEFORE <= self._now < self._back else Outcome.OK

    def _step(self, event: Tick | Wants | Answered | Probed) -> tuple[object, ...]:
        was = self._state.uplink
        self._state, effects = step(self._state, event, Moment(self._now, self._now), self._rng)
        if was is Uplink.OFFLINE and self._state.uplink is not was:
            self.noticed = self._now - self._back
        return effects

    def during(self) -> int:
        """Return the calls that the outage saw."""
        return sum(BEFORE <= moment < self._back for moment in self.calls)

    def after(self) -> list[int]:
        """Return the seconds after the outage in which the vendor was asked."""
        return [int(moment - self._back) for moment in self.calls if moment >= self._back]


def measure(homes: int, seed: int) -> dict[str, Any]:
    """Let so many homes live through a day of outage, and through three hours. Blocks for seconds."""
    day = [House(seed + number, DAY) for number in range(homes)]
    short = [House(seed + number, 3 * HOUR) for number in range(homes)]
    for house in (*day, *short):
        house.live()
    calls = [house.during() for house in day]
    noticed = sorted(house.noticed for house in short)
    seconds = Counter(second for house in short for second in house.after())
    return {
        "bench": "uplink",
        "seed": seed,
        "homes": homes,
        "calls_in_a_day": {"median": statistics.median(calls), "max": max(calls), "every_minute": 1440},
        "calls_in_three_hours": statistics.fmean(house.during() for house in short),
        "busiest_second_at_recovery": max(seconds.values()),
        "noticed_after": {"median": round(statistics.median(noticed)), "max": round(noticed[-1])},
        "ok": max(calls) <= LIMIT,
    }


def table(found: dict[str, Any]) -> str:
    """Return the table for people, in Markdown."""
    calls, noticed = found["calls_in_a_day"], found["noticed_after"]
    rows = [
        f"| {found['homes']} homes, polls included | measured | limit |",
        "|---|---|---|",
        f"| calls in 24 h of outage, median (max) | {calls['median']:g} ({calls['max']}) | ≤ {LIMIT} |",
        f"| calls in 3 h of outage, mean | {found['calls_in_three_hours']:.1f} | – |",
        f"| busiest second when the vendor is back | {found['busiest_second_at_recovery']} calls | – |",
        f"| the line recovers after, median (max) | {noticed['median']} ({noticed['max']}) s | – |",
    ]
    return "\n".join(rows)
