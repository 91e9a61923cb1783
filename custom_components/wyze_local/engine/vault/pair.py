"""The two files of a vault, the current version and the previous one, and in which order they change.

Every method raises OSError or VaultError. A file that cannot be opened is put aside, never overwritten.
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from .disk import (
    FILE_MODE,
    Disk,
    is_there,
    make_folders,
    read_up_to,
    sweep,
    sync_folder,
    write_atomic,
    write_once,
)
from .envelope import MAX_FILE
from .errors import VaultError, VaultReason


class Pair:
    """Where the two versions lie: `path`, and `path` + `.prev`."""

    def __init__(self, disk: Disk, path: Path) -> None:
        """Remember the places; touches nothing."""
        self._disk = disk
        self.current = path
        self.previous = path.with_name(f"{path.name}.prev")

    def exists(self) -> bool:
        """Tell whether anything lies at either place."""
        return is_there(self._disk, self.current) or is_there(self._disk, self.previous)

    def read(self, path: Path) -> bytes:
        """Return the content of a file."""
        try:
            fd = self._disk.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError, NotADirectoryError:
            raise VaultError(VaultReason.VAULT_MISSING) from None
        except OSError as err:
            if err.errno in (errno.ELOOP, errno.ENXIO):
                raise VaultError(VaultReason.VAULT_NOT_A_FILE) from None
            raise
        try:
            status = self._disk.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise VaultError(VaultReason.VAULT_NOT_A_FILE)
            # A restored backup may have widened the mode; the content is sealed, so narrow it and go on.
            if stat.S_IMODE(status.st_mode) & ~FILE_MODE and status.st_uid == self._disk.uid():
                self._disk.fchmod(fd, FILE_MODE)
            data = read_up_to(self._disk, fd, MAX_FILE)
        finally:
            self._disk.close(fd)
        if data is None:
            raise VaultError(VaultReason.VAULT_TOO_LARGE)
        return data

    def begin(self, data: bytes) -> None:
        """Write the first version; raises VaultError (`vault_exists`)."""
        make_folders(self._disk, self.current.parent)
        try:
            write_once(self._disk, self.current, data)
        except FileExistsError:
            raise VaultError(VaultReason.VAULT_EXISTS) from None

    def replace(self, data: bytes, *, before: bytes | None) -> None:
        """Write the next version and keep the one before; None when the current file is none."""
        sweep(self._disk, self.current)
        sweep(self._disk, self.previous)
        if before is None:
            put_aside(self._disk, self.current)
        else:
            write_atomic(self._disk, self.previous, before)
        write_atomic(self._disk, self.current, data)

    def replace_both(self, data: bytes, *, damaged: bool) -> None:
        """Write one content into both versions; `damaged` when the current file is to be put aside."""
        # Half-written files hold what is to be gone; whoever writes one at this moment fails.
        sweep(self._disk, self.current, everything=True)
        sweep(self._disk, self.previous, everything=True)
        # The current version comes last: as long as it shows the old content, nobody takes it for done.
        write_atomic(self._disk, self.previous, data)
        if damaged:
            put_aside(self._disk, self.current)
        write_atomic(self._disk, self.current, data)

    def put_aside(self) -> list[Path]:
        """Rename both versions; returns the new names."""
        paths = (self.current, self.previous)
        return [aside for path in paths if (aside := put_aside(self._disk, path)) is not None]

    def remove(self) -> None:
        """Delete both versions and whatever was put aside of them."""
        for path in (self.current, self.previous):
            remove_all(self._disk, path)
        if is_there(self._disk, self.current.parent):
            sync_folder(self._disk, self.current.parent)


def put_aside(disk: Disk, path: Path) -> Path | None:
    """Rename whatever lies at a path to the next free name; None when nothing does."""
    if not is_there(disk, path):
        return None
    number = 1
    while is_there(disk, aside := path.with_name(f"{path.name}.unreadable-{number}")):
        number += 1
    disk.replace(path, aside)
    sync_folder(disk, path.parent)
    return aside


def remove_all(disk: Disk, path: Path) -> None:
    """Delete a file, what a crash left of it, and what was put aside of it."""
    if not is_there(disk, path.parent):
        return
    sweep(disk, path, everything=True)
    start = f"{path.name}.unreadable-"
    aside = [path.with_name(name) for name in disk.names(path.parent) if name.startswith(start)]
    for file in (path, *aside):
        with suppress(FileNotFoundError):
            disk.unlink(file)
