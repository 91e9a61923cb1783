"""Which clips have to go: pure, so that every order of ages, sizes and pins can be tried."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .index import Entry

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What is there after the oldest were let go."""

    clips: int
    bytes: int
    deleted: int
    freed: int
    """Bytes."""
    short: bool
    """There is still less space free than has to stay free, and nothing left that may go."""


def oldest_first(entries: Iterable[Entry]) -> list[Entry]:
    """Return the clips that may go at all, in the order in which they do."""
    return sorted((entry for entry in entries if not entry.pinned), key=lambda entry: entry.name)


def let_go(
    entries: Iterable[Entry],
    *,
    before: float,
    most: int,
    missing: Callable[[], int],
    delete: Callable[[Entry], bool],
) -> Kept:
    """Delete the oldest while they are older than `before`, all take more than `most`, or space is missing.

    `missing` tells how many bytes too few are free now; `delete` tells whether a clip is gone. A clip that
    will not go is left for the next time, so that one broken file does not take all others with it.
    """
    everything = list(entries)
    total, count = sum(entry.bytes for entry in everything), len(everything)
    deleted = freed = 0
    for entry in oldest_first(everything):
        if entry.name.at.timestamp() >= before and total <= most and missing() <= 0:
            break
        if delete(entry):
            total -= entry.bytes
            freed += entry.bytes
            deleted += 1
    return Kept(count - deleted, total, deleted, freed, short=missing() > 0)
