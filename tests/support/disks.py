"""Disks that fail, die or lose power at a chosen moment, to be handed to a vault in place of the real one.

They work on real files in a temporary folder; only the moment of the misfortune is made up.
"""

import os
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, override

from engine.vault.disk import Disk


class PowerCut(BaseException):
    """The machine is gone: nothing may catch this."""


class CountingDisk(Disk):
    """Counts system calls; a subclass says what happens before each."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.calls = 0
        self.names_of_calls: list[str] = []

    def before(self, name: str) -> None:
        """Do whatever happens before the next call."""

    def _count(self, name: str) -> None:
        self.before(name)
        self.calls += 1
        self.names_of_calls.append(name)

    @override
    def open(self, path: Path, flags: int) -> int:
        self._count("open")
        return super().open(path, flags)

    @override
    def open_folder(self, path: Path) -> int:
        self._count("open_folder")
        return super().open_folder(path)

    @override
    def read(self, fd: int, size: int) -> bytes:
        self._count("read")
        return super().read(fd, size)

    @override
    def write(self, fd: int, data: bytes) -> int:
        """Write in two pieces, as a system may."""
        self._count("write")
        return super().write(fd, data[: max(1, len(data) // 2)])

    @override
    def fsync(self, fd: int) -> None:
        self._count("fsync")
        super().fsync(fd)

    @override
    def fstat(self, fd: int) -> os.stat_result:
        self._count("fstat")
        return super().fstat(fd)

    @override
    def lstat(self, path: Path) -> os.stat_result:
        self._count("lstat")
        return super().lstat(path)

    @override
    def replace(self, source: Path, target: Path) -> None:
        self._count("replace")
        super().replace(source, target)

    @override
    def link(self, source: Path, target: Path) -> None:
        self._count("link")
        super().link(source, target)

    @override
    def unlink(self, path: Path) -> None:
        self._count("unlink")
        super().unlink(path)

    @override
    def mkdir(self, path: Path) -> None:
        self._count("mkdir")
        super().mkdir(path)

    @override
    def names(self, folder: Path) -> list[str]:
        self._count("names")
        return super().names(folder)


class FailingDisk(CountingDisk):
    """Answers one call, or from one call on all calls of some kinds, with an error of the system."""

    def __init__(self, at: int, code: int, *, kinds: frozenset[str] | None = None, once: bool = True) -> None:
        """Fail at the call with this number (from 0)."""
        super().__init__()
        self._at = at
        self._code = code
        self._kinds = kinds
        self._once = once
        self.failed = False

    @override
    def before(self, name: str) -> None:
        due = self.calls == self._at if self._once else self.calls >= self._at
        if due and (self._kinds is None or name in self._kinds):
            self.failed = True
            self.calls += 1
            raise OSError(self._code, os.strerror(self._code))


class Survival(Enum):
    """What a power cut leaves of what was not synced."""

    EVERYTHING = "everything"
    """As if only the process had been killed."""
    NAMES = "names"
    """Renames arrived, contents that were not synced did not: files are empty."""
    NOTHING = "nothing"
    """Neither: folders look as at their last sync."""


@dataclass
class _Inode:
    mode: int
    synced: bytes = b""


@dataclass
class _Folder:
    now: dict[str, _Inode] = field(default_factory=dict)
    synced: dict[str, _Inode] = field(default_factory=dict)


class PowerCutDisk(CountingDisk):
    """Loses power before a chosen call; `settle` then turns the folders into what the medium held."""

    def __init__(self, at: int, *folders: Path) -> None:
        """Cut before the call with this number; what lies in the folders already is synced."""
        super().__init__()
        self._at = at
        self._folders: dict[Path, _Folder] = {}
        self._files: dict[int, tuple[Path, _Inode | None]] = {}
        for folder in folders:
            self._folders[folder] = _Folder()
            for file in folder.iterdir() if folder.is_dir() else ():
                if file.is_file():
                    self._folders[folder].now[file.name] = _Inode(file.stat().st_mode, file.read_bytes())
            self._folders[folder].synced = dict(self._folders[folder].now)

    @override
    def before(self, name: str) -> None:
        if self.calls >= self._at:
            raise PowerCut(name)

    @override
    def open(self, path: Path, flags: int) -> int:
        fd = super().open(path, flags)
        if flags & os.O_CREAT:
            self._folders[path.parent].now[path.name] = _Inode(self.fstat_quietly(fd).st_mode)
        self._files[fd] = path, self._folders[path.parent].now.get(path.name)
        return fd

    def fstat_quietly(self, fd: int) -> os.stat_result:
        """Describe without counting."""
        return os.fstat(fd)

    @override
    def open_folder(self, path: Path) -> int:
        fd = super().open_folder(path)
        self._files[fd] = path, None
        return fd

    @override
    def fsync(self, fd: int) -> None:
        super().fsync(fd)
        path, inode = self._files[fd]
        if inode is not None:
            inode.synced = path.read_bytes()
        elif path in self._folders:
            self._folders[path].synced = dict(self._folders[path].now)

    @override
    def replace(self, source: Path, target: Path) -> None:
        super().replace(source, target)
        self._folders[target.parent].now[target.name] = self._folders[source.parent].now.pop(source.name)

    @override
    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        self._folders[target.parent].now[target.name] = self._folders[source.parent].now[source.name]

    @override
    def unlink(self, path: Path) -> None:
        super().unlink(path)
        self._folders[path.parent].now.pop(path.name, None)

    def settle(self, survival: Survival) -> None:
        """Put on the real disk what the cut left."""
        if survival is Survival.EVERYTHING:
            return
        for path, folder in self._folders.items():
            if not path.is_dir():
                continue
            for file in path.iterdir():
                file.unlink()
            names = folder.now if survival is Survival.NAMES else folder.synced
            for name, inode in names.items():
                file = path / name
                file.write_bytes(inode.synced)
                file.chmod(inode.mode & 0o7777)


def tree(folder: Path) -> dict[str, Any]:
    """Return all names and contents below a folder, to compare before and after."""
    return {
        str(file.relative_to(folder)): file.read_bytes() if file.is_file() else None
        for file in sorted(folder.rglob("*"))
    }
