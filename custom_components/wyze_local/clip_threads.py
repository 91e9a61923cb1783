"""Threads for a disk that may be slow or gone: nobody waits for it longer than they said.

They are our own, so that a network drive that hangs takes none of Home Assistant's; and each folder has its
own, so that another one can be taken while the drive hangs.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from homeassistant.util.executor import InterruptibleThreadPoolExecutor


class ClipThreads:
    """One thread for changes of the library, one for looks through all of it, and some for single files."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._library, self._looks, self._files = _for_a_folder()

    def renew(self) -> None:
        """Leave the threads with what they are at, and have new ones: it is another folder now."""
        for executor in (self._library, self._looks, self._files):
            _leave(executor)
        self._library, self._looks, self._files = _for_a_folder()

    async def async_library[Result](self, work: Callable[[], Result], seconds: float) -> Result:
        """Run what concerns the library, one thing at a time. Raises what it raises, and TimeoutError."""
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(self._library, work)

    async def async_look[Result](
        self, work: Callable[[], Result], progress: Callable[[], int], seconds: float
    ) -> Result:
        """Run a look through all of the library, which nothing else waits for. Raises likewise.

        A network drive may need long for very many clips: TimeoutError says that there was no progress.
        """
        looking = asyncio.get_running_loop().run_in_executor(self._looks, work)
        try:
            while True:
                before = progress()
                if (await asyncio.wait({looking}, timeout=seconds))[0]:
                    return looking.result()
                if progress() == before:
                    raise TimeoutError
        finally:
            looking.cancel()

    async def async_file[Result](
        self,
        work: Callable[[], Result],
        seconds: float,
        drop: Callable[[Result], object] | None = None,
    ) -> Result:
        """Run what concerns one file. Raises what it raises, and TimeoutError.

        `drop` is run there with a result that comes when nobody waits for it any more.
        """
        files = self._files
        found = files.submit(work)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.wrap_future(found)
        except TimeoutError, asyncio.CancelledError:
            if drop is not None:
                found.add_done_callback(partial(_drop, files, drop))
            raise

    async def async_alone[Result](self, work: Callable[[], Result], seconds: float) -> Result:
        """Run what concerns another folder, in a thread of its own. Raises likewise."""
        alone = InterruptibleThreadPoolExecutor(1, "wyze_local folder")
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(alone, work)
        finally:
            _leave(alone)

    def leave_library(self, work: Callable[[], None]) -> Future[None] | None:
        """Have something done in the library, before whatever is asked of it later; nobody has to wait."""
        try:
            return self._library.submit(work)
        except RuntimeError:
            # Home Assistant stops; the next start looks through everything.
            return None

    def leave_file(self, work: Callable[[], None]) -> None:
        """Have something done with a file; nobody waits."""
        with suppress(RuntimeError):
            # Home Assistant stops, and the process with all that it has open.
            self._files.submit(work)

    def shut_down(self) -> None:
        """End the threads. Blocks until they have, or for some seconds when a disk holds one of them."""
        for executor in (self._library, self._looks, self._files):
            executor.shutdown()


def _for_a_folder() -> tuple[ThreadPoolExecutor, ThreadPoolExecutor, ThreadPoolExecutor]:
    return (
        InterruptibleThreadPoolExecutor(1, "wyze_local clips"),
        InterruptibleThreadPoolExecutor(1, "wyze_local looks"),
        InterruptibleThreadPoolExecutor(4, "wyze_local clip files"),
    )


def _leave(executor: ThreadPoolExecutor) -> None:
    """Have an executor end after all that was given to it; nobody waits."""
    # Not its own way, which drops what has not begun: files that are to be closed would stay open.
    ThreadPoolExecutor.shutdown(executor, wait=False)


def _drop[Result](files: ThreadPoolExecutor, drop: Callable[[Result], object], found: Future[Result]) -> None:
    """Have a result dropped by a thread that may block, if there is one."""
    if found.cancelled() or found.exception() is not None:
        return
    try:
        files.submit(drop, found.result())
    except RuntimeError:
        # They take nothing any more, so that this is the last of them.
        drop(found.result())
