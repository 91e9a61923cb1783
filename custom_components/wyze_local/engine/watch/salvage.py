"""What a crash, a power cut or a lost disk left of clips: finished as far as it is whole, or removed.

Nothing here decodes anything, so no file can take the worker with it at each of its starts.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..model import ClipDetails, ClipFinished, ClipName, ClipNews, Cut, InvalidField, Suffix, is_day
from ..model.clip_details import MAX_SIZE
from .file import lock, put, sync
from .finish import finish_file
from .tables import NotOurs

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def tidy(folder: Path, tidied: set[Path], tell: Callable[[ClipNews], None]) -> None:
    """Salvage what lies in a camera's folder, unless that was done. Raises OSError when it is not there."""
    if folder not in tidied:
        salvage(folder, tell)
        tidied.add(folder)


def salvage(folder: Path, tell: Callable[[ClipNews], None]) -> None:
    """Finish or remove every clip in a camera's folder that nobody writes. Raises OSError."""
    camera = os.open(folder, _FOLDER)
    try:
        with os.scandir(camera) as entries:
            days = [
                entry.name for entry in entries if is_day(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
        for day in days:
            with suppress(FileNotFoundError):
                inner = os.open(day, _FOLDER, dir_fd=camera)
                try:
                    _day(day, inner, tell)
                finally:
                    os.close(inner)
    finally:
        os.close(camera)


def _day(day: str, folder: int, tell: Callable[[ClipNews], None]) -> None:
    parts, others = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(InvalidField):
                name, suffix = ClipName.parse_file(day, entry.name)
                if entry.is_file(follow_symlinks=False):
                    if suffix is Suffix.CLIP_PART:
                        parts.append(name)
                    elif suffix in (Suffix.STILL_PART, Suffix.DETAILS_PART):
                        others.append((name, suffix))
    for name in parts:
        # One that cannot be finished now does not keep the others from it.
        with suppress(OSError):
            _one(name, folder, tell)
    for name, suffix in others:
        with suppress(OSError):
            os.unlink(name.file(suffix), dir_fd=folder)


def _one(name: ClipName, folder: int, tell: Callable[[ClipNews], None]) -> None:
    fd = os.open(name.file(Suffix.CLIP_PART), os.O_RDWR | _FILE, dir_fd=folder)
    try:
        if not lock(fd):
            return
        try:
            whole = finish_file(fd, doubtful=True)
        except NotOurs:
            for suffix in (Suffix.CLIP_PART, Suffix.STILL, Suffix.DETAILS):
                with suppress(FileNotFoundError):
                    os.unlink(name.file(suffix), dir_fd=folder)
            return
        details = _details(name, folder)
        details = replace(details, ended=details.started + whole.seconds, cut=Cut.SALVAGED)
        size = os.fstat(fd).st_size
    finally:
        os.close(fd)
    put(folder, name, Suffix.DETAILS, Suffix.DETAILS_PART, details.to_bytes())
    os.rename(name.file(Suffix.CLIP_PART), name.file(), src_dir_fd=folder, dst_dir_fd=folder)
    sync(folder)
    tell(_finished(name, details, size, still=_is_there(name.file(Suffix.STILL), folder)))


def _finished(name: ClipName, details: ClipDetails, size: int, *, still: bool) -> ClipFinished:
    return ClipFinished(
        name.id, details.event_id, details.started, details.ended, size, details.audio, still, details.cut
    )


def _is_there(name: str, folder: int) -> bool:
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        return True
    return False


def _details(name: ClipName, folder: int) -> ClipDetails:
    """Return what was known when the clip began; by its name where that is not there."""
    at = name.at.timestamp()
    try:
        fd = os.open(name.file(Suffix.DETAILS), os.O_RDONLY | _FILE, dir_fd=folder)
        try:
            return ClipDetails.from_bytes(os.read(fd, MAX_SIZE + 1))
        finally:
            os.close(fd)
    except OSError, InvalidField:
        return ClipDetails(started=at, ended=at)
