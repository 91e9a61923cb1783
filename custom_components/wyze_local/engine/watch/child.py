"""The watch worker inside its own process: one reader per camera, and the pipe to the parent."""

import asyncio
import contextlib
import logging
import mmap
import os
import random
import resource
import time

import av.logging

from ..child import Errands, Forget, Ping, Pipe, Pong, Ready, Stop, running
from ..model import EngineError, SystemClock
from .board import Mark, open_marks
from .messages import (
    FROM_PARENT,
    MAX_MESSAGE,
    GetStill,
    News,
    Record,
    RemoveCamera,
    SetCamera,
    State,
    still_to_bytes,
)
from .reader import Reader
from .source import READ_WITHIN
from .states import WatchNews, WatchState
from .stills import Stills
from .writer import Writer

MEMORY = 1536 * 1024 * 1024
"""Bytes of memory that the process may have of its own; what wants more is a hostile stream."""
LOOK_AFTER = 1.0
"""Seconds between two looks at whether all threads live."""
END_WITHIN = READ_WITHIN + 0.5
"""Seconds that readers have to leave everything in order: who waits for a silent camera looks up by then."""
WRITE_WITHIN = 1.5
"""Seconds that the disk has afterwards, however long the readers took."""

_LOGGER = logging.getLogger(__name__)


class Ear:
    """Takes a reader's news from its thread to the pipe."""

    def __init__(self, key: str, pipe: Pipe, loop: asyncio.AbstractEventLoop) -> None:
        """Tell of one camera."""
        self._key = key
        self._pipe = pipe
        self._loop = loop

    def state(self, state: WatchState) -> None:
        """Tell how its watch stands now."""
        self._say(State(self._key, state))

    def news(self, news: WatchNews) -> None:
        """Tell what happened before it."""
        self._say(News(self._key, news))

    def _say(self, message: object) -> None:
        # A loop that is closed belongs to a process that ends.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._pipe.send, message)


class Child:
    """Everything that lives in the worker's process."""

    def __init__(self, pipe: Pipe, rng: random.Random, marks: mmap.mmap) -> None:
        """Prepare; `serve` begins. Whose video is in hand is marked in the memory of a board."""
        self._pipe = pipe
        self._rng = rng
        self._marks = marks
        self._readers: dict[str, Reader] = {}
        self._leaving: list[Reader] = []
        self._stills: dict[str, Stills] = {}
        self._writer = Writer(SystemClock())
        self._errands = Errands(pipe, "watch_fault")

    async def serve(self) -> None:
        """Serve until the parent says stop or is gone."""
        looking_after = asyncio.create_task(self._look_after())
        self._pipe.send(Ready())
        try:
            while (message := await self._pipe.receive()) is not None and not isinstance(message, Stop):
                self._obey(message)
        finally:
            await self._errands.close()
            for key in tuple(self._readers):
                self._remove(key)
            await self._leave()
            looking_after.cancel()

    def _obey(self, message: object) -> None:
        match message:
            case Ping():
                self._pipe.send(Pong(message.id))
            case SetCamera():
                self._set(message)
            case RemoveCamera():
                self._remove(message.key)
            case GetStill():
                self._errands.begin(message.id, self._still(message.key))
            case Record():
                self._errands.begin(message.id, self._record(message))
            case Forget():
                self._errands.forget(message.id)

    def _set(self, camera: SetCamera) -> None:
        if (reader := self._readers.get(camera.key)) is not None:
            reader.change(camera.url, camera.settings)
            return
        ear = Ear(camera.key, self._pipe, asyncio.get_running_loop())
        mark = Mark(self._marks, camera.slot)
        reader = Reader(camera.url, camera.settings, ear, self._writer, self._rng, mark)
        self._readers[camera.key] = reader
        self._stills[camera.key] = Stills(mark)
        reader.start()

    def _remove(self, key: str) -> None:
        self._stills.pop(key, None)
        if (reader := self._readers.pop(key, None)) is not None:
            reader.stop()
            self._leaving.append(reader)

    async def _leave(self) -> None:
        """Let readers close what they write; who does not come to it is left behind.

        All of them have been told, so they end side by side, and the last one is as soon as any.
        """
        end = time.monotonic() + END_WITHIN

        def join() -> None:
            for reader in self._leaving:
                reader.join(max(0.0, end - time.monotonic()))
            self._writer.close(WRITE_WITHIN)

        await asyncio.to_thread(join)

    async def _look_after(self) -> None:
        """End the process when a thread hangs, or is gone: no camera is left unwatched for it.

        Nothing else ends a thread that hangs, and the next process starts clean.
        """
        while True:
            await asyncio.sleep(LOOK_AFTER)
            now = time.monotonic()
            self._leaving = [reader for reader in self._leaving if not reader.ended]
            readers = self._readers.values()
            if guilty := [reader for reader in (*readers, *self._leaving) if reader.stuck(now)]:
                _LOGGER.error("A camera's thread hangs; the process ends")
            elif guilty := [reader for reader in readers if reader.ended]:
                _LOGGER.error("A camera's thread has ended unasked; the process ends")
            else:
                continue
            for reader in guilty:
                reader.mark.accuse()
            await self._pipe.drained(1.0)
            os._exit(1)

    # Asking

    async def _still(self, key: str) -> bytes:
        if (reader := self._readers.get(key)) is None:
            raise EngineError(reason="unknown_camera")
        if (found := reader.last_picture) is None:
            raise EngineError(reason="no_picture")
        return still_to_bytes(await self._stills[key].get(*found))

    async def _record(self, message: Record) -> bytes:
        if (reader := self._readers.get(message.key)) is None:
            raise EngineError(reason="unknown_camera")
        if not reader.keeps_clips:
            raise EngineError(reason="no_folder")
        if not reader.seen:
            raise EngineError(reason="no_picture")
        reader.record(message.clip_id, message.seconds, message.pre_roll)
        return b""


def run(control: int, board: int) -> None:
    """Run the worker on one end of the pipe, with the memory of a board."""
    marks = open_marks(board)
    av.logging.set_level(None)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    memory = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))

    async def serve(pipe: Pipe) -> None:
        await Child(pipe, random.Random(), marks).serve()  # noqa: S311 - spreads retries, no secrets

    asyncio.run(running.run(control, FROM_PARENT, serve, limit=MAX_MESSAGE))
    # A thread that is still in native code would keep the interpreter from ending.
    os._exit(0)
