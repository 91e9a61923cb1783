"""The folder that clips lie in: is it there, is it the one that was chosen, and can it be written to.

A network drive that is not mounted leaves an empty folder behind, and what is written there fills the wrong
disk and is hidden as soon as the drive is back. So a chosen folder gets a mark, and without it nothing is
written. Everything here blocks.
"""

from enum import StrEnum
from pathlib import Path

from .clips_folder import FolderFault, refuse_place
from .engine.library import Library, LibraryError, is_folder
from .engine.model import Trouble, trouble_of

MARK = ".wyze_local"
"""The file that says that a folder is the one that was chosen."""


class FolderTrouble(StrEnum):
    """What keeps clips from being written."""

    DISK_FULL = "disk_full"
    MISSING = "folder_missing"
    AWAY = "folder_away"
    """There is a folder, but not the one that was chosen, or it does not answer."""
    READ_ONLY = "folder_read_only"
    PUBLIC = "folder_public"
    """Everybody can read it, without a log-in."""
    HOME_ASSISTANTS = "folder_home_assistants"


SHOWN = frozenset({FolderTrouble.READ_ONLY, FolderTrouble.DISK_FULL})
"""What keeps clips from being written, and not those that lie there from being shown."""

FOLDER_TROUBLES = {
    Trouble.DISK_FULL: FolderTrouble.DISK_FULL,
    Trouble.NO_SPACE_TO_KEEP: FolderTrouble.DISK_FULL,
    Trouble.READ_ONLY: FolderTrouble.READ_ONLY,
    Trouble.NO_FOLDER: FolderTrouble.MISSING,
    Trouble.STALLED: FolderTrouble.AWAY,
    Trouble.DISK_ERROR: FolderTrouble.AWAY,
}
"""What a trouble of a clip says of the folder. What is not here says nothing of it."""


def folder_trouble(err: LibraryError | OSError) -> FolderTrouble:
    """Return what an error of the library, or no answer in time, means for the folder."""
    found = Trouble(err.reason) if isinstance(err, LibraryError) else trouble_of(err)
    return FOLDER_TROUBLES.get(found, FolderTrouble.AWAY)


class Doubt:
    """Whether a disk that refused a clip is believed again: a quota is seen by who writes a lot only."""

    LOOKS = 60
    """So many looks more may find nothing wrong: an hour of them."""

    def __init__(self) -> None:
        """Believe it."""
        self._left = 0

    def hear(self, trouble: FolderTrouble | None) -> None:
        """Learn what became of a clip."""
        self._left = self.LOOKS if trouble is FolderTrouble.DISK_FULL else 0

    def judge(self, found: FolderTrouble | None) -> FolderTrouble | None:
        """Return what is wrong, after a look that found this."""
        if found is not None:
            self._left = 0
        elif self._left:
            self._left -= 1
            return FolderTrouble.DISK_FULL
        return found


_REFUSED = {
    FolderFault.PUBLIC: FolderTrouble.PUBLIC,
    FolderFault.HOME_ASSISTANTS: FolderTrouble.HOME_ASSISTANTS,
}


def prepare(
    library: Library, root: Path, config: Path, *, own: bool, chosen_now: bool
) -> FolderTrouble | None:
    """Make a folder ready for clips; returns what keeps it from being that. Raises OSError, LibraryError.

    `own` is our own place in the configuration, which is made. `chosen_now` takes a folder for the right one
    without a mark, and marks it.
    """
    # Each time: links may have been laid since the folder was chosen, and our own place was never typed.
    if (fault := refuse_place(config, root)) is not None:
        return _REFUSED[fault]
    if own:
        library.make_root()
    if not is_folder(root):
        return FolderTrouble.MISSING
    if not library.has(MARK):
        if not (own or chosen_now):
            return FolderTrouble.AWAY
        library.put(MARK, b"Wyze Local keeps clips here.\n")
    trouble = library.check()
    # Room that has to stay free is made by letting clips go; only then it is known whether that is enough.
    return None if trouble in (None, Trouble.NO_SPACE_TO_KEEP) else FOLDER_TROUBLES[trouble]
