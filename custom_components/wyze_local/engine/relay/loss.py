"""How much of a camera's media arrives incomplete, over the last minute. Pure.

A weak Wi-Fi shows as frames of which pieces never came, or nothing at all. The figures of a session only
ever grow, so what counts is how much they grew within the window.
"""

from collections import deque
from typing import NamedTuple

from .states import CameraStats

WINDOW = 60.0
"""Seconds that are looked back on."""

SHORTEST = 20.0
"""Seconds of figures before which nothing is said: a session's first frames are always cut off."""

WEAK_FROM = 2.0
"""Percent of incomplete frames from which on the signal is called weak …"""

WELL_BELOW = 1.0
"""… until they are fewer than this."""

FEWEST = 3
"""Incomplete frames that it takes at the least: a slow camera has few frames a minute."""


class _Sums(NamedTuple):
    at: float
    whole: int
    broken: int


class LossWindow:
    """The memory of one camera's figures."""

    def __init__(self) -> None:
        """Begin without any."""
        self._sums: deque[_Sums] = deque()
        self.percent: float | None = None
        """Percent of the frames of the window that were incomplete; None while too little is known."""
        self.weak = False
        """Whether that is so much that it shows."""

    def observe(self, now: float, stats: CameraStats) -> None:
        """Take the figures of a moment, in monotonic seconds; smaller ones are a new session's."""
        sums = self._sums
        sums.append(_Sums(now, stats.frames, stats.given_up + stats.missing))
        if len(sums) > 1 and (sums[-1].whole < sums[-2].whole or sums[-1].broken < sums[-2].broken):
            self.forget()
            return
        # The newest of those that are older than the window stays, so that the window is always full.
        while len(sums) > 2 and now - sums[1].at >= WINDOW:
            sums.popleft()
        self._judge(
            sums[-1].at - sums[0].at, sums[-1].whole - sums[0].whole, sums[-1].broken - sums[0].broken
        )

    def forget(self) -> None:
        """Begin anew, with another session."""
        self._sums.clear()
        self.percent = None
        self.weak = False

    def _judge(self, seconds: float, whole: int, broken: int) -> None:
        if seconds < SHORTEST or whole + broken == 0:
            return
        share = 100 * broken / (whole + broken)
        self.percent = round(share, 1)
        if self.weak:
            self.weak = share >= WELL_BELOW
        else:
            self.weak = share >= WEAK_FROM and broken >= FEWEST
