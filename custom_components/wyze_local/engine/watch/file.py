"""One clip's files, while it is written: below the camera's folder only, and never through a link."""

import errno
import os
from contextlib import suppress
from pathlib import Path

from ..model import ClipName, Suffix, space_missing
from .finish import finish_file, write_all
from .tables import Whole

SYNC_BYTES = 4 << 20
"""What a power cut may take of a clip at most, in bytes, beside its last seconds."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_NEW = os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER_MODE, FILE_MODE = 0o755, 0o644

WRITING: set[ClipName] = set()
"""The clips that this process is writing. No other does: there is one worker, and the next one begins when
it has ended. Locks would not do: network drives have none, or keep everybody from reading what is locked."""


class NoSpaceToKeep(Exception):
    """There is space, but it has to stay free for others."""


class ClipFile:
    """A clip on the disk. Methods block, and raise OSError; after that, only `finish` or `discard` help."""

    def __init__(self, folder: int, name: ClipName, *, new_day: bool) -> None:
        """Take over the open folder of a day."""
        self.name = name
        self._folder = folder
        self._new_day = new_day
        self._fd = -1
        self._size = 0
        self._synced = 0

    @classmethod
    def begin(cls, folder: Path, name: ClipName, data: bytes, keep_free: int | None) -> ClipFile:
        """Make the file, with its header and first fragments in it.

        Raises NoSpaceToKeep; FileExistsError when there is a clip of this name already.
        """
        day, new = open_day(folder, name, keep_free)
        clip = cls(day, name, new_day=new)
        try:
            with suppress(FileNotFoundError):
                os.stat(name.file(), dir_fd=clip._folder, follow_symlinks=False)
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            part = name.file(Suffix.CLIP_PART)
            clip._fd = os.open(part, os.O_RDWR | os.O_EXCL | _NEW, FILE_MODE, dir_fd=clip._folder)
            WRITING.add(name)
            try:
                clip._write(data)
            except OSError:
                clip.discard()
                raise
        except OSError:
            clip.close()
            raise
        return clip

    def settle(self) -> None:
        """Have the folder of its day last, if it is a new one."""
        if not self._new_day:
            return
        camera = os.open("..", _FOLDER, dir_fd=self._folder)
        try:
            sync(camera)
        finally:
            os.close(camera)

    def append(self, data: bytes) -> None:
        """Write a whole fragment, or nothing of it."""
        self._write(data)
        if self._size - self._synced >= SYNC_BYTES:
            os.fdatasync(self._fd)
            self._synced = self._size

    def _write(self, data: bytes) -> None:
        try:
            write_all(self._fd, data, self._size)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise
        self._size += len(data)

    def put(self, suffix: Suffix, temporary: Suffix, data: bytes) -> None:
        """Put a small file beside the clip, whole or not at all."""
        put(self._folder, self.name, suffix, temporary, data)

    def finish(self) -> tuple[Whole, int]:
        """Make it an ordinary file; returns what it is, and its size in bytes. Raises NotOurs too."""
        whole = finish_file(self._fd)
        return whole, os.fstat(self._fd).st_size

    def publish(self) -> None:
        """Close it, and give it its final name."""
        fd, self._fd = self._fd, -1
        try:
            # First: drives of Windows' kind rename no file that is open, whoever has it open.
            os.close(fd)
            os.rename(
                self.name.file(Suffix.CLIP_PART),
                self.name.file(),
                src_dir_fd=self._folder,
                dst_dir_fd=self._folder,
            )
            sync(self._folder)
        finally:
            WRITING.discard(self.name)
            self.close()

    def discard(self) -> None:
        """Remove all of it that can be removed, and close it. Raises nothing."""
        for suffix in (Suffix.CLIP_PART, Suffix.STILL, Suffix.DETAILS):
            with suppress(OSError):
                os.unlink(self.name.file(suffix), dir_fd=self._folder)
        self.close()

    def close(self) -> None:
        """Let go of the file and its folder. Raises nothing."""
        for fd in (self._fd, self._folder):
            if fd >= 0:
                with suppress(OSError):
                    os.close(fd)
        if self._fd >= 0:
            WRITING.discard(self.name)
        self._fd = self._folder = -1


def open_day(folder: Path, name: ClipName, keep_free: int | None) -> tuple[int, bool]:
    """Open the folder of a clip's day, made if needed; the camera's own has to be there.

    Returns whether it is a new one, too, which a power cut may take until `ClipFile.settle`.
    """
    camera = os.open(folder, _FOLDER)
    try:
        if space_missing(os.fstatvfs(camera), keep_free) > 0:
            raise NoSpaceToKeep
        new = False
        with suppress(FileExistsError):
            os.mkdir(name.day, FOLDER_MODE, dir_fd=camera)
            new = True
        return os.open(name.day, _FOLDER, dir_fd=camera), new
    finally:
        os.close(camera)


def put(folder: int, name: ClipName, suffix: Suffix, temporary: Suffix, data: bytes) -> None:
    """Put a small file down in the open folder of a day, whole or not at all."""
    flags = os.O_WRONLY | os.O_TRUNC | _NEW
    fd = os.open(name.file(temporary), flags, FILE_MODE, dir_fd=folder)
    try:
        try:
            write_all(fd, data, 0)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(name.file(temporary), name.file(suffix), src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(name.file(temporary), dir_fd=folder)
        raise


def sync(folder: int) -> None:
    """Make names in a folder last, where the file system knows how."""
    try:
        os.fsync(folder)
    except OSError as err:
        if err.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
