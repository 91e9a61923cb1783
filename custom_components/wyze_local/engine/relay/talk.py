"""Sound on its way to a camera's speaker: one talker at a time, and a person who talks goes first.

A voice comes live, by RTSP: its first piece opens the way, silence closes it. An announcement is something
that was made before; it gives way to a voice and to a newer announcement, and whoever made it is told.
"""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from ..child import wait_for
from ..lan import Codec, LanError, Reason, Talk
from ..model import Clock, EngineError
from .formats import AudioFormat
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


@dataclass(slots=True, eq=False)
class _Announcement:
    """What is announced, or about to be."""

    task: asyncio.Task[None]
    ended: str = ""
    """The reason why it had to end early."""


class Talker:
    """One camera's speaker, and whose turn it is."""

    def __init__(self, clock: Clock, session: Callable[[], Speaking | None]) -> None:
        """Take the session from a function, as it changes."""
        self._clock = clock
        self._session = session
        self._pieces: deque[bytes] = deque(maxlen=MAX_PIECES)
        self._more = asyncio.Event()
        self._way = asyncio.Lock()
        self._voice: Hashable = None
        self._deaf_until = -math.inf
        self._task: asyncio.Task[None] | None = None
        self._announcement: _Announcement | None = None

    @property
    def announcing(self) -> bool:
        """Whether something is announced, or about to be."""
        return self._announcement is not None

    def send(self, payload: bytes, audio: AudioFormat, voice: Hashable) -> None:
        """Take one RTP payload, coded as it was described to whoever speaks.

        Of several voices the first is heard until it has been quiet: two at once would be noise.
        """
        if (session := self._session()) is None or (self._task is not None and self._voice != voice):
            return
        if self._task is None and self._clock.monotonic() < self._deaf_until:
            return
        self._pieces.append(payload)
        self._more.set()
        if self._task is None:
            self._voice = voice
            self._task = asyncio.create_task(self._run(session, audio), name="relay talk")
            self._interrupt("interrupted")

    async def announce(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work that says something, once an older announcement has been ended for it.

        Raises EngineError: `speaker_taken` while somebody talks, `interrupted` when somebody began to,
        `superseded` by a newer one, `closed` when the camera was taken away, or what the work raises.
        """
        if self._task is not None:
            raise EngineError("somebody talks", reason="speaker_taken")
        self._interrupt("superseded")
        task = asyncio.create_task(self._announce(work), name="relay announcement")
        announcement = self._announcement = _Announcement(task)
        try:
            await task
        except asyncio.CancelledError:
            if not announcement.ended:
                raise
            raise EngineError("it had to end early", reason=announcement.ended) from None
        finally:
            if self._announcement is announcement:
                self._announcement = None

    async def close(self) -> None:
        """End."""
        tasks = [self._announcement.task] if self._announcement else []
        self._interrupt("closed")
        if self._task is not None:
            self._task.cancel()
            tasks.append(self._task)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _interrupt(self, reason: str) -> None:
        if (announcement := self._announcement) is not None:
            announcement.ended = reason
            announcement.task.cancel()

    async def _announce(self, work: Callable[[], Awaitable[None]]) -> None:
        async with self._way:
            await work()

    async def _run(self, session: Speaking, audio: AudioFormat) -> None:
        try:
            async with self._way, session.talk() as talk:
                if (talk.codec, talk.sample_rate, talk.channels) != (audio.codec, audio.rate, audio.channels):
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
            # Or each of the pieces that go on coming would be one more try. Meanwhile nobody has the speaker.
            self._deaf_until = self._clock.monotonic() + QUIET
        finally:
            self._pieces.clear()
            self._task = None


def _send(talk: Talk, payload: bytes) -> None:
    if talk.codec is Codec.PCM:
        payload = big_endian(payload[: len(payload) & ~1])
    for start in range(0, len(payload), MAX_PIECE):
        talk.send(payload[start : start + MAX_PIECE])
