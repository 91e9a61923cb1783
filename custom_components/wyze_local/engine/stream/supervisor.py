"""Keeps a go2rtc running: the first restart at once, then ever more patiently, and it never gives up."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from ..model import Backoff, Clock
from .binary import Version
from .errors import StreamServerError, place_of

STATE_LINES = 40
_LOGGER = logging.getLogger(__name__)


class ServerPhase(StrEnum):
    """What a stream server is doing."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    BACKOFF = "backoff"
    """It ended unasked and comes back in a moment."""
    FAILED = "failed"
    """It keeps ending; it is still tried, ever more seldom, at last once a minute."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """How a stream server stands."""

    phase: ServerPhase = ServerPhase.STOPPED
    reason: str = ""
    """Why it is not ready: `exited`, `hung`, or the reason of a StreamServerError."""
    version: str = ""
    last_lines: tuple[str, ...] = ()
    """What it printed last, without secrets; only while it is in trouble."""
    restarts: int = 0
    """How often it has come back by itself. Viewers of before such a comeback have lost their connection."""


class Supervised(Protocol):
    """What is kept running."""

    @property
    def version(self) -> Version:
        """Its version."""
        ...

    @property
    def rtsp_port(self) -> int:
        """Where it serves restreams."""
        ...

    async def ended(self) -> str:
        """Wait until it has ended and say why."""
        ...

    async def stop(self) -> None:
        """End it for good."""
        ...


class Supervisor[C: Supervised]:
    """Starts one, waits for its end, starts the next."""

    def __init__(
        self,
        launch: Callable[[int | None], Awaitable[C]],
        restore: Callable[[C], Awaitable[None]],
        *,
        clock: Clock,
        rng: random.Random,
        on_state: Callable[[ServerState], None],
        last_lines: Callable[[int], tuple[str, ...]],
    ) -> None:
        """Take what starts one (given the RTSP port to keep), and what fills it before anybody sees it."""
        self._launch = launch
        self._restore = restore
        self._clock = clock
        self._on_state = on_state
        self._last_lines = last_lines
        self._backoff = Backoff(rng)
        self._task: asyncio.Task[None] | None = None
        self._rtsp_port: int | None = None
        self._restarts = 0
        self.child: C | None = None
        """The one that is ready, or None while there is none."""
        self.state = ServerState()

    async def start(self) -> None:
        """Start the first one; raises StreamServerError when it does not become ready."""
        if self._task is not None:
            return
        self._set(ServerPhase.STARTING)
        try:
            child = await self._bring_up()
        except BaseException as err:
            self._set(ServerPhase.STOPPED, err.reason if isinstance(err, StreamServerError) else "")
            raise
        self._task = asyncio.create_task(self._run(child), name="go2rtc supervisor")

    async def stop(self) -> None:
        """End it; nothing is left afterwards."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        child, self.child = self.child, None
        if child is not None:
            await child.stop()
        self._set(ServerPhase.STOPPED)

    async def _run(self, child: C) -> None:
        while True:
            reason = await child.ended()
            # From here on calls fail at once instead of waiting for a dead process.
            self.child = None
            _LOGGER.debug("go2rtc has ended (%s)", reason)
            self._set(ServerPhase.BACKOFF, reason)
            await child.stop()
            child = await self._come_back(reason)

    async def _come_back(self, reason: str) -> C:
        while True:
            delay = self._backoff.failed(self._clock.monotonic())
            self._set(ServerPhase.FAILED if self._backoff.hopeless else ServerPhase.BACKOFF, reason)
            if delay > 0:
                await self._clock.sleep(delay)
            try:
                return await self._bring_up(comeback=True)
            except StreamServerError as err:
                reason = err.reason
            except Exception as err:  # noqa: BLE001
                # Whatever it is: without supervision there would be no pictures until the next restart.
                _LOGGER.error("go2rtc could not be restarted (%s)", place_of(err))  # noqa: TRY400
                reason = "server_fault"

    async def _bring_up(self, *, comeback: bool = False) -> C:
        child = await self._launch(self._rtsp_port)
        try:
            await self._restore(child)
        except BaseException:
            await child.stop()
            raise
        self.child = child
        self._rtsp_port = child.rtsp_port
        self._restarts += comeback
        self._backoff.ready(self._clock.monotonic())
        self._set(ServerPhase.READY)
        return child

    def _set(self, phase: ServerPhase, reason: str = "") -> None:
        state = ServerState(
            phase=phase,
            reason=reason,
            version=str(self.child.version) if self.child else self.state.version,
            last_lines=self._last_lines(STATE_LINES) if reason else (),
            restarts=self._restarts,
        )
        before, self.state = self.state, state
        # What it prints on the way is no news.
        if replace(before, last_lines=()) != replace(state, last_lines=()):
            try:
                self._on_state(state)
            except Exception as err:  # noqa: BLE001
                # A mistake of whoever hears of it must not be the end of supervision.
                _LOGGER.error("News of the stream server could not be taken (%s)", place_of(err))  # noqa: TRY400
