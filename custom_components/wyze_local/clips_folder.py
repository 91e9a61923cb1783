"""Whether clips may lie in a folder: one that is there or can be made, takes files, and is nobody else's.

Clips lie unencrypted: where Home Assistant shows files to anybody, or keeps its own secrets, none may be.
"""

import errno
import os
import secrets
from enum import StrEnum
from pathlib import Path

MAX_PATH = 512
PUBLIC = "www"
"""The folder of the configuration that Home Assistant serves to everybody, without a log-in."""
OWN = (".storage", ".cache", ".cloud", "backups", "blueprints", "custom_components", "deps", "tts")
"""The folders of the configuration with which Home Assistant does as it likes."""


class FolderFault(StrEnum):
    """Why clips cannot lie in a folder."""

    NOT_ABSOLUTE = "not_absolute"
    PUBLIC = "public"
    HOME_ASSISTANTS = "home_assistants"
    PARENT_MISSING = "parent_missing"
    NOT_A_FOLDER = "not_a_folder"
    NOT_PERMITTED = "not_permitted"
    READ_ONLY = "read_only"
    FULL = "full"
    NO_ANSWER = "no_answer"
    IO_ERROR = "io_error"


_FAULTS = {
    errno.EACCES: FolderFault.NOT_PERMITTED,
    errno.EPERM: FolderFault.NOT_PERMITTED,
    errno.EROFS: FolderFault.READ_ONLY,
    errno.ENOSPC: FolderFault.FULL,
    errno.EDQUOT: FolderFault.FULL,
    errno.ENOTDIR: FolderFault.NOT_A_FOLDER,
    errno.EEXIST: FolderFault.NOT_A_FOLDER,
}


def refuse_folder(config: Path, folder: Path, *, chosen: bool) -> FolderFault | None:
    """Return why clips cannot lie in a folder, or None; makes the folder. Blocks on the disk.

    Of a path that was `chosen` only the last folder is made: the rest is missing because a disk or a NAS is
    not there, and clips would silently fill what lies below.
    """
    if not folder.is_absolute() or len(str(folder)) > MAX_PATH or not str(folder).isprintable():
        return FolderFault.NOT_ABSOLUTE
    try:
        if (fault := refuse_place(config, folder)) is not None:
            return fault
        found = folder.resolve()
        if chosen and not found.parent.is_dir():
            return FolderFault.PARENT_MISSING
        found.mkdir(parents=True, exist_ok=True)
        _try_writing(found)
    except OSError as err:
        return _FAULTS.get(err.errno or 0, FolderFault.IO_ERROR)
    return None


def refuse_place(config: Path, folder: Path) -> FolderFault | None:
    """Return whether a folder is `PUBLIC` or `HOME_ASSISTANTS`, or None. Blocks; raises OSError.

    A link leads to where it leads: what counts is where the files would lie. Each of Home Assistant's folders
    may be one, too.
    """
    found, home = folder.resolve(), config.resolve()
    if found.is_relative_to((home / PUBLIC).resolve()):
        return FolderFault.PUBLIC
    if home.is_relative_to(found) or any(found.is_relative_to((home / name).resolve()) for name in OWN):
        return FolderFault.HOME_ASSISTANTS
    return None


def _try_writing(folder: Path) -> None:
    """Write a file and rename it, as a clip is written; raises OSError."""
    probe = folder / f".wyze_local-{secrets.token_hex(4)}"
    try:
        with probe.open("xb") as file:
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())
    finally:
        probe.unlink(missing_ok=True)
