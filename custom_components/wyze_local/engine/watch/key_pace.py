"""How far apart a camera's key frames are: nobody who looks at them only can see what is between. Pure."""

from collections import deque

from .episodes import QUIET

INTERVALS = 2.5
"""So many times as long as key frames are apart it is quiet before an episode is over: one of them may miss
what moves."""
MOST_QUIET = 60.0
"""Seconds of quiet that are enough, however far apart they are."""
_KEPT = 4


class KeyPace:
    """The key frames of one camera, over reconnections."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._last: float | None = None
        self._intervals: deque[float] = deque(maxlen=_KEPT)

    def begin(self) -> None:
        """Count anew from the next key frame on: the time without a connection was no interval."""
        self._last = None

    def key(self, at: float) -> None:
        """Take in a key frame, at this time in seconds."""
        if self._last is not None:
            self._intervals.append(at - self._last)
        self._last = at

    @property
    def longest(self) -> float:
        """The longest of the last intervals in seconds; QUIET before there was one."""
        return max(self._intervals, default=QUIET)

    @property
    def quiet(self) -> float:
        """Seconds without motion after which an episode is over for who looks at key frames only."""
        return min(max(QUIET, INTERVALS * self.longest), MOST_QUIET)
