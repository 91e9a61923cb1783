"""The gate that all dials pass: never more than 2.5 per second over all cameras, the watched ones first."""

import asyncio
import heapq
import itertools
from collections import deque

from ..model import Clock

PASSES = 5
"""So many dials …"""

WINDOW = 2.0
"""… in any so many seconds."""


class Gate:
    """Lets dials through, a few at once and then as fast as the limit allows."""

    def __init__(self, clock: Clock) -> None:
        """Open at first."""
        self._clock = clock
        self._passed: deque[float] = deque(maxlen=PASSES)
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
        if len(self._passed) < PASSES:
            return 0.0
        return self._passed[0] + WINDOW - self._clock.monotonic()

    async def _serve(self) -> None:
        try:
            while self._queue:
                if (wait := self._wait()) > 0:
                    await self._clock.sleep(wait)
                    continue
                _, _, turn = heapq.heappop(self._queue)
                # Who gave up meanwhile costs nobody a pass.
                if not turn.done():
                    self._passed.append(self._clock.monotonic())
                    turn.set_result(None)
        finally:
            self._porter = None
