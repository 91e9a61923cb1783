"""Finding the go2rtc program, and checking that it is one and new enough, before anything relies on it."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .errors import BinaryError

NAME = "go2rtc"
CHECK_TIMEOUT = 5.0
"""Seconds that `-v` may take."""

_ANSWER_LIMIT = 4096
# The first line of `go2rtc -v`, for example `go2rtc version 1.9.14 (a1b2c3d) linux/amd64`.
_ANSWER = re.compile(
    r"go2rtc version (\d{1,4})\.(\d{1,4})\.(\d{1,4})([-+][0-9A-Za-z.]{0,40})?( [ -~]{0,80})?"
)
_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})([-+][0-9A-Za-z.]{0,40})?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A released version; what a development build adds to it does not count."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the version that a text such as `1.9.14+dev.a1b2c3d` names, or None."""
        if (match := _VERSION.fullmatch(text)) is None:
            return None
        return cls(*(int(part) for part in match.groups()[:3]))

    def __str__(self) -> str:
        """Show the usual form."""
        return f"{self.major}.{self.minor}.{self.patch}"


MINIMUM = Version(1, 9, 14)
"""The first version that speaks the cameras' protocol."""


@dataclass(frozen=True, slots=True)
class Binary:
    """A go2rtc that was run once and is new enough."""

    path: Path
    version: Version
    ffmpeg: Path | None = None
    """Where ffmpeg lies; without it there are no stills."""


async def find_binary(path: Path | None = None) -> Binary:
    """Return the go2rtc at a path, or the one on PATH when no path is given.

    Raises BinaryError (`binary_missing`, `not_executable`, `not_go2rtc`, `too_old`); its details hold `path`,
    and for `too_old` also `version` and `minimum`.
    """
    found, ffmpeg = await asyncio.to_thread(_look, path)
    version = await _ask_version(found)
    if version < MINIMUM:
        raise _error("too_old", found, version=str(version))
    return Binary(found, version, ffmpeg)


def check_version(version: Version | None, path: Path) -> None:
    """Raise BinaryError unless this version, as the running server tells it, will do."""
    if version is None:
        raise _error("not_go2rtc", path)
    if version < MINIMUM:
        raise _error("too_old", path, version=str(version))


def without_wyze(path: Path) -> BinaryError:
    """Return the error for a server that was built without the cameras' protocol."""
    return _error("without_wyze", path)


def _error(reason: str, path: Path | str, **details: str) -> BinaryError:
    return BinaryError(reason, reason=reason, details={"path": str(path), "minimum": str(MINIMUM), **details})


def _look(path: Path | None) -> tuple[Path, Path | None]:
    """Return absolute paths of go2rtc and ffmpeg. Touches the disk."""
    if path is None:
        on_path = shutil.which(NAME)
        if on_path is None:
            raise _error("binary_missing", NAME)
        path = Path(on_path)
    found = path.expanduser().absolute()
    try:
        if not found.is_file():
            raise _error("binary_missing", found)
    except OSError, ValueError:
        raise _error("binary_missing", found) from None
    if not os.access(found, os.X_OK):
        raise _error("not_executable", found)
    ffmpeg = shutil.which("ffmpeg")
    return found, Path(ffmpeg).absolute() if ffmpeg else None


async def _ask_version(path: Path) -> Version:
    try:
        process = await asyncio.create_subprocess_exec(
            path,
            "-v",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.defpath, "HOME": "/nonexistent"},
            cwd="/",
            start_new_session=True,
        )
    except PermissionError:
        raise _error("not_executable", path) from None
    except OSError:
        raise _error("not_go2rtc", path) from None
    assert process.stdout is not None
    answer = b""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            answer = await _read_some(process.stdout)
            if len(answer) < _ANSWER_LIMIT and await process.wait() != 0:
                answer = b""
    except TimeoutError:
        answer = b""
    finally:
        await _end(process)
    first_line = answer.split(b"\n", 1)[0].decode("ascii", "replace").strip()
    if (match := _ANSWER.fullmatch(first_line)) is None:
        raise _error("not_go2rtc", path)
    return Version(*(int(part) for part in match.groups()[:3]))


async def _read_some(stream: asyncio.StreamReader) -> bytes:
    """Read to the end, but never more than a version can take."""
    answer = b""
    while len(answer) < _ANSWER_LIMIT and (chunk := await stream.read(_ANSWER_LIMIT - len(answer))):
        answer += chunk
    return answer


async def _end(process: asyncio.subprocess.Process) -> None:
    """Make sure that the program and whatever it started are gone."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
