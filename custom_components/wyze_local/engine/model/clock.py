"""Time as a value that can be replaced, so that days of outage run in milliseconds."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where the engine takes its time from."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    def time(self) -> float:
        """Return seconds since 1970 by the wall clock."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def time(self) -> float:
        """Return seconds since 1970 by the wall clock."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
