"""How patiently a process that keeps ending is started again. Pure."""

import random
from collections import deque

HEALTHY_SECONDS = 300.0
"""After this long in good health a failure counts as the first again."""

MAX_DELAY = 60.0
JITTER = 0.2
FAILURES = 5
"""So many failures …"""

FAILURES_SECONDS = 600.0
"""… within this time, and the person is told."""


class Backoff:
    """How long to wait after a failure: not at all after the first, then ever longer."""

    def __init__(self, rng: random.Random) -> None:
        """Begin in good health."""
        self._rng = rng
        self._step = 0
        self._ready_at: float | None = None
        self._failures: deque[float] = deque(maxlen=FAILURES)

    def ready(self, now: float) -> None:
        """Note that it runs."""
        self._ready_at = now

    def failed(self, now: float) -> float:
        """Note a failure at a monotonic time; returns the seconds until the next try."""
        if self._ready_at is not None and now - self._ready_at >= HEALTHY_SECONDS:
            self._step = 0
            self._failures.clear()
        self._ready_at = None
        self._failures.append(now)
        step, self._step = self._step, self._step + 1
        if step == 0:
            return 0.0
        return min(MAX_DELAY, 2.0 ** min(step - 1, 10)) * self._rng.uniform(1 - JITTER, 1)

    @property
    def hopeless(self) -> bool:
        """Whether it fails so often that the person should know."""
        return len(self._failures) == FAILURES and self._failures[-1] - self._failures[0] <= FAILURES_SECONDS
