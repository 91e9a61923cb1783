"""Which cameras are held back because the worker died over their video, and when each is tried again. Pure.

Their pauses are their own: whoever had nothing to do with it is watched again at once, every time.
"""

import random
from collections.abc import Collection
from dataclasses import dataclass

PAUSES = (5.0, 30.0, 120.0, 600.0)
"""Seconds that a camera is held back after each further crash; the last one again and again."""
JITTER = 0.2
TRIAL = 5.0
"""Seconds between two that are tried again: which of them it was is seen by trying one at a time."""
FORGIVEN = 300.0
"""Seconds that a camera must have been watched for its next crash to count as the first."""


@dataclass(slots=True)
class _Suspect:
    """A camera that the process has died over, or may have."""

    strikes: int = 0
    until: float | None = None
    """When it may be tried again; None once it is."""
    well_since: float | None = None
    """Since when it has been watched."""


class Quarantine:
    """Those who are suspected. Times are monotonic seconds."""

    def __init__(self, rng: random.Random) -> None:
        """Suspect nobody; pauses are spread by chance."""
        self._rng = rng
        self._suspects: dict[str, _Suspect] = {}
        self._tried = ""
        self._next_trial = float("-inf")

    def holds(self, key: str) -> bool:
        """Tell whether a camera is held back."""
        return (suspect := self._suspects.get(key)) is not None and suspect.until is not None

    def strikes(self, key: str) -> int:
        """Return how often a camera has been held back and not forgiven since."""
        return suspect.strikes if (suspect := self._suspects.get(key)) else 0

    def accuse(self, keys: Collection[str], now: float) -> frozenset[str]:
        """Hold back who may have ended the process, any of these; returns who is held back for it.

        Who is being tried, or has done it before, is suspected before all others.
        """
        self._forgive(now)
        accused = frozenset(keys)
        if now < self._next_trial and self._tried in accused:
            accused = frozenset({self._tried})
        accused = accused & self._suspects.keys() or accused
        for key in accused:
            suspect = self._suspects.setdefault(key, _Suspect())
            pause = PAUSES[min(suspect.strikes, len(PAUSES) - 1)]
            suspect.strikes += 1
            suspect.until = now + pause * self._rng.uniform(1 - JITTER, 1 + JITTER)
            suspect.well_since = None
        return accused

    def note(self, key: str, *, watched: bool, now: float) -> None:
        """Note whether a camera is watched now: one that has been for long is forgiven."""
        if (suspect := self._suspects.get(key)) is None:
            return
        if not watched:
            suspect.well_since = None
        elif suspect.well_since is None:
            suspect.well_since = now

    def forget(self, key: str) -> None:
        """Suspect a camera no more."""
        self._suspects.pop(key, None)

    def wait(self, now: float) -> float | None:
        """Return the seconds until the next one may be tried again; None while nobody is held back."""
        if (first := self._first()) is None:
            return None
        _, until = first
        return max(until, self._next_trial, now) - now

    def release(self, now: float) -> str | None:
        """Return the one camera that is to be tried again now, and hold it back no more."""
        if (first := self._first()) is None or self.wait(now):
            return None
        self._tried, _ = first
        self._next_trial = now + TRIAL
        self._suspects[self._tried].until = None
        return self._tried

    def _first(self) -> tuple[str, float] | None:
        held = ((key, suspect.until) for key, suspect in self._suspects.items() if suspect.until is not None)
        return min(held, key=lambda one: one[1], default=None)

    def _forgive(self, now: float) -> None:
        for key, suspect in tuple(self._suspects.items()):
            if suspect.well_since is not None and now - suspect.well_since >= FORGIVEN:
                del self._suspects[key]
