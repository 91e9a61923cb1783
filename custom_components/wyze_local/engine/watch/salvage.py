"""What a crash, a power cut or a lost disk left of clips: finished as far as it is whole, or removed.

Nothing here decodes anything, so no file can take the worker with it at each of its starts.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..model import (
    ClipDetails,
    ClipFinished,
    ClipName,
    ClipNews,
    ClipOwner,
    Cut,
    InvalidField,
    Suffix,
    is_day,
)
from ..model.clip_details import MAX_SIZE
from .file import WRITING, put, sync
from .finish import finish_file
from .tables import NotOurs
from .writer import Writer

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

type Others = Callable[[Path, str, Mapping[ClipName, os.stat_result]], set[ClipName]]
"""Tells which of the parts of a day in a folder somebody else may be writing."""


def tidy(folder: Path, writer: Writer, tell: Callable[[ClipNews], None], owner: ClipOwner) -> None:
    """Have a camera's folder salvaged, one day after the other, unless that was done.

    What another installation than `owner` writes is left alone for as long as it changes.

    For the disk's thread only, which does other work in between: a folder of many days on a slow disk must
    not look like a disk that hangs. Where something could not be saved, it is tried again with the next
    clip. Raises OSError when the folder is not there.
    """
    if folder not in writer.tidied:
        days = days_of(folder)
        writer.tidied.add(folder)
        for day in days:
            writer.put(partial(_tidy, folder, day, writer, tell, owner))


def _tidy(folder: Path, day: str, writer: Writer, tell: Callable[[ClipNews], None], owner: ClipOwner) -> None:
    try:
        done = salvage(folder, day, tell, partial(writer.others.at_work, owner))
    except OSError:
        done = False
    if not done:
        writer.tidied.discard(folder)


def days_of(folder: Path) -> list[str]:
    """Return the days of a camera's folder. Raises OSError."""
    camera = os.open(folder, _FOLDER)
    try:
        with os.scandir(camera) as entries:
            return [
                entry.name for entry in entries if is_day(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    finally:
        os.close(camera)


def salvage(folder: Path, day: str, tell: Callable[[ClipNews], None], others: Others) -> bool:
    """Finish or remove every clip of a day that nobody writes; False when some have to be looked at again.

    Raises OSError.
    """
    camera = os.open(folder, _FOLDER)
    try:
        with suppress(FileNotFoundError):
            inner = os.open(day, _FOLDER, dir_fd=camera)
            try:
                return _day(day, inner, tell, partial(others, folder, day))
            finally:
                os.close(inner)
    finally:
        os.close(camera)
    return True


def _day(
    day: str,
    folder: int,
    tell: Callable[[ClipNews], None],
    others: Callable[[Mapping[ClipName, os.stat_result]], set[ClipName]],
) -> bool:
    parts: dict[ClipName, os.stat_result] = {}
    small: list[tuple[ClipName, Suffix]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(InvalidField):
                name, suffix = ClipName.parse_file(day, entry.name)
                if entry.is_file(follow_symlinks=False):
                    if suffix is Suffix.CLIP_PART:
                        parts[name] = entry.stat(follow_symlinks=False)
                    elif suffix in (Suffix.STILL_PART, Suffix.DETAILS_PART):
                        small.append((name, suffix))
    theirs = others(parts)
    done = not theirs
    for name in parts.keys() - theirs:
        # One that cannot be finished now does not keep the others from it.
        try:
            _one(name, folder, tell)
        except OSError:
            done = False
    for name, suffix in small:
        if name in theirs:
            continue
        with suppress(OSError):
            os.unlink(name.file(suffix), dir_fd=folder)
    return done


def _one(name: ClipName, folder: int, tell: Callable[[ClipNews], None]) -> None:
    if name in WRITING:
        return
    fd = os.open(name.file(Suffix.CLIP_PART), os.O_RDWR | _FILE, dir_fd=folder)
    try:
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
