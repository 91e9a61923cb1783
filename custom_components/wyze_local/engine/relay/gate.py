"""The gate that all dials pass: never more than 2.5 per second over all cameras, the watched ones first."""

import asyncio
import heapq
import itertools

from ..model import Clock

PASSES = 5
"""So many dials may go at once after a quiet while: a page with a few cameras opens at once."""

WINDOW = 2.0
"""Seconds in which there are never more than that."""

SPACING = WINDOW / PASSES
"""Seconds between two dials otherwise: 2.5 per second, however long it goes on."""


class Gate:
    """Lets dials through: a few at once after a quiet while, then one after the other."""

    def __init__(self, clock: Clock) -> None:
        """Open at first."""
        self._clock = clock
        self._paid_at = clock.monotonic()
        """Until when those that have passed take up the gate, each its own `SPACING`."""
        self._at_once = PASSES
        """How many may still go without waiting for those before them."""
        self._queue: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._porter: asyncio.Task[None] | None = None

    async def enter(self, *, urgent: bool) -> None:
        """Wait for one's turn; the urgent go first, otherwise who came first."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (not urgent, next(self._numbers), turn))
        if self._porter is None:
            self._porter = asyncio.create_task(self._serve(), name="relay gate")
        await turn

    async def close(self) -> None:
        """End; whoever waits is cancelled."""
        if self._porter is not None:
            self._porter.cancel()
            await asyncio.gather(self._porter, return_exceptions=True)
        for _, _, turn in self._queue:
            turn.cancel()
        self._queue.clear()

    def _wait(self) -> float:
        """Return the seconds until one more may pass."""
        now = self._clock.monotonic()
        if now >= self._paid_at + WINDOW - SPACING:
            self._at_once = PASSES
        return 0.0 if self._at_once else self._paid_at - now

    def _pass(self) -> None:
        self._paid_at = max(self._paid_at, self._clock.monotonic()) + SPACING
        self._at_once = max(0, self._at_once - 1)

    async def _serve(self) -> None:
        try:
            while self._queue:
                if (wait := self._wait()) > 0:
                    await self._clock.sleep(wait)
                    continue
                _, _, turn = heapq.heappop(self._queue)
                # Who gave up meanwhile costs nobody a pass.
                if not turn.done():
                    self._pass()
                    turn.set_result(None)
        finally:
            self._porter = None
