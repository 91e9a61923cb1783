"""Keeps a relay process running: the first restart at once, then ever more patiently; it never gives up."""

import asyncio
import logging
import random
import socket
from collections.abc import Callable
from typing import Any

from ..model import Backoff, Clock
from .errors import RelayError
from .process import RelayProcess
from .states import RelayPhase, RelayState

_LOGGER = logging.getLogger(__name__)


class Supervisor:
    """Starts one relay process, waits for its end, starts the next on the same socket."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        hear: Callable[[Any], None],
        restore: Callable[[RelayProcess], None],
        ended: Callable[[], None],
        on_state: Callable[[RelayState], None],
    ) -> None:
        """Take what hears messages, what fills a new process, and what happens when one has ended."""
        self._clock = clock
        self._hear = hear
        self._restore = restore
        self._ended = ended
        self._on_state = on_state
        self._backoff = Backoff(rng)
        self._task: asyncio.Task[None] | None = None
        self._restarts = 0
        self.process: RelayProcess | None = None
        """The one that serves, or None while there is none."""
        self.state = RelayState()

    async def start(self, listener: socket.socket) -> None:
        """Start the first one; raises RelayError when it does not begin to serve."""
        self._set(RelayPhase.STARTING)
        try:
            process = await self._bring_up(listener)
        except BaseException as err:
            self._set(RelayPhase.STOPPED, err.reason if isinstance(err, RelayError) else "")
            raise
        self._task = asyncio.create_task(self._run(listener, process), name="relay supervisor")

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
        self._set(RelayPhase.STOPPED)

    async def _run(self, listener: socket.socket, process: RelayProcess) -> None:
        while True:
            reason = await process.ended()
            # From here on requests fail at once instead of waiting for a dead process.
            self.process = None
            _LOGGER.debug("The relay has ended (%s)", reason)
            self._set(RelayPhase.BACKOFF, reason)
            await process.stop()
            self._ended()
            process = await self._come_back(listener, reason)

    async def _come_back(self, listener: socket.socket, reason: str) -> RelayProcess:
        while True:
            delay = self._backoff.failed(self._clock.monotonic())
            self._set(RelayPhase.FAILED if self._backoff.hopeless else RelayPhase.BACKOFF, reason)
            await self._clock.sleep(delay)
            self._restarts += 1
            try:
                return await self._bring_up(listener)
            except RelayError as err:
                reason = err.reason
            except Exception:
                # Whatever this machine has run out of, it may have it again later.
                _LOGGER.exception("The relay could not be started")
                reason = RelayError.reason

    async def _bring_up(self, listener: socket.socket) -> RelayProcess:
        process = await RelayProcess.start(listener, self._clock, self._hear)
        self.process = process
        self._restore(process)
        self._backoff.ready(self._clock.monotonic())
        self._set(RelayPhase.READY)
        return process

    def _set(self, phase: RelayPhase, reason: str = "") -> None:
        state = RelayState(phase, reason, self._restarts)
        if state != self.state:
            self.state = state
            self._on_state(state)
