"""The one thread that waits for the disk: a NAS that hangs stops no camera's reading, only its clips.

Work is put in order and done in that order, but what is urgent comes first: a clip that begins waits for none
that ends, however long the disk takes to have that for certain. What waits is bounded; when the disk has not
answered for long, nothing more is taken.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ..model import Clock
from .others import OtherWriters

STALLED_AFTER = 10.0
"""Seconds for one piece of work after which the disk counts as hanging."""
MAX_WAITING = 96 << 20
"""Bytes that may wait for the disk, over all cameras."""

_LOGGER = logging.getLogger(__name__)

type Job = Callable[[], Job | None]
"""Something to do with the disk; returns what is left of it, before which only what is urgent may come."""


class Writer:
    """A thread for the disk. Its methods never wait for the disk, `close` excepted."""

    def __init__(self, clock: Clock) -> None:
        """Start the thread."""
        self._clock = clock
        self._urgent: deque[tuple[int, Job]] = deque()
        self._jobs: deque[tuple[int, Job]] = deque()
        self._waiting = 0
        self._since: float | None = None
        self._closed = False
        self.tidied: set[Path] = set()
        """The cameras' folders in which what was left of clips is finished, or about to be.

        For the disk's thread only.
        """
        self.others = OtherWriters(clock)
        """What is known of others that write to the same folders. For the disk's thread only."""
        self._changed = threading.Condition()
        # A disk that never answers must not keep the process from ending.
        self._thread = threading.Thread(target=self._work, name="clips", daemon=True)
        self._thread.start()

    @property
    def stalled(self) -> bool:
        """Whether the disk hangs."""
        since = self._since
        return since is not None and self._clock.monotonic() - since > STALLED_AFTER

    def put(self, job: Job, size: int = 0, *, urgent: bool = False) -> bool:
        """Have something done later, which holds so many bytes; False when the disk takes no more.

        What has to be done in any case is put with no size: it is refused only once the writer is closed.
        """
        with self._changed:
            if self._closed or (size and (self.stalled or self._waiting + size > MAX_WAITING)):
                return False
            (self._urgent if urgent else self._jobs).append((size, job))
            self._waiting += size
            self._changed.notify()
        return True

    def close(self, timeout: float) -> bool:
        """Do what was put, and end; False when the disk did not let us within so many seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._since = None
                while not (self._urgent or self._jobs):
                    if self._closed:
                        return
                    self._changed.wait()
                size, job = (self._urgent or self._jobs).popleft()
                self._since = self._clock.monotonic()
            rest = None
            try:
                rest = job()
            except Exception:
                # Whatever it was, the other cameras' clips are none the worse.
                _LOGGER.exception("Something went wrong with a clip")
            with self._changed:
                self._waiting -= size
                if rest is not None:
                    self._jobs.appendleft((0, rest))
