"""Child processes that never outlive their owner."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

# How long a process gets to end by itself after it was asked to, in seconds.
STOP_TIMEOUT = 20.0


class ChildProcess:
    """A process in a group of its own: a Ctrl-C in the terminal reaches its owner only.

    The kernel sends it SIGTERM when its owner dies, even by SIGKILL.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take a started process; use `start`."""
        self._process = process

    @classmethod
    async def start(
        cls,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: Path | None = None,
        stdout: int | None = None,
    ) -> ChildProcess:
        """Start a command; `log` takes its error output, and its output unless `stdout` is given."""
        output = log.open("ab") if log else None
        try:
            process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "TERM", "--", *command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout if stdout is not None else output,
                stderr=output,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
            )
        finally:
            if output:
                output.close()
        return cls(process)

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._process.pid

    @property
    def stdout(self) -> asyncio.StreamReader:
        """Its output, when `stdout` was a pipe."""
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def returncode(self) -> int | None:
        """The exit status, None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait for its end and return the exit status."""
        return await self._process.wait()

    async def stop(self, limit: float = STOP_TIMEOUT) -> int:
        """Ask it to end, then make it; nothing of its group is left afterwards. Returns the exit status."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return await self._process.wait()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
