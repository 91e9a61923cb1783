"""When what seems too old or in the way may be let go: neither a clock nor a file system is always right.

A clock that jumps makes every clip old at once, and where snapshots or a bin keep what was deleted, deleting
makes no room. Both would take clip after clip until none is left, so both are waited out. A library is asked
often: after each clip, and every hour.
"""

from ..model import Clock
from .index import Entry

DAY = 86400.0
JUMP = 300.0
"""Seconds by which the wall clock may part from the steady one between two looks: more is no drift."""
STEADY_FOR = DAY
"""Seconds for which the clock has to run evenly before clips are old by it again."""
FRESH = 2 * DAY
"""Seconds within which the newest clip was made, if clips are being made and the clock is right."""
FIRST_PAUSE = 600.0
"""Seconds to wait for room that deleting did not make at once; file systems that free later need less."""


class Caution:
    """What one library's looks teach. Not safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        """Begin without any look."""
        self._clock = clock
        self._apart: float | None = None
        self._doubted = False
        self._steady_since = 0.0
        self._pause = 0.0
        self._until = 0.0

    def before(self, entries: list[Entry], days: float) -> float:
        """Return before when a clip was made that is too old, in seconds since 1970; 0 while nobody knows."""
        wall, steady = self._clock.time(), self._clock.monotonic()
        apart = wall - steady
        if self._apart is None:
            self._steady_since = steady
        elif abs(apart - self._apart) > JUMP:
            self._steady_since, self._doubted = steady, True
        self._apart = apart
        if steady - self._steady_since >= STEADY_FOR:
            self._doubted = False
        else:
            # Clips that are made by a wrong clock do not prove it: what was doubted stays so.
            newest = max((entry.name.at.timestamp() for entry in entries), default=wall)
            self._doubted |= wall - newest > FRESH
        if self._doubted:
            return 0.0
        return wall - days * DAY

    @property
    def may_make_room(self) -> bool:
        """Whether deleting may be tried for want of space."""
        return self._clock.monotonic() >= self._until

    def made_room(self, expected: int, gained: int) -> None:
        """Learn how many bytes became free by deleting so many; what made no room is not soon tried again."""
        if gained * 2 >= expected:
            self._pause = self._until = 0.0
            return
        self._pause = min(max(FIRST_PAUSE, self._pause * 2), DAY)
        self._until = self._clock.monotonic() + self._pause
