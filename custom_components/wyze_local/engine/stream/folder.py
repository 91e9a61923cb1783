"""A private folder for the API's socket: 0700, in memory where the system offers that, gone when we are.

A parent that is killed cannot tidy up. So each folder is locked by the process that owns it, and whoever
starts next removes those that nobody holds any more.
"""

import contextlib
import fcntl
import os
import stat
import tempfile
from pathlib import Path

from .errors import StartFailed

PREFIX = "wyze-local-"
SOCKET = "api"

MAX_SOCKET_PATH = 100
"""Bytes that the path of a unix socket may take, with something to spare."""


class PrivateFolder:
    """One locked folder."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Own a folder and the descriptor that locks it."""
        self.path = path
        self._descriptor = descriptor

    @property
    def socket(self) -> str:
        """Path of the socket inside."""
        return str(self.path / SOCKET)

    @classmethod
    def make(cls, bases: tuple[Path, ...] | None = None) -> PrivateFolder:
        """Make a folder in the first base that will do, and remove abandoned ones there.

        Touches the disk. Raises StartFailed (`no_private_folder`).
        """
        for base in bases if bases is not None else _bases():
            if len(os.fsencode(base / PREFIX)) + len("xxxxxxxx/") + len(SOCKET) > MAX_SOCKET_PATH:
                continue
            try:
                _remove_abandoned(base)
                path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
                return cls(path, _lock(path))
            except OSError:
                continue
        raise StartFailed("no folder for the socket", reason="no_private_folder")

    def remove(self) -> None:
        """Remove the folder and what is in it. Touches the disk."""
        _empty(self.path)
        os.close(self._descriptor)


def _bases() -> tuple[Path, ...]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    bases = [Path(runtime)] if runtime.startswith("/") else []
    return (*bases, Path(tempfile.gettempdir()), Path("/tmp"))  # noqa: S108


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove_abandoned(base: Path) -> None:
    for path in base.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
                continue
            descriptor = _lock(path)
            try:
                _empty(path)
            finally:
                os.close(descriptor)


def _empty(path: Path) -> None:
    """Remove a folder of ours. Only the socket can be in it: anything else is not ours to delete."""
    with contextlib.suppress(OSError):
        (path / SOCKET).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        path.rmdir()
