"""One child process, from its start until nothing of it is left."""

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..model import Clock
from .errors import ProtocolError
from .messages import Ping, Pong, Ready, Stop
from .pipe import Pipe
from .program import Program
from .waiting import wait_for

READY_TIMEOUT = 10.0
"""Seconds from the start until it serves."""

STOP_TIMEOUT = 5.0
"""Seconds between asking it to end and killing it: more than any needs to leave everything in order."""

KILL_TIMEOUT = 3.0
"""Seconds that a killed one may take to be gone: not even the system ends who waits for a dead disk."""

PING_EVERY = 5.0
PING_TIMEOUT = 4.0
"""Seconds without an answer after which it counts as hung."""

_LOGGER = logging.getLogger(__name__)

_START = Path(__file__).parents[1] / "start.py"


class ChildProcess:
    """A running child."""

    def __init__(
        self,
        program: Program,
        process: asyncio.subprocess.Process,
        pipe: Pipe,
        clock: Clock,
        hear: Callable[[Any], None],
    ) -> None:
        """Own a process that was just started; what it says goes to `hear`."""
        self._program = program
        self._process = process
        self._clock = clock
        self._hear = hear
        self._ready = asyncio.Event()
        self._pongs = 0
        self._ponged = asyncio.Event()
        self.pipe = pipe
        self._listening = asyncio.create_task(self._listen(), name=f"{program.room} messages")

    @classmethod
    async def start(
        cls, program: Program, descriptors: tuple[int, ...], clock: Clock, hear: Callable[[Any], None]
    ) -> ChildProcess:
        """Start one with these open files and wait until it serves; raises the program's error."""
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                pipe = await Pipe.over(ours, program.speaks, program.limit)
                try:
                    process = await _spawn(program.room, theirs.fileno(), *descriptors)
                except BaseException:
                    pipe.close()
                    raise
        except OSError as err:
            raise program.error(os.strerror(err.errno or 0), reason="not_started") from None
        child = cls(program, process, pipe, clock, hear)
        try:
            await child._until_ready()
        except BaseException:
            await child.stop()
            raise
        return child

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    async def ended(self) -> str:
        """Wait until it is over; returns `exited`, `protocol` (it talked nonsense) or `hung`.

        It may still run then: `stop` it.
        """
        number = 0
        while not await wait_for(self._clock, self._listening, PING_EVERY):
            number += 1
            self._ponged.clear()
            self.pipe.send(Ping(number))
            if not await wait_for(self._clock, self._ponged.wait(), PING_TIMEOUT) or self._pongs != number:
                if self._listening.done():
                    break
                self.kill()
                return "hung"
        return self._listening.result()

    async def stop(self) -> None:
        """End it, asking first; nothing is left afterwards but what not even the system can end yet."""
        try:
            self.pipe.send(Stop())
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._gone()
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self.pipe.close()

    async def _gone(self) -> None:
        """Wait for the end of a killed process, but let nobody wait for a dead disk with it."""
        try:
            async with asyncio.timeout(KILL_TIMEOUT):
                await self._process.wait()
        except TimeoutError:
            _LOGGER.warning(
                "The %s process was killed and is not gone: a disk does not answer, it seems",
                self._program.room,
            )

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _until_ready(self) -> None:
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait(
                (ready, self._listening), timeout=READY_TIMEOUT, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ready.cancel()
        if not self._ready.is_set():
            raise self._program.error(f"the {self._program.room} did not begin to serve", reason="not_ready")

    async def _listen(self) -> str:
        """Hear what it says until it is gone; returns why it is over."""
        try:
            while (message := await self.pipe.receive()) is not None:
                if isinstance(message, Ready):
                    self._ready.set()
                elif isinstance(message, Pong):
                    self._pongs = message.id
                    self._ponged.set()
                else:
                    self._hear(message)
        except ProtocolError:
            return "protocol"
        except Exception:
            # Whatever it was: a process that nobody listens to is replaced.
            _LOGGER.exception("What the %s process said could not be taken", self._program.room)
            return "protocol"
        return "exited"


async def _spawn(room: str, *descriptors: int) -> asyncio.subprocess.Process:
    """Start the interpreter; keys come later, through the pipe."""
    environment = {"PATH": await asyncio.to_thread(_path), "HOME": "/nonexistent"}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        # No variables, no user's packages, and no folder of ours to import from.
        *("-E", "-s", "-P", str(_START), room, str(os.getpid()), *map(str, descriptors)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        pass_fds=descriptors,
        env=environment,
        cwd="/",
        start_new_session=True,
    )


def _path() -> str:
    """Return where programs are looked for: the usual folders, after the one that holds ffmpeg here."""
    ffmpeg = shutil.which("ffmpeg")
    return f"{Path(ffmpeg).absolute().parent}{os.pathsep}{os.defpath}" if ffmpeg else os.defpath
