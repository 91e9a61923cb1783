"""The tokens of an account, and the one renewal of them that all of its calls share.

A pair of tokens is renewed at half of its life, or when the vendor refuses it. The renewed pair is written
down before it is used: the vendor has ended the old one by then. Never signs in by itself: the password is
not kept, and thousands of installations that all sign in again are what makes an outage worse.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from ..model import Clock, EngineError, Tokens
from .errors import CloudError, CloudReason
from .renewals import WRITE_TIMEOUT, RefreshPolicy, Renewals, Tries

_AHEAD = 300.0
"""Seconds by which tokens may seem to come from the future before the clock they were dated by is doubted."""
_GOODBYE = 36.0
"""Seconds that a renewal has to come to its end when the session closes: as long as it can take."""


class Keeper:
    """Holds the tokens. Whoever asks with them is told by `ask` with which, and asked again at most once."""

    def __init__(
        self,
        tokens: Tokens,
        renew: Callable[[Tokens], Awaitable[Tokens]],
        save: Callable[[Tokens], Awaitable[None]],
        *,
        clock: Clock,
        rng: random.Random,
        policy: RefreshPolicy,
        renewals: Renewals | None = None,
        note: Callable[[Renewals], Awaitable[None]] | None = None,
    ) -> None:
        """Begin with a pair; `renew` asks the vendor for the next one, `save` writes it down.

        `renewals` is what `note` was given last, before a restart.
        """
        self.tokens = tokens
        """The pair that is in use."""
        self._ask_vendor = renew
        self._write_down = save
        self._clock = clock
        self._rng = rng
        self._policy = policy
        self._due = policy.due(tokens, rng)
        self._unsaved: Tokens | None = None
        self._refused: Tokens | None = None
        self._tries = Tries(tokens, clock, policy, renewals, note)
        self._renewal: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Future[Any]] = set()
        self._closed = False

    @property
    def signed_out(self) -> bool:
        """Whether the vendor takes neither the tokens nor their renewal, and nothing more is tried."""
        return self._tries.spent and self._refused is self.tokens

    async def close(self) -> None:
        """End: calls that are under way are given up, and none begins any more; both raise `ended`.

        A renewal that is under way comes to its end, and tokens that could not be written down are written
        now, if that works by now: they would be lost otherwise.
        """
        self._closed = True
        calls = tuple(self._calls)
        self._calls.clear()
        for call in calls:
            call.cancel()
        if calls:
            await asyncio.wait(calls, timeout=_GOODBYE)
        if self._unsaved is not None:
            self._begin_renewal()
        if (renewal := self._renewal) is not None:
            await asyncio.wait({renewal}, timeout=_GOODBYE)
            renewal.cancel()

    async def ask[T](self, ask: Callable[[Tokens], Awaitable[T]], *, early: bool = True) -> T:
        """Ask with tokens that are good as far as is known, and once more when the vendor refuses them.

        With `early` off, tokens are not renewed because they are old: one call is one call then.
        """
        await self._renew_in_time(early=early)
        used = self.tokens
        if used is not self._refused:
            try:
                return await self._tried(ask, used)
            except CloudError as err:
                if err.word is not CloudReason.TOKEN_REFUSED:
                    raise
            await self._refuse(used)
        if used is self.tokens:
            await self._renew()
        used = self.tokens
        try:
            return await self._tried(ask, used)
        except CloudError as err:
            if err.word is not CloudReason.TOKEN_REFUSED:
                raise
            call = err.call
        await self._refuse(used)
        raise self._waiting(call)

    async def _tried[T](self, ask: Callable[[Tokens], Awaitable[T]], used: Tokens) -> T:
        answer = await self._unless_closed(ask, used)
        await self._tries.taken(used)
        return answer

    async def _unless_closed[T](self, ask: Callable[[Tokens], Awaitable[T]], used: Tokens) -> T:
        """Ask, until somebody closes this."""
        if self._closed:
            raise CloudError(CloudReason.ENDED)
        call = asyncio.ensure_future(ask(used))
        self._calls.add(call)
        try:
            return await call
        except asyncio.CancelledError:
            # Whoever stops waiting by themselves hears of that, and of nothing else.
            task = asyncio.current_task()
            if call in self._calls or task is None or task.cancelling():
                raise
        finally:
            self._calls.discard(call)
            # A task holds its error, and the error this frame and the answer's: they would stay for long.
            del call
        raise CloudError(CloudReason.ENDED)

    async def _refuse(self, used: Tokens) -> None:
        """Note that the vendor does not take a pair."""
        if used is self.tokens:
            self._refused = used
            await self._tries.not_taken(used)

    async def _renew_in_time(self, *, early: bool) -> None:
        """Renew tokens that are old. As long as the vendor takes them, a failure of that is none."""
        now = self._clock.time()
        old = early and (now >= self._due or self.tokens.obtained > now + _AHEAD)
        may = not self._tries.spent and not self._tries.wait
        if self._unsaved is None and self._renewal is None and not (old and may):
            return
        try:
            await self._renew()
        except CloudError:
            if self._unsaved is not None:
                raise

    async def _renew(self) -> None:
        """Have the tokens renewed, once for everybody who asks meanwhile. Who stops waiting stops nothing."""
        if self._renewal is None:
            if self._closed:
                raise CloudError(CloudReason.ENDED, "refresh")
            if self._unsaved is None and (self._tries.spent or self._tries.wait):
                raise self._waiting("refresh")
        renewal = self._begin_renewal()
        await asyncio.wait({renewal})
        if renewal.cancelled():
            raise self._waiting("refresh")
        renewal.result()

    def _begin_renewal(self) -> asyncio.Task[None]:
        """Return the renewal that is under way, from now on if need be."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew_once(), name="renewal of an account's tokens")
            self._renewal.add_done_callback(self._renewed)
        return self._renewal

    def _renewed(self, renewal: asyncio.Task[None]) -> None:
        self._renewal = None
        if not renewal.cancelled():
            # Whoever waits gets it; when nobody does any more, it is none of the event loop's business.
            renewal.exception()

    async def _renew_once(self) -> None:
        """Fetch a new pair, unless one waits to be written down, and write it down."""
        if (fresh := self._unsaved) is None:
            await self._tries.begin(self.tokens)
            try:
                fresh = self._unsaved = await self._ask_vendor(self.tokens)
            except CloudError as err:
                if err.word not in {CloudReason.TOKEN_REFUSED, CloudReason.BAD_REQUEST}:
                    await self._tries.failed(self.tokens)
                    raise
        if fresh is None:
            await self._tries.refused(self.tokens)
            raise self._waiting("refresh")
        await self._save(fresh)

    async def _save(self, tokens: Tokens) -> None:
        """Write a new pair down, and only then use it."""
        try:
            async with asyncio.timeout(WRITE_TIMEOUT):
                await self._write_down(tokens)
            saved = True
        except EngineError, OSError:
            saved = False
        if not saved:
            raise CloudError(CloudReason.NOT_SAVED, "refresh")
        self._unsaved = None
        self.tokens = tokens
        self._due = self._policy.due(tokens, self._rng)
        await self._tries.renewed(tokens)

    def _waiting(self, call: str) -> CloudError:
        """Return what is raised while the tokens are of no use."""
        if self._tries.spent:
            return CloudError(CloudReason.SIGNED_OUT, call)
        retry_at = self._clock.time() + self._tries.wait
        return CloudError(CloudReason.TOKEN_REFUSED, call, retry_at=retry_at)
