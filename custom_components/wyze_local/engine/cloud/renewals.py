"""When an account's tokens may be renewed, and how often it was tried: also over restarts.

What a restart must not forget is handed out before the vendor is asked and taken back at the next start.
Otherwise a Home Assistant that is started again and again while everybody is logged out asks at each start.
"""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Self

from ..model import Clock, EngineError, Tokens
from .errors import CloudError, CloudReason

ACCESS_LIFE = 48 * 3600.0
"""Seconds for which an access token is believed to live: users saw 48 to 60 hours."""
WRITE_TIMEOUT = 10.0
"""Seconds that writing something down may take; a TimeoutError is an OSError, so it is tried again later."""


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """When tokens are renewed. Tests and the demo scale it."""

    life: float = ACCESS_LIFE
    pause: float = 600.0
    """Seconds between two tries, whatever came of the first."""
    tries: int = 3
    """Refusals in a row after which nothing is tried any more."""

    def due(self, tokens: Tokens, rng: random.Random) -> float:
        """Return when a pair is to be renewed, in seconds since 1970: at half of its life ± 5 %."""
        return tokens.obtained + self.life / 2 * rng.uniform(0.95, 1.05)


@dataclass(frozen=True, slots=True)
class Renewals:
    """How far the renewal of one pair of tokens has come. Nothing in it is a key or personal."""

    obtained: int
    """Which pair: the one that came then, in seconds since 1970. Of any other it says nothing."""
    tries: int
    """Refusals in a row; a try that is under way counts as one until there is another answer."""
    not_before: int
    """When the next try may be, in seconds since 1970."""
    proven: bool
    """Whether the vendor has ever taken the pair: a new one that it never takes is a refusal as well."""

    def to_json(self) -> dict[str, int | bool]:
        """Return it as a value that a vault can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Self | None:
        """Return what `to_json` made; None for whatever it does not make."""
        if not isinstance(value, dict) or value.keys() != set(cls.__slots__):
            return None
        if [type(value[name]) for name in cls.__slots__] != [int, int, int, bool]:
            return None
        return cls(**value) if min(value.values()) >= 0 else None


class Tries:
    """Counts the tries to renew a pair of tokens, and tells when the next one may be."""

    def __init__(
        self,
        tokens: Tokens,
        clock: Clock,
        policy: RefreshPolicy,
        known: Renewals | None,
        note: Callable[[Renewals], Awaitable[None]] | None,
    ) -> None:
        """Begin with a pair and what is known of it; `note` writes down what a restart must not forget."""
        self._clock = clock
        self._policy = policy
        self._note = note
        self._refusals = 0
        self._not_before = float("-inf")
        self._unproven: Tokens | None = None
        if known is not None and known.obtained == tokens.obtained:
            self._refusals = known.tries
            self._unproven = None if known.proven else tokens
            # A clock that was set meanwhile costs no more than one pause.
            left = min(known.not_before - clock.time(), policy.pause)
            self._not_before = clock.monotonic() + left

    @property
    def spent(self) -> bool:
        """Whether nothing is tried any more."""
        return self._refusals >= self._policy.tries

    @property
    def wait(self) -> float:
        """For how many seconds nothing is to be tried."""
        return max(self._not_before - self._clock.monotonic(), 0.0)

    async def begin(self, tokens: Tokens) -> None:
        """Count a try before it is made; raises CloudError (`not_saved`), and then none is to be made.

        Where this cannot be written down a renewed pair could not be either, and the old one would be gone.
        """
        before = self._not_before
        self._not_before = self._clock.monotonic() + self._policy.pause
        if not await self._written(tokens, self._refusals + 1):
            self._not_before = before
            raise CloudError(CloudReason.NOT_SAVED, "refresh")

    async def refused(self, tokens: Tokens) -> None:
        """Note that the vendor said no to the renewal of a pair."""
        self._refusals += 1
        await self._written(tokens, self._refusals)

    async def failed(self, tokens: Tokens) -> None:
        """Note that a try came to nothing: the vendor is not to be reached."""
        await self._written(tokens, self._refusals)

    async def renewed(self, tokens: Tokens) -> None:
        """Go on with a new pair, which the vendor has yet to take."""
        self._unproven = tokens
        await self._written(tokens, self._refusals)

    async def taken(self, tokens: Tokens) -> None:
        """Note that the vendor takes a pair."""
        if tokens is self._unproven:
            self._unproven = None
            self._refusals = 0
            await self._written(tokens, 0)

    async def not_taken(self, tokens: Tokens) -> None:
        """Note that the vendor does not take a pair; a new one that it never took counts as a refusal."""
        if tokens is self._unproven:
            self._unproven = None
            await self.refused(tokens)

    async def _written(self, tokens: Tokens, tries: int) -> bool:
        """Have it written down how things stand; returns whether it is."""
        if self._note is None:
            return True
        not_before = max(math.ceil(self._clock.time() + self.wait), 0)
        renewals = Renewals(tokens.obtained, tries, not_before, tokens is not self._unproven)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT):
                await self._note(renewals)
        except EngineError, OSError:
            return False
        return True
