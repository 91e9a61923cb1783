"""One pass over a library's folders. No file is opened for it."""

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from ..model import ClipName, InvalidField, Suffix, is_camera_folder, is_day
from .folders import opened, remove
from .index import Entry
from .leftovers import Leftovers

ORPHANED_AFTER = 3600.0
"""Seconds after which a still or details without a clip can only be what a crash left of one."""


def scan(root: Path, leftovers: Leftovers) -> list[Entry]:
    """Return all clips below a root, and remove what a crash left without one; raises OSError."""
    found = []
    with opened(root) as top:
        folders = [entry.name for entry in _folders(top) if is_camera_folder(entry.name)]
    for folder in folders:
        with suppress(FileNotFoundError), opened(root, folder) as inner:
            days = [entry.name for entry in _folders(inner) if is_day(entry.name)]
        for day in days:
            with suppress(FileNotFoundError), opened(root, folder, day) as descriptor:
                found += scan_day(folder, day, descriptor, leftovers)
            leftovers.days += 1
    leftovers.passed()
    return found


def _folders(descriptor: int) -> list[os.DirEntry[str]]:
    with os.scandir(descriptor) as entries:
        return [entry for entry in entries if entry.is_dir(follow_symlinks=False)]


def scan_day(folder: str, day: str, descriptor: int, leftovers: Leftovers) -> list[Entry]:
    """Return the clips in the open folder of a day; raises OSError."""
    files: dict[ClipName, dict[Suffix, os.stat_result]] = {}
    with os.scandir(descriptor) as entries:
        for entry in entries:
            try:
                name, suffix = ClipName.parse_file(day, entry.name)
            except InvalidField:
                continue
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    files.setdefault(name, {})[suffix] = entry.stat(follow_symlinks=False)
    found = []
    for name, parts in files.items():
        if Suffix.CLIP in parts:
            found.append(_entry(folder, name, parts))
        elif Suffix.CLIP_PART not in parts:
            _sweep(name, parts, descriptor)
        elif leftovers.abandoned(folder, name, parts[Suffix.CLIP_PART]):
            _abandon(name, parts, descriptor)
    return found


def _entry(folder: str, name: ClipName, parts: dict[Suffix, os.stat_result]) -> Entry:
    taken = sum(part.st_size for part in parts.values())
    return Entry(folder, name, taken, Suffix.STILL in parts, Suffix.PIN in parts)


def look(folder: str, name: ClipName, descriptor: int) -> Entry | None:
    """Return one clip in the open folder of its day, None when it is not there; raises OSError."""
    parts = {}
    for suffix in Suffix:
        with suppress(FileNotFoundError):
            found = os.stat(name.file(suffix), dir_fd=descriptor, follow_symlinks=False)
            if stat.S_ISREG(found.st_mode):
                parts[suffix] = found
    return _entry(folder, name, parts) if Suffix.CLIP in parts else None


def _sweep(name: ClipName, parts: dict[Suffix, os.stat_result], descriptor: int) -> None:
    """Remove what belongs to no clip, once it is certain that none is about to be there."""
    if any(time.time() - part.st_mtime < ORPHANED_AFTER for part in parts.values()):
        return
    for suffix in (Suffix.CLIP, Suffix.CLIP_PART):
        # It may have been renamed while the folder was read.
        with suppress(FileNotFoundError):
            os.stat(name.file(suffix), dir_fd=descriptor, follow_symlinks=False)
            return
    for suffix in parts:
        with suppress(OSError):
            remove(name.file(suffix), descriptor)


def _abandon(name: ClipName, parts: dict[Suffix, os.stat_result], descriptor: int) -> None:
    """Remove a clip that nobody finishes, unless somebody just did."""
    with suppress(OSError):
        os.unlink(name.file(Suffix.CLIP_PART), dir_fd=descriptor)
        for suffix in parts:
            remove(name.file(suffix), descriptor)
