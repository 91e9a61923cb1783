"""Real file systems that get full, read-only, lost or stuck: for what only a kernel can say. Needs root."""

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EXT4_SHUT_DOWN = 0x8004587D
_WITHOUT_FLUSHING = 2


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, timeout=60, capture_output=True)


class Mount:
    """A file system at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resize(self, size: int) -> None:
        """Make a tmpfs as large as this, in bytes."""
        _run("mount", "-o", f"remount,size={size},nr_inodes=1000", self.folder)

    def read_only(self) -> None:
        """Take no more writes."""
        _run("mount", "-o", "remount,ro", self.folder)

    def writable(self) -> None:
        """Take them again."""
        _run("mount", "-o", "remount,rw", self.folder)

    def detach(self) -> None:
        """Be gone from the folder, whoever still uses it."""
        _run("umount", "-l", self.folder)

    def move(self, folder: Path) -> None:
        """Be mounted elsewhere, with all that lies there, and gone from here."""
        # By binding: a mount below one that other namespaces share cannot be moved.
        _run("mount", "--bind", self.folder, folder)
        self.detach()

    def freeze(self) -> None:
        """Let every write wait, as a NAS that went away does."""
        _run("fsfreeze", "-f", self.folder)

    def thaw(self) -> None:
        """Let them go on."""
        _run("fsfreeze", "-u", self.folder)

    def die(self) -> None:
        """Answer everything with an error from now on, as a disk that was pulled out does."""
        fd = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _EXT4_SHUT_DOWN, struct.pack("I", _WITHOUT_FLUSHING))
        finally:
            os.close(fd)


@contextmanager
def tmpfs(folder: Path, size: int, inodes: int = 1000) -> Iterator[Mount]:
    """Mount a file system of so many bytes and files."""
    folder.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size},nr_inodes={inodes}", "tmpfs", folder)
    try:
        yield Mount(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, timeout=60, capture_output=True)


@contextmanager
def ext4(folder: Path, megabytes: int = 32) -> Iterator[Mount]:
    """Mount an ext4 in a file beside the folder."""
    folder.mkdir(exist_ok=True)
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", image)
    _run("mount", "-o", "loop", image, folder)
    try:
        yield Mount(folder)
    finally:
        subprocess.run(["fsfreeze", "-u", str(folder)], check=False, timeout=60, capture_output=True)
        subprocess.run(["umount", "-l", str(folder)], check=False, timeout=60, capture_output=True)
        image.unlink()
