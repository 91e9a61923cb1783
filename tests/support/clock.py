"""A clock that only moves when it is told to, or when somebody sleeps by it."""

import asyncio


class FakeClock:
    """Implements the engine's Clock; sleepers wake in order as time is advanced."""

    def __init__(self, start: float = 1000.0) -> None:
        """Start at an arbitrary moment."""
        self._now = start
        self._wall = 1_790_000_000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        """Return the present moment."""
        return self._now

    def time(self) -> float:
        """Return the present moment as seconds since 1970."""
        return self._wall + self._now

    def jump(self, seconds: float) -> None:
        """Let the wall clock jump: nobody wakes, nothing has lasted longer."""
        self._wall += seconds

    async def sleep(self, seconds: float) -> None:
        """Sleep until time was advanced far enough."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + seconds, waiter))
        try:
            await waiter
        finally:
            self._sleepers = [entry for entry in self._sleepers if entry[1] is not waiter]

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking every sleeper at its own moment."""
        until = self._now + seconds
        await settle()
        while due := sorted((at, i) for i, (at, _) in enumerate(self._sleepers) if at <= until):
            at, index = due[0]
            self._now = max(self._now, at)
            _, waiter = self._sleepers.pop(index)
            if not waiter.done():
                waiter.set_result(None)
            await settle()
        self._now = until


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(8):
        await asyncio.sleep(0)
