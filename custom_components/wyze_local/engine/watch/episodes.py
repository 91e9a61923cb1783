"""From looks to episodes: motion that began, grew and ended. Pure; the reader tells it the time.

A person wants one event for a visitor, not one for each picture, so motion that pauses for less than
the quiet time is one episode.
"""

from dataclasses import dataclass, replace

from ..model import Box
from .look import Look

QUIET = 10.0
"""Seconds without motion after which an episode is over, where no picture is missed."""
PACE = 1.0
"""Seconds between two pieces of news about a running episode, at least."""
_BETTER = 1.15
"""How much higher the score of a moment must be to be worth telling."""


@dataclass(frozen=True, slots=True)
class Began:
    """Motion began."""

    at: float
    """When, on the clock of the looks (seconds); also below."""
    score: float
    zones: tuple[str, ...]
    box: Box | None


@dataclass(frozen=True, slots=True)
class Grew:
    """A moment that shows more of it than any before, or a further zone."""

    at: float
    """When that moment was, up to PACE seconds before it is told."""
    score: float
    """Of this moment."""
    zones: tuple[str, ...]
    """All zones since the beginning, in order of appearance."""
    box: Box | None


@dataclass(frozen=True, slots=True)
class Ended:
    """It is quiet again."""

    at: float
    """When motion was seen for the last time, the quiet time ago."""
    score: float
    """The best of the episode."""
    zones: tuple[str, ...]
    box: Box | None
    """Of the best moment."""


type Episode = Began | Grew | Ended


class Episodes:
    """The episodes of one camera."""

    def __init__(self, quiet: float = QUIET) -> None:
        self.quiet = quiet
        """Seconds without motion after which an episode is over; may change while one goes on."""
        self._last: float | None = None
        self._told_at = 0.0
        self._told = 0.0
        """The score of the best moment that was told."""
        self._best = Grew(0.0, 0.0, (), None)
        self._zones: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether an episode is going on."""
        return self._last is not None

    def take(self, look: Look, at: float) -> list[Episode]:
        """Say what a look, at this time in seconds, changes, in order; mostly nothing."""
        news: list[Episode] = []
        if (over := self.pass_time(at)) is not None:
            news.append(over)
        if not look.moving:
            return news
        if self._last is None:
            self._told_at, self._told, self._zones = at, look.score, look.zones
            self._best = Grew(at, look.score, look.zones, look.box)
            news.append(Began(at, look.score, look.zones, look.box))
        elif (grown := self._grown(look, at)) is not None:
            news.append(grown)
        self._last = at
        return news

    def _grown(self, look: Look, at: float) -> Grew | None:
        zones = self._best.zones + tuple(zone for zone in look.zones if zone not in self._best.zones)
        if look.score > self._best.score:
            self._best = Grew(at, look.score, zones, look.box)
        else:
            self._best = replace(self._best, zones=zones)
        better = self._best.score > self._told * _BETTER
        if at - self._told_at < PACE or not (better or zones != self._zones):
            return None
        self._told_at, self._zones = at, zones
        if not better:
            return Grew(at, look.score, zones, look.box)
        self._told = self._best.score
        return self._best

    def pass_time(self, at: float) -> Ended | None:
        """Say whether it is over by now; for times in which no picture comes, too."""
        if self._last is None or at - self._last < self.quiet:
            return None
        return self.close()

    def close(self) -> Ended | None:
        """End a running episode now: the stream is gone or nobody wants to know any more."""
        if self._last is None:
            return None
        ended = Ended(self._last, self._best.score, self._best.zones, self._best.box)
        self._last = None
        return ended
