"""Whose video the worker's threads have in hand, in memory that outlives the process: what it died of.

A process that crashes sends no message. So the parent makes the memory, each thread marks its camera there
before it touches the video and clears the mark afterwards, and the parent looks once the process has ended,
however that came. Three things are found there, the surest first: what the process itself says before it ends
because a thread hangs; the last words of a crash, which name the thread that crashed; and the marks.

What is in it was written by a process that read untrusted video: it is believed no further than that a camera
is not watched for a while.
"""

import faulthandler
import mmap
import os
import re
from enum import IntEnum

SLOTS = 4096
"""Cameras that are told apart; were there more, two that share a slot would be accused together."""
MAX_WORDS = 65536
"""Bytes that are read of a crash's last words."""

_WORDS = re.compile(rb"^Current thread 0x[0-9a-f]+ \[camera ([0-9]{1,4})\]", re.MULTILINE)

_AT_WORK = 1
_GUILTY = 2


class Hand(IntEnum):
    """Which of a camera's threads has its video in hand; each has marks of its own."""

    READER = 0
    STILL = 1


_SIZE = SLOTS * len(Hand)


class Board:
    """The parent's side: makes the memory, and reads it after an end."""

    def __init__(self) -> None:
        """Make it; raises OSError."""
        self._file = os.memfd_create("watch", os.MFD_CLOEXEC)
        self.wipe()

    def fileno(self) -> int:
        """Return the open file that the process is given."""
        return self._file

    def wipe(self) -> None:
        """Forget everything; a process that has mapped it may go on to use it."""
        os.ftruncate(self._file, _SIZE)
        os.pwrite(self._file, bytes(_SIZE), 0)
        # Where the last words of a crash are put: behind the marks.
        os.lseek(self._file, _SIZE, os.SEEK_SET)

    def accused(self) -> frozenset[int]:
        """Return the slots of the cameras one of which ended the process, as far as that can be known."""
        marks = os.pread(self._file, _SIZE, 0)
        if guilty := frozenset(at % SLOTS for at, mark in enumerate(marks) if mark == _GUILTY):
            return guilty
        if crashed := _WORDS.search(os.pread(self._file, MAX_WORDS, _SIZE)):
            return frozenset({int(crashed[1])})
        return frozenset(at % SLOTS for at, mark in enumerate(marks) if mark == _AT_WORK)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)


class Mark:
    """The process's side, for one of a camera's threads: `with` it, that thread has the video in hand."""

    def __init__(self, memory: mmap.mmap | bytearray, slot: int, hand: Hand = Hand.READER) -> None:
        """Mark in this memory; see `open_marks`."""
        self._memory = memory
        self._slot = slot
        self._at = hand * SLOTS + slot
        self.thread = f"camera {slot}"
        """What the thread must be called for a crash's last words to name it."""

    def __enter__(self) -> None:
        """Take it in hand."""
        self._memory[self._at] = _AT_WORK

    def __exit__(self, *_: object) -> None:
        """Put it down."""
        self._memory[self._at] = 0

    def of(self, hand: Hand) -> Mark:
        """Return the mark of another of the camera's threads."""
        return Mark(self._memory, self._slot, hand)

    def accuse(self) -> None:
        """Say that the process has to end for this camera, and for no other."""
        self._memory[self._at] = _GUILTY


def open_marks(file: int) -> mmap.mmap:
    """Return the memory of a board in the process, where a crash leaves its last words from now on."""
    faulthandler.enable(file=file, all_threads=True, c_stack=False)
    return mmap.mmap(file, _SIZE)
