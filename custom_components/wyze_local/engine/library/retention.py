"""Which clips have to go: pure, so that every order of ages, sizes and pins can be tried."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from .index import Entry


@dataclass(frozen=True, slots=True)
class Kept:
    """What is there after the oldest were let go."""

    clips: int
    bytes: int
    gone: tuple[Entry, ...]
    """Which were deleted."""
    freed: int
    """Bytes."""
    short: bool
    """There was less space free than has to stay free, and what was deleted does not make up for it."""

    @property
    def deleted(self) -> int:
        """How many were deleted."""
        return len(self.gone)


def oldest_first(entries: Iterable[Entry]) -> list[Entry]:
    """Return the clips that may go at all, in the order in which they do."""
    return sorted((entry for entry in entries if not entry.pinned), key=_age)


def _age(entry: Entry) -> tuple[datetime, str]:
    # By its parts: names that compare themselves take three times as long, and there may be very many.
    return entry.name.at, entry.name.token


def let_go(
    entries: Iterable[Entry],
    *,
    before: float,
    most: int,
    missing: int,
    delete: Callable[[Entry], bool],
) -> Kept:
    """Delete the oldest while they are older than `before`, all take more than `most`, or space is missing.

    `missing` are the bytes too few that are free, measured once: many file systems free later what is
    deleted, or never, and whoever asks them each time deletes everything. When all clips together would not
    make up for it, none goes for it. `delete` tells whether a clip is gone; one that will not go is left for
    the next time, so that one broken file does not take all others with it.
    """
    everything = list(entries)
    going = oldest_first(everything)
    total, count = sum(entry.bytes for entry in everything), len(everything)
    wanted = missing if missing <= sum(entry.bytes for entry in going) else 0
    gone: list[Entry] = []
    freed = 0
    for entry in going:
        if entry.name.at.timestamp() >= before and total <= most and freed >= wanted:
            break
        if delete(entry):
            total -= entry.bytes
            freed += entry.bytes
            gone.append(entry)
    return Kept(count - len(gone), total, tuple(gone), freed, short=missing > freed)
