"""Keeps a child process running: the first restart at once, then ever more patiently; it never gives up."""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from ..model import Backoff, Clock
from .errors import ChildError
from .process import ChildProcess
from .program import Program
from .states import ChildPhase, ChildState

_LOGGER = logging.getLogger(__name__)


class Supervisor:
    """Starts one process, waits for its end, starts the next with the same open files."""

    def __init__(
        self,
        program: Program,
        *,
        clock: Clock,
        rng: random.Random,
        hear: Callable[[Any], None],
        restore: Callable[[ChildProcess], None],
        ended: Callable[[], None],
        on_state: Callable[[ChildState], None],
        excuse: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take what hears messages, what fills a new process, and what happens when one has ended.

        `excuse` tells, after an end that nobody asked for, whether the next process will be spared what this
        one died of: then it comes at once, however often that has been.
        """
        self._program = program
        self._clock = clock
        self._hear = hear
        self._restore = restore
        self._ended = ended
        self._on_state = on_state
        self._excuse = excuse
        self._backoff = Backoff(rng)
        self._task: asyncio.Task[None] | None = None
        self._restarts = 0
        self.process: ChildProcess | None = None
        """The one that serves, or None while there is none."""
        self.state = ChildState()

    async def start(self, *descriptors: int) -> None:
        """Start the first one; raises the program's error when it does not begin to serve."""
        self._set(ChildPhase.STARTING)
        try:
            process = await self._bring_up(descriptors)
        except BaseException as err:
            self._set(ChildPhase.STOPPED, err.reason if isinstance(err, ChildError) else "")
            raise
        self._task = asyncio.create_task(
            self._run(descriptors, process), name=f"{self._program.room} supervisor"
        )

    async def stop(self) -> None:
        """End it; nothing is left afterwards."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        process, self.process = self.process, None
        if process is not None:
            await process.stop()
            self._ended()
        self._set(ChildPhase.STOPPED)

    async def _run(self, descriptors: tuple[int, ...], process: ChildProcess) -> None:
        while True:
            reason = await process.ended()
            # From here on requests fail at once instead of waiting for a dead process.
            self.process = None
            _LOGGER.debug("The %s has ended (%s)", self._program.room, reason)
            self._set(ChildPhase.BACKOFF, reason)
            await process.stop()
            self._ended()
            process = await self._come_back(descriptors, reason, excused=self._excuse())

    async def _come_back(self, descriptors: tuple[int, ...], reason: str, *, excused: bool) -> ChildProcess:
        while True:
            if not excused:
                delay = self._backoff.failed(self._clock.monotonic())
                self._set(ChildPhase.FAILED if self._backoff.hopeless else ChildPhase.BACKOFF, reason)
                await self._clock.sleep(delay)
            # Not to be started at all is nobody's doing.
            excused = False
            self._restarts += 1
            try:
                return await self._bring_up(descriptors)
            except ChildError as err:
                reason = err.reason
            except Exception:
                # Whatever this machine has run out of, it may have it again later.
                _LOGGER.exception("The %s could not be started", self._program.room)
                reason = self._program.error.reason

    async def _bring_up(self, descriptors: tuple[int, ...]) -> ChildProcess:
        process = await ChildProcess.start(self._program, descriptors, self._clock, self._hear)
        self.process = process
        try:
            self._restore(process)
        except BaseException:
            # Nobody would know of it any more.
            self.process = None
            await process.stop()
            raise
        self._backoff.ready(self._clock.monotonic())
        self._set(ChildPhase.READY)
        return process

    def _set(self, phase: ChildPhase, reason: str = "") -> None:
        state = ChildState(phase, reason, self._restarts)
        if state != self.state:
            self.state = state
            self._on_state(state)
