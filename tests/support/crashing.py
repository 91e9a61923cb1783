"""How a watch worker ends over one camera's video: its thread makes a fault, or nothing answers any more."""

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Callable, Collection
from pathlib import Path


def crash(pid: int, slot: int) -> None:
    """Let the thread that reads the camera of this slot die of a fault, and the process with it.

    Cameras have their slots in the order in which they were added.
    """
    # Threads that the video library starts are called after the one that had it do so, which is the oldest.
    # Their numbers do not tell: after the highest one they begin again.
    named: list[tuple[int, int]] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        # Those of the video library come and go.
        with contextlib.suppress(OSError):
            if (task / "comm").read_text().strip() == f"camera {slot}":
                named.append((_started(task), int(task.name)))
    _, thread = min(named)
    assert ctypes.CDLL(None).tgkill(pid, thread, int(signal.SIGSEGV)) == 0


def _started(task: Path) -> int:
    """Return when a thread began, in ticks since the machine did (`man 5 proc`, field 22 of stat)."""
    return int((task / "stat").read_text().rpartition(")")[2].split()[19])


async def stop_at_work(
    pid: int, accused: Callable[[], Collection[int]], slot: int, spared: Collection[int]
) -> None:
    """Stop the process while it has this camera's video in hand, and not that of those who are to be spared.

    Whatever happens to it then, it is in the midst of that camera's work.
    """
    await _stop_when(pid, lambda: slot in accused() and not set(spared) & set(accused()))


async def stop_at_rest(pid: int, accused: Callable[[], Collection[int]]) -> None:
    """Stop the process while it has nobody's video in hand."""
    await _stop_when(pid, lambda: not accused())


async def _stop_when(pid: int, true: Callable[[], bool]) -> None:
    stat = Path(f"/proc/{pid}/stat")
    async with asyncio.timeout(30):
        while True:
            os.kill(pid, signal.SIGSTOP)
            while stat.read_text().rpartition(")")[2].split()[0] != "T":
                await asyncio.sleep(0)
            if true():
                return
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(0.003)
