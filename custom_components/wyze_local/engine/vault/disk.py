"""The few calls to the operating system that the vault makes, and the two ways it puts a file down.

`Disk` is handed to the vault, so that a test can put a failing or a dying disk in its place.
"""

import errno
import os
import secrets
import time
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
STALE_SECONDS = 3600.0
"""Age at which a temporary file can only be what a crash left behind."""


class Disk:
    """The machine's own disk: each method is one system call."""

    def open(self, path: Path, flags: int) -> int:
        """Open a file, never through a symbolic link; new files are for their owner only."""
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)

    def open_folder(self, path: Path) -> int:
        """Open a folder to look at it or to sync it."""
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def read(self, fd: int, size: int) -> bytes:
        """Read at most `size` bytes."""
        return os.read(fd, size)

    def write(self, fd: int, data: bytes) -> int:
        """Write some of the bytes and return how many."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """Wait until the content lies on the medium."""
        os.fsync(fd)

    def fchmod(self, fd: int, mode: int) -> None:
        """Change the mode of an open file."""
        os.fchmod(fd, mode)

    def close(self, fd: int) -> None:
        """Close a file."""
        os.close(fd)

    def fstat(self, fd: int) -> os.stat_result:
        """Describe an open file."""
        return os.fstat(fd)

    def lstat(self, path: Path) -> os.stat_result:
        """Describe what lies at a path, links not followed."""
        return os.lstat(path)

    def replace(self, source: Path, target: Path) -> None:
        """Rename, replacing what was there."""
        os.replace(source, target)  # noqa: PTH105 - one system call per method

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name; fails when the name is taken."""
        os.link(source, target)

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        os.unlink(path)  # noqa: PTH108

    def mkdir(self, path: Path) -> None:
        """Make a folder for its owner only."""
        os.mkdir(path, FOLDER_MODE)  # noqa: PTH102

    def names(self, folder: Path) -> list[str]:
        """List a folder."""
        return os.listdir(folder)  # noqa: PTH208

    def uid(self) -> int:
        """Return the user that this process acts as."""
        return os.geteuid()


def read_up_to(disk: Disk, fd: int, limit: int) -> bytes | None:
    """Return the whole content, or None when it is longer than `limit` bytes."""
    data = bytearray()
    while len(data) <= limit:
        part = disk.read(fd, limit + 1 - len(data))
        if not part:
            return bytes(data)
        data += part
    return None


def write_atomic(disk: Disk, path: Path, data: bytes) -> None:
    """Put a file down so that after any crash either the old content is there or the new. Raises OSError."""
    temporary = _write_temporary(disk, path, data)
    try:
        disk.replace(temporary, path)
    except OSError:
        disk.unlink(temporary)
        raise
    sync_folder(disk, path.parent)


def write_once(disk: Disk, path: Path, data: bytes) -> None:
    """Put a complete file down under a name that must be free; FileExistsError when it is not."""
    temporary = _write_temporary(disk, path, data)
    try:
        disk.link(temporary, path)
    finally:
        disk.unlink(temporary)
    sync_folder(disk, path.parent)


def _write_temporary(disk: Disk, path: Path, data: bytes) -> Path:
    """Write a complete, synced file beside the path it is meant for."""
    temporary = path.with_name(f"{_temporary_prefix(path)}{secrets.token_hex(8)}")
    fd = disk.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        try:
            rest = data
            while rest:
                rest = rest[disk.write(fd, rest) :]
            disk.fsync(fd)
        finally:
            disk.close(fd)
    except OSError:
        disk.unlink(temporary)
        raise
    return temporary


def _temporary_prefix(path: Path) -> str:
    return f".{path.name}.new-"


def sync_folder(disk: Disk, folder: Path) -> None:
    """Make renames inside a folder last; file systems that cannot do this for folders are let off."""
    fd = disk.open_folder(folder)
    try:
        disk.fsync(fd)
    except OSError as err:
        if err.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        disk.close(fd)


def make_folders(disk: Disk, folder: Path) -> None:
    """Make a folder and what is missing above it, each for its owner only."""
    missing = []
    while not is_there(disk, folder):
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        try:
            disk.mkdir(new)
        except FileExistsError:
            continue
        sync_folder(disk, new.parent)


def is_there(disk: Disk, path: Path) -> bool:
    """Tell whether anything lies at a path, a dangling link included."""
    try:
        disk.lstat(path)
    except FileNotFoundError:
        return False
    return True


def sweep(disk: Disk, path: Path, *, everything: bool = False) -> None:
    """Remove temporary files that a crash left beside a path: the stale ones, or all of them."""
    try:
        names = disk.names(path.parent)
    except FileNotFoundError:
        return
    for name in names:
        if not name.startswith(_temporary_prefix(path)):
            continue
        left = path.with_name(name)
        try:
            if everything or time.time() - disk.lstat(left).st_mtime > STALE_SECONDS:
                disk.unlink(left)
        except FileNotFoundError:
            continue
