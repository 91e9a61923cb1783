"""The last still of each camera: shown at once, renewed seldom, however many cards ask.

A still from a sleeping stream costs the camera a connection, so a camera is asked at most once a minute;
everybody in between gets the last picture, and everybody who asks at once shares one fetch.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..model import Clock, EngineError

MIN_INTERVAL = 60.0
"""Seconds between two dials of one camera for stills."""

LIVE_INTERVAL = 10.0
"""Seconds between two stills while the camera streams anyway: that costs it nothing."""

FETCH_TIMEOUT = 45.0
"""Seconds that one fetch may take, the wait for the camera's turn to be dialled included."""


@dataclass(frozen=True, slots=True)
class Still:
    """A picture and when it was taken."""

    jpeg: bytes
    taken_at: float
    """Seconds since 1970."""


class StillKeeper:
    """Keeps the last still of one camera."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[bytes | Still]],
        clock: Clock,
        *,
        spawn: Callable[[Awaitable[None]], asyncio.Task[None]],
    ) -> None:
        """Take what fetches a JPEG (raising on failure), the clock, and what owns background tasks.

        What fetches a Still besides knows when it was taken; of a JPEG that is now.
        """
        self._fetch = fetch
        self._clock = clock
        self._spawn = spawn
        self._task: asyncio.Task[None] | None = None
        self._asked_at = float("-inf")
        self.last: Still | None = None

    @property
    def busy(self) -> bool:
        """Whether a fetch is under way. It may be over before its task is known here."""
        return self._task is not None and not self._task.done()

    def due(self, *, live: bool) -> bool:
        """Tell whether the camera may be asked again."""
        interval = LIVE_INTERVAL if live else MIN_INTERVAL
        return self._clock.monotonic() - self._asked_at >= interval

    async def get(self, *, live: bool, wait: float) -> Still | None:
        """Return the last still at once, and renew it behind the caller's back when it is due.

        Only when there is none yet does this wait, at most `wait` seconds. None means: no picture to be had.
        """
        if not self.busy and self.due(live=live):
            self._task = self._spawn(self._renew())
        if self.last is None and self._task is not None:
            await asyncio.wait({self._task}, timeout=wait)
        return self.last

    async def take(self) -> Still | None:
        """Fetch a new still now, or join the fetch under way; None when it failed."""
        before = self.last
        task = self._task
        if task is None or task.done():
            task = self._task = self._spawn(self._renew())
        await asyncio.wait({task}, timeout=FETCH_TIMEOUT + 1)
        return self.last if self.last is not before else None

    async def _renew(self) -> None:
        self._asked_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                found = await self._fetch()
            self.last = found if isinstance(found, Still) else Still(found, self._clock.time())
        except EngineError, TimeoutError, OSError:
            return
