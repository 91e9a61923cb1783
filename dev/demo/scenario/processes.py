"""The integration's own processes, seen and signalled from outside."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

KILL = signal.SIGKILL
_POLL = 0.02


def descendants(pid: int) -> Iterator[int]:
    """Yield the ids of all processes below a process; none when that is gone."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for task in tasks:
        children: list[str] = []
        # A thread that has ended since has none, but the others have.
        with contextlib.suppress(OSError):
            children = (task / "children").read_text().split()
        for child in children:
            yield int(child)
            yield from descendants(int(child))


def find(home: int, name: str) -> int | None:
    """Return the process id of `go2rtc` or `relay` below a Home Assistant, None while there is none.

    Each has its name as a word of its command line.
    """
    for pid in descendants(home):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        except OSError:
            continue
        if name in words:
            return pid
    return None


async def wait_for(home: int, name: str, *, other_than: int | None, limit: float) -> int:
    """Wait until such a process is there, another one than before; returns its id, raises TimeoutError."""
    async with asyncio.timeout(limit):
        while True:
            if (pid := find(home, name)) is not None and pid != other_than:
                return pid
            await asyncio.sleep(_POLL)


async def send(home: int, name: str, number: signal.Signals) -> tuple[int, float]:
    """Signal the process that is there; returns its id and when, as a Unix time."""
    pid = await wait_for(home, name, other_than=None, limit=10.0)
    moment = time.time()
    os.kill(pid, number)
    return pid, moment


async def answers(port: int, *, limit: float) -> None:
    """Wait until something takes connections at a port of loopback; raises TimeoutError."""
    async with asyncio.timeout(limit):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(_POLL)
                continue
            writer.close()
            return
