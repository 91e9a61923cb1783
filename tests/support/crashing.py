"""Faults in native code of a watch worker, as the kernel reports them: to the thread that made them."""

import ctypes
import signal
from pathlib import Path


def crash(pid: int, slot: int) -> None:
    """Let the thread that reads the camera of this slot die of a fault, and the process with it.

    Cameras have their slots in the order in which they were added.
    """
    # Threads that the video library starts are called after the one that had it do so.
    thread = min(
        int(task.name)
        for task in Path(f"/proc/{pid}/task").iterdir()
        if (task / "comm").read_text().strip() == f"camera {slot}"
    )
    assert ctypes.CDLL(None).tgkill(pid, thread, int(signal.SIGSEGV)) == 0
