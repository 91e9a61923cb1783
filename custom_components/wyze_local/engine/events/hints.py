"""What the cloud tells: never late, and never twice, not even after a restart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .words import Kind

LATE = 120.0
"""Seconds after which a hint is not told any more: an automation for it would surprise people."""
AHEAD = 60.0
"""By how many seconds the vendor's clock may be ahead of ours."""
MOST_HEARD = 256
"""How many hints are remembered: far more than may come while one is not too late."""

MOST_OVER_RESTART = 64
"""How many of them a restart does not forget: it takes less than the time until one is too late."""

_MOST_ID = 64


@dataclass(frozen=True, slots=True)
class Hint:
    """The cloud's word of something before one camera."""

    id: str
    """A keyed hash of the vendor's id, so that it can be known again."""
    at: float
    """Seconds since 1970, by the vendor's clock."""
    kinds: frozenset[Kind]


def is_now(at: float, now: float) -> bool:
    """Tell whether a hint is of now; a time that is no number never is."""
    return now - LATE <= at <= now + AHEAD


class HeardHints:
    """What was told already, of all cameras of an account: the newest `MOST_HEARD`."""

    def __init__(self) -> None:
        """Begin without any."""
        self._heard: dict[str, frozenset[Kind]] = {}

    def new(self, hint: Hint) -> frozenset[Kind]:
        """Return what a hint tells that it has not told before, and remember it.

        The vendor adds to its events: the same one may come again, and say more.
        """
        before = self._heard.pop(hint.id, frozenset[Kind]())
        self._heard[hint.id] = before | hint.kinds
        while len(self._heard) > MOST_HEARD:
            del self._heard[next(iter(self._heard))]
        return hint.kinds - before

    def record(self) -> list[list[str]]:
        """Return what a restart must not forget, oldest first."""
        newest = [*self._heard.items()][-MOST_OVER_RESTART:]
        return [[name, *sorted(kinds)] for name, kinds in newest]

    @classmethod
    def restored(cls, record: object) -> HeardHints:
        """Return what was remembered; whatever has not the form of it counts as never heard."""
        found = cls()
        for row in record[-MOST_OVER_RESTART:] if isinstance(record, list) else ():
            if isinstance(row, list) and row and all(isinstance(one, str) for one in row):
                name, *kinds = row
                if len(name) <= _MOST_ID:
                    found._heard[name] = _known(kinds)
        return found


def _known(kinds: Iterable[str]) -> frozenset[Kind]:
    words: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
    return frozenset(words[kind] for kind in kinds if kind in words)
