"""How fast searches may send: all searches of a process share one pace."""

import asyncio

from ..model import Clock

RATE = 200
"""Datagrams per second, over all searches together."""


class Pace:
    """Hands out turns, never more than the rate allows in any second, and none is saved up."""

    def __init__(self, clock: Clock, rate: float = RATE) -> None:
        """Begin with a turn that is due."""
        self._clock = clock
        self._spacing = 1 / rate
        self._due = clock.monotonic()
        self._queue = asyncio.Lock()

    async def turn(self, datagrams: int = 1) -> None:
        """Wait until so many datagrams may go at once; who came first goes first."""
        async with self._queue:
            # A clock may wake a sleeper a little early.
            while (wait := self._due - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
            self._due = self._clock.monotonic() + datagrams * self._spacing
