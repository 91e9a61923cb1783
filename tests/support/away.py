"""A network drive that is mounted and answers everything with an error, or nothing at all. Needs root.

A file system of the kernel's (FUSE) whose server is this: what a NAS does that died, hangs or moved.
"""

import os
import selectors
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_IN, _OUT = struct.Struct("<IIQQIIIHH"), struct.Struct("<IiQ")
_FORGET, _INIT, _INTERRUPT, _FORGET_MANY = 2, 26, 36, 42
_WELCOME = struct.pack("<4I2H2I2H8I", 7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, *([0] * 8))
"""What a server says of itself: a version, and nothing that it can do."""


class Away:
    """The drive."""

    def __init__(self, fd: int, error: int | None) -> None:
        self._fd = fd
        self.error = error
        """The system's number of what is answered; None answers nothing."""
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="drive", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        # Whoever waits in a read keeps the drive from being closed.
        waiting = selectors.PollSelector()
        waiting.register(self._fd, selectors.EVENT_READ)
        while not self._closed.is_set():
            if not waiting.select(0.02):
                continue
            try:
                asked = os.read(self._fd, 1 << 17)
            except OSError:
                return
            _, kind, number, *_ = _IN.unpack_from(asked)
            if kind == _INIT:
                os.write(self._fd, _OUT.pack(_OUT.size + len(_WELCOME), 0, number) + _WELCOME)
            elif kind not in (_FORGET, _FORGET_MANY, _INTERRUPT) and self.error is not None:
                os.write(self._fd, _OUT.pack(_OUT.size, -self.error, number))

    def close(self) -> None:
        """End all waiting for it."""
        self._closed.set()
        self._thread.join(10)
        os.close(self._fd)


@contextmanager
def away(folder: Path, error: int | None) -> Iterator[Away]:
    """Mount it at a folder that is there."""
    fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={fd},rootmode=40000,user_id=0,group_id=0"
    mount = ["mount", "-i", "-t", "fuse", "-o", options, "drive", str(folder)]
    subprocess.run(mount, check=True, timeout=20, capture_output=True, pass_fds=[fd])
    drive = Away(fd, error)
    try:
        yield drive
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, timeout=20, capture_output=True)
        drive.close()
