"""What may be told to anybody of how an account's answers are trusted: words and counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from .account import AccountCoordinator
from .engine.ownership import Counts


@dataclass(frozen=True, slots=True)
class TrustReport:
    """How far an account's answers are trusted."""

    standing: str
    reason: str
    """Why not as usual; empty when they are."""
    answer: Counts
    """How much the last answer held."""
    cameras: Mapping[str, int]
    """How many cameras are known of each standing."""
    waiting: int
    """Cameras of which only a person knows whose they are."""

    @classmethod
    def of(cls, account: AccountCoordinator) -> Self:
        """Return what may be told of an account."""
        news, state = account.trust.news, account.ownership.state
        standings = Counter(known.standing.value for known in state.cameras.values())
        standing = account.ownership.standing.value
        return cls(standing, news.reason, news.counts, dict(standings), account.waiting.count)
