"""The figures of the uplink as one value. The demo scales it; no option reads it."""

import random
from dataclasses import dataclass, fields, replace

from .words import Outcome

_COUNTS = frozenset(
    {"trip", "share", "window", "least", "lists", "rate_jitter", "burst", "poll_jitter"},
)
"""What is a number or a share. Everything else is seconds."""
_REAL = frozenset({"slow", "probe_timeout", "jump"})
"""Seconds that belong to the network and the clock rather than to patience: never scaled."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the line to the vendor is. Seconds, unless something else is said.

    Breakers that are made for thousands of calls a minute take windows that these few calls an hour never
    fill; the back-off was chosen by simulation of 5 000 homes (equal jitter up to 15 minutes: a fifth of the
    load that polling every minute puts on a vendor who comes back).
    """

    trip: float = 3.0
    """Weight of failures in a row from which on the line counts as down …"""
    share: float = 0.5
    """… or this part of the newest calls: at most `window` of them, at least `least`, of `window_for`."""
    window: int = 10
    least: int = 4
    window_for: float = 1800.0
    slow: float = 5.0
    """An answer that took longer is slow."""
    confirm: float = 5.0
    """After what a person asked for has failed, the line itself is asked so soon, to know within a minute."""

    backoff: float = 30.0
    """The first pause is between a half of this and this, and each further one twice as long …"""
    backoff_cap: float = 900.0
    """… up to here."""
    ok_gap: float = 30.0
    """Two good probes end an outage, the second so long after the first."""
    check_gap: float = 30.0
    """Between two probes that a person asked for."""
    probe_timeout: float = 75.0
    """A probe may take so long: a minute for its turn and 15 seconds for itself."""

    long: float = 600.0
    """After an outage of this length the vendor may come back wrong. Then …"""
    recover_for: float = 3600.0
    """… its word only confirms for so long, and until …"""
    lists: int = 3
    """… so many clean device lists in a row have come …"""
    list_gap: float = 600.0
    """… each so long after the one before."""

    rate_least: float = 60.0
    """How long to keep away when the vendor says that it is too much: bounds of its own word …"""
    rate_most: float = 21600.0
    rate_unknown: float = 900.0
    """… and what is taken when it says nothing that can be read."""
    rate_jitter: float = 0.1
    """The part of it that chance may add."""

    refill: float = 60.0
    """Every so often one more call may be made …"""
    burst: int = 10
    """… and so many at most were saved up."""

    poll: float = 900.0
    """Between two device lists …"""
    poll_jitter: float = 0.2
    """… give or take this part of it."""

    jump: float = 300.0
    """When wall clock and steady clock disagree by more, one was set, or the machine slept."""
    settle: float = 60.0
    """Within so long after that, and after a restart, what is overdue is done."""

    def __post_init__(self) -> None:
        """Refuse what would wait for nothing or for ever: ValueError."""
        if not all(0 < getattr(self, field.name) < float("inf") for field in fields(self)):
            raise ValueError("every figure of a policy is above zero and finite")
        if self.rate_least > self.rate_most or self.least > self.window:
            raise ValueError("a lower bound is above its upper one")

    def scaled(self, factor: float) -> Policy:
        """Return a policy whose waits are so many times as long; what the network needs stays."""
        names = [field.name for field in fields(self) if field.name not in _COUNTS | _REAL]
        return replace(self, **{name: getattr(self, name) * factor for name in names})

    def outcome(self, seconds: float) -> Outcome:
        """Tell what a right answer is that took so many seconds: OK or SLOW."""
        return Outcome.SLOW if seconds > self.slow else Outcome.OK

    def pause(self, tries: int, rng: random.Random) -> float:
        """Return the seconds to wait after so many failed tries (from 1 on)."""
        cap = min(self.backoff_cap, self.backoff * 2.0 ** min(tries - 1, 32))
        return cap / 2 + rng.uniform(0.0, cap / 2)

    def away(self, told: float | None, rng: random.Random) -> float:
        """Return for how many seconds to keep away when the vendor told so many, or nothing readable."""
        if told is None or not abs(told) < float("inf"):
            told = self.rate_unknown
        bounded = min(max(told, self.rate_least), self.rate_most)
        return min(bounded * (1 + rng.uniform(0.0, self.rate_jitter)), self.rate_most)

    def next_poll(self, rng: random.Random) -> float:
        """Return the seconds until the next device list."""
        return self.poll * rng.uniform(1 - self.poll_jitter, 1 + self.poll_jitter)
