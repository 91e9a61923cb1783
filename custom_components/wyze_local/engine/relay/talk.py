"""Sound on its way to a camera's speaker: the first piece opens the way, silence closes it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ..child import wait_for
from ..lan import Codec, LanError, Reason, Talk
from ..model import Clock
from .rtp import big_endian

QUIET = 2.0
"""Seconds without sound after which the way is closed."""

MAX_PIECES = 100
"""Pieces that wait while the way is being opened; older ones are dropped."""

MAX_PIECE = 1024
_LOGGER = logging.getLogger(__name__)


class Speaking(Protocol):
    """A session that has a way to the speaker."""

    def talk(self) -> AbstractAsyncContextManager[Talk]:
        """Open it."""
        ...


class Talker:
    """Passes sound on to whatever session stands."""

    def __init__(self, clock: Clock, session: Callable[[], Speaking | None]) -> None:
        """Take the session from a function, as it changes."""
        self._clock = clock
        self._session = session
        self._pieces: deque[bytes] = deque(maxlen=MAX_PIECES)
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def send(self, payload: bytes, codec: str) -> None:
        """Take one RTP payload, coded as it was described to the speaker."""
        if (session := self._session()) is None:
            return
        self._pieces.append(payload)
        self._more.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(session, codec), name="relay talk")

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, session: Speaking, codec: str) -> None:
        try:
            async with session.talk() as talk:
                if talk.codec != codec:
                    # What the camera would take for its own coding would come out as noise, and loud.
                    raise LanError(Reason.REFUSED)
                while True:
                    while self._pieces:
                        _send(talk, self._pieces.popleft())
                    self._more.clear()
                    if not await wait_for(self._clock, self._more.wait(), QUIET):
                        return
        except LanError as err:
            _LOGGER.debug("Sound did not reach the camera (%s)", err.reason)
        finally:
            self._pieces.clear()
            self._task = None


def _send(talk: Talk, payload: bytes) -> None:
    if talk.codec is Codec.PCM:
        payload = big_endian(payload[: len(payload) & ~1])
    for start in range(0, len(payload), MAX_PIECE):
        talk.send(payload[start : start + MAX_PIECE])
