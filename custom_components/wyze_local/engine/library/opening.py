"""Opens a file below a folder without ever following a link, whoever may write there meanwhile."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..model import ClipName, InvalidField, Suffix
from .boxes import whole_length
from .errors import LibraryError
from .folders import belongs_to

_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL, errno.ENXIO})
"""What is said of a file that is missing, and of one that is a link or no file at all: it is none of ours."""


@dataclass(slots=True)
class OpenFile:
    """A file that is open for reading; whoever got it closes it."""

    fd: int
    size: int
    """Bytes that may be read: of a clip that still grows, up to the end of its last whole fragment."""
    modified: float
    """When it was written last, as a POSIX time."""

    def read(self, offset: int, count: int) -> bytes:
        """Return bytes from an offset on; fewer where the file ends. Raises OSError."""
        return os.pread(self.fd, max(0, min(count, self.size - offset)), offset)

    def close(self) -> None:
        """Close it; a reader that comes too late finds nothing, and no other file with its number."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)


def open_below(root: Path, place: PurePath, *, growing: bool = False) -> OpenFile:
    """Open a regular file at a relative place. Raises OSError, also for links and whatever else is no file.

    The root itself may be a link: it is the person's own choice. Each step below is opened from the one
    before, so that nobody can exchange a folder for a link in between. `growing` asks for whole fragments.
    """
    if place.is_absolute() or ".." in place.parts or not place.parts:
        raise OSError(errno.EINVAL, "not a place below")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in place.parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        # Not to wait for the other end of a pipe that somebody put there.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        fd = os.open(place.parts[-1], flags, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        return _described(fd, growing=growing)
    except BaseException:
        os.close(fd)
        raise


def _described(fd: int, *, growing: bool) -> OpenFile:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a file")
    size = whole_length(fd, found.st_size) if growing else found.st_size
    return OpenFile(fd, size, found.st_mtime)


def open_clip(root: Path, camera_key: str, clip_id: str) -> tuple[OpenFile, bool] | None:
    """Open a clip, and tell whether it still grows; None when there is none. Raises LibraryError."""
    # The last look is for one that was finished in between.
    for suffix in (Suffix.CLIP, Suffix.CLIP_PART, Suffix.CLIP):
        if (file := _open_file(root, camera_key, clip_id, suffix)) is not None:
            return file, suffix is Suffix.CLIP_PART
    return None


def open_still(root: Path, camera_key: str, clip_id: str) -> OpenFile | None:
    """Open a clip's still; None when there is none. Raises LibraryError."""
    return _open_file(root, camera_key, clip_id, Suffix.STILL)


def _open_file(root: Path, camera_key: str, clip_id: str, suffix: Suffix) -> OpenFile | None:
    try:
        name = ClipName.parse(clip_id)
    except InvalidField:
        return None
    try:
        folders = sorted(entry.name for entry in root.iterdir() if belongs_to(entry.name, camera_key))
    except OSError as err:
        raise LibraryError.of(err) from None
    for folder in folders:
        try:
            place = PurePath(folder, name.day, name.file(suffix))
            return open_below(root, place, growing=suffix is Suffix.CLIP_PART)
        except OSError as err:
            if err.errno not in _NOT_THERE:
                raise LibraryError.of(err) from None
    return None
