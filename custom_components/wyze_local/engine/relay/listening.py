"""Listens to cameras with a speaker whose sound is off: how one is spoken to is known once it was heard."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from ..lan import CameraInfo, Codec, LanError
from ..model import Clock

SOUND_WITHIN = 0.5
"""Seconds that sound has to come by itself: some cameras announce it and send none."""


class Hearing(Protocol):
    """A session that can be asked for sound."""

    info: CameraInfo

    async def hear(self) -> Codec | None:
        """Return how it is coded, None where none comes; raises LanError."""
        ...


class Listener:
    """Asks on each session of one camera, once, as long as its sound is not known."""

    def __init__(self, clock: Clock, known: Callable[[], bool]) -> None:
        """Ask only where `known` says no; what is heard goes the way of all sound."""
        self._clock = clock
        self._known = known
        self._task: asyncio.Task[None] | None = None

    def follow(self, session: Hearing) -> None:
        """Take a new session. One with a battery does nothing that nobody wants."""
        self._stop()
        if session.info.two_way and session.info.battery is None and not self._known():
            self._task = asyncio.create_task(self._ask(session), name="relay listening")

    async def close(self) -> None:
        """End."""
        if (task := self._stop()) is not None:
            await asyncio.gather(task, return_exceptions=True)

    def _stop(self) -> asyncio.Task[None] | None:
        if (task := self._task) is not None:
            task.cancel()
        return task

    async def _ask(self, session: Hearing) -> None:
        await self._clock.sleep(SOUND_WITHIN)
        if not self._known():
            with contextlib.suppress(LanError):
                await session.hear()
