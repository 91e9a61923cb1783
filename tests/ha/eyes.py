"""Somebody who watches a restream over one connection, and what they can tell afterwards."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise

from tests.support.seen import SEEN

MOST_STILL = 5.0
"""Seconds without a new picture from which on somebody would have noticed, on the slowest machine of a CI."""


@dataclass(frozen=True)
class Seen:
    """What became of a camera and of who watched it while one thing happened to the vendor."""

    row: int
    """Of the table in tests/faults/README.md."""
    what: str
    frames: int
    """How many pictures came, all over the same connection."""
    gap: float
    """The most seconds that went by without one."""
    away: int
    """How many camera entities were unavailable, or gone."""
    foreign: int
    """In how many places something of somebody else's was found."""

    def tell(self, record: Callable[[str, object], None]) -> None:
        """Put it into a test's report."""
        record(SEEN, asdict(self))


class Eyes:
    """Who watches: notes when each picture comes, and ends with the connection."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take ffmpeg, which tells a line for each picture."""
        self._process = process
        self._since = time.monotonic()
        self._over = False
        self.times: list[float] = []
        """When pictures came, since `begin`."""

    @property
    def closed(self) -> bool:
        """Whether the connection has ended: nobody makes another one."""
        return self._process.returncode is not None or self._over

    def begin(self) -> None:
        """Count from now on."""
        self._since = time.monotonic()
        self.times.clear()

    @property
    def longest_gap(self) -> float:
        """The most seconds without a picture since `begin`, the newest ones counted."""
        moments = [self._since, *self.times, time.monotonic()]
        return max(after - before for before, after in pairwise(moments))

    async def read(self) -> None:
        """Note each picture until there are no more."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if not line.startswith(b"#"):
                self.times.append(time.monotonic())
        self._over = True


@asynccontextmanager
async def eyes_on(url: str) -> AsyncIterator[Eyes]:
    """Watch a restream for as long as the block lasts."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        "ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-an",
        "-c", "copy", "-f", "framecrc", "-flush_packets", "1", "-",
        stdin=quiet, stdout=asyncio.subprocess.PIPE, stderr=quiet,
    )  # fmt: skip
    made = Eyes(process)
    reading = asyncio.create_task(made.read())
    try:
        yield made
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
