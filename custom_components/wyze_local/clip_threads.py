"""Threads for a disk that may be slow or gone: nobody waits for it longer than they said.

They are our own, so that a network drive that hangs takes none of Home Assistant's.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from homeassistant.util.executor import InterruptibleThreadPoolExecutor


class ClipThreads:
    """One thread for the library, which is one thing at a time, and some for files that are being sent."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._library = InterruptibleThreadPoolExecutor(1, "wyze_local clips")
        self._files = InterruptibleThreadPoolExecutor(4, "wyze_local clip files")

    async def async_library[Result](self, work: Callable[[], Result], seconds: float) -> Result:
        """Run what concerns the library. Raises what it raises, and TimeoutError."""
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(self._library, work)

    async def async_file[Result](self, work: Callable[[], Result], seconds: float) -> Result:
        """Run what concerns one file. Raises what it raises, and TimeoutError."""
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(self._files, work)

    def leave_library(self, work: Callable[[], None]) -> None:
        """Have something done in the library, before whatever is asked of it later; nobody waits."""
        with suppress(RuntimeError):
            # Home Assistant stops; the next start looks through everything.
            self._library.submit(work)

    def leave_file(self, work: Callable[[], None]) -> None:
        """Have something done with a file; nobody waits."""
        with suppress(RuntimeError):
            # Home Assistant stops, and the process with all that it has open.
            self._files.submit(work)

    def shut_down(self) -> None:
        """End the threads. Blocks until they have, or for some seconds when a disk holds one of them."""
        self._library.shutdown()
        self._files.shutdown()
