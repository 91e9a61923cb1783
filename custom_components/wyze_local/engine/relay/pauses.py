"""How long to wait: for a camera's next picture, and before it is dialled again. Pure."""

import random

STALL = 3.0
"""Seconds without a picture after which a session counts as dead …"""

MISSED = 4
"""… unless the camera is slow: then it is so many of its usual gaps …"""

STALL_SLOW = 15.0
"""… up to so many seconds."""

WATCHED = (0.3, 1.0, 2.0, 3.0)
"""Seconds while somebody watches; the last one goes on."""

UNWATCHED = (0.3, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 50.0)
"""Seconds while nobody does: at most a minute, with the jitter."""

SLOW = {"wrong_key": 30.0, "outside": 50.0, "updating": 10.0, "checking": 10.0, "off": 10.0}
"""Seconds after an answer that does not change within a moment."""

JITTER = 0.2
HEALTHY_SECONDS = 10.0
"""After so many seconds of pictures a failure counts as the first again."""

REFUSALS = frozenset({"wrong_key", "refused", "busy", "updating", "checking", "off", "outside"})
"""Reasons that are an answer: somebody is there and says no, or we do ourselves."""


def stalls_after(pace: float) -> float:
    """Return after how many seconds a camera counts as dead that usually sends a picture every `pace`."""
    return min(STALL_SLOW, max(STALL, MISSED * pace))


class Pauses:
    """Counts the failures of one camera."""

    def __init__(self, rng: random.Random) -> None:
        """Begin without any."""
        self._rng = rng
        self._failures = 0
        self._factor = 1.0
        self._reason = ""

    def healthy(self) -> None:
        """Note that pictures came for long enough."""
        self._failures = 0

    def failed(self, reason: str) -> None:
        """Note a failure."""
        self._reason = reason
        self._failures += 1
        self._factor = self._rng.uniform(1 - JITTER, 1 + JITTER)

    def seconds(self, *, watched: bool) -> float:
        """Return how long after the last failure the next try is due; 0 when there was none."""
        if not self._failures:
            return 0.0
        table = WATCHED if watched else UNWATCHED
        usual = table[min(self._failures, len(table)) - 1]
        return self._factor * max(usual, SLOW.get(self._reason, 0.0))
