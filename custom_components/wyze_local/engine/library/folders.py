"""The folders of a library, opened so that no symbolic link leads out of them."""

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..model import ClipName, Suffix, is_camera_folder, parse_camera_key

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
FOLDER_MODE = 0o755
FILE_MODE = 0o644
"""As other media: a share that others are meant to read needs no more rights than the folder it lies in."""


def folder_name(camera_key: str, name: str) -> str:
    """Return what a camera's folder is called when it is made: a word, and six digits of its key.

    Raises InvalidField for what is no camera key.
    """
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    word = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_")
    return f"{word or 'camera'}-{parse_camera_key(camera_key)[:6]}"


def belongs_to(folder: str, camera_key: str) -> bool:
    """Tell whether a folder is this camera's, whatever the camera was called when it was made."""
    return is_camera_folder(folder) and folder[-6:] == camera_key[:6]


def is_folder(path: Path) -> bool:
    """Tell whether a folder, or a link to one, is there; raises OSError when nobody can say."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError, NotADirectoryError:
        return False


@contextmanager
def opened(root: Path, *names: str) -> Generator[int]:
    """Open a folder below the root, step by step; raises OSError.

    The root itself is the person's choice and may be a link; nothing below it may.
    """
    descriptor = os.open(root, _FLAGS)
    try:
        for name in names:
            inner = os.open(name, _FLAGS | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def is_file(name: str, folder: int) -> bool:
    """Tell whether a plain file of this name lies in an open folder; a link is none."""
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def read(name: str, folder: int, limit: int) -> bytes | None:
    """Return a plain file's content; None when there is none, or it is too long. Raises OSError."""
    try:
        # Without O_NONBLOCK a pipe that somebody put there would hold us until someone writes to it.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as err:
        if err.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
            return None
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = os.read(descriptor, limit + 1)
        return None if len(data) > limit else data
    finally:
        os.close(descriptor)


def replace(name: ClipName, content: bytes, folder: int) -> None:
    """Put details down in place of the old ones, whole or not at all; raises OSError."""
    temporary = name.file(Suffix.DETAILS_NEW)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, FILE_MODE, dir_fd=folder)
    try:
        try:
            if os.write(descriptor, content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(temporary, name.file(Suffix.DETAILS), src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        remove(temporary, folder)
        raise


def create(name: str, content: bytes, folder: int) -> None:
    """Make a file that is not there yet, not even as a link; raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, FILE_MODE, dir_fd=folder)
    try:
        if os.write(descriptor, content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        remove(name, folder)
        raise
    finally:
        os.close(descriptor)


def remove(name: str, folder: int) -> None:
    """Remove a file if it is there; raises OSError when it is and stays."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
