"""The library itself: the index in memory, and the few changes that are made to the folders."""

import os
import secrets
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace as changed
from pathlib import Path

from ..model import ClipDetails, ClipName, Clock, InvalidField, Suffix, SystemClock, Trouble, space_missing
from ..model.clip_details import MAX_SIZE
from .caution import DAY, Caution
from .errors import LibraryError
from .folders import (
    FILE_MODE,
    FOLDER_MODE,
    belongs_to,
    create,
    folder_name,
    is_file,
    is_folder,
    opened,
    read,
    remove,
    replace,
)
from .index import Clip, Entry, Index
from .leftovers import Leftovers
from .retention import Kept, let_go
from .scan import look, scan

MARGIN = 1.1
"""How much more is freed than is missing, so that the next clip does not find the same again."""


@contextmanager
def _in_our_words() -> Generator[None]:
    try:
        yield
    except OSError as err:
        raise LibraryError.of(err) from None


class Library:
    """The clips below one folder. Blocks on the disk; safe to call from several threads."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        """Remember the folder; nobody looks at it before `scan`. The clock says how old clips are."""
        self._root = root
        self._clock = clock or SystemClock()
        self._caution = Caution(self._clock)
        self.leftovers = Leftovers(self._clock)
        # It has a lock of its own, never held while the disk works: a NAS that hangs must not stop a look.
        self._index = Index()
        # For changes of the folders, one at a time.
        self._changing = threading.Lock()
        # A pass over all of them may take minutes: it keeps nobody from changing them.
        self._looking = threading.Lock()

    def make_root(self) -> None:
        """Make the root itself if what it lies in is there; raises LibraryError."""
        with _in_our_words(), suppress(FileExistsError):
            self._root.mkdir(FOLDER_MODE)

    def check(self, keep_free: int | None = None) -> Trouble | None:
        """Tell what is wrong with the folder, by writing to it; None when nothing is."""
        probe = f".wyze_local-{secrets.token_hex(8)}"
        try:
            if not is_folder(self._root):
                return Trouble.NO_FOLDER
            with opened(self._root) as top:
                create(probe, bytes(4096), top)
                remove(probe, top)
            return Trouble.NO_SPACE_TO_KEEP if self._missing(keep_free) > 0 else None
        except OSError as err:
            return Trouble(LibraryError.of(err).reason)

    def has(self, name: str) -> bool:
        """Tell whether a plain file of this name lies in the folder itself. Raises LibraryError."""
        with _in_our_words(), opened(self._root) as top:
            return is_file(name, top)

    def put(self, name: str, content: bytes) -> None:
        """Put a small file into the folder itself, never in another's place or through a link.

        Raises LibraryError.
        """
        with _in_our_words(), opened(self._root) as top:
            create(name, content, top)

    def camera_folder(self, camera_key: str, name: str) -> Path:
        """Return where clips of a camera are written; the first time it is made after the camera's name.

        Raises LibraryError when it is not there and cannot be made; InvalidField for what is no camera key.
        """
        wanted = folder_name(camera_key, name)
        with _in_our_words():
            if folders := self._folders(camera_key):
                return self._root / folders[0]
            with suppress(FileExistsError), opened(self._root) as top:
                os.mkdir(wanted, FOLDER_MODE, dir_fd=top)
            # Whoever asked at the same moment may have made it; nothing else of that name will do.
            with opened(self._root, wanted):
                return self._root / wanted

    def scan(self) -> int:
        """Look through all folders anew; returns the number of clips. Raises LibraryError."""
        with self._looking, _in_our_words():
            self._index.begin()
            return self._index.fill(scan(self._root, self.leftovers))

    def added(self, camera_key: str, clip_id: str) -> Clip | None:
        """Take in a clip that was just finished; None when it is not there. Raises LibraryError."""
        name = ClipName.parse(clip_id)
        with self._changing, _in_our_words():
            return self._look(camera_key, name)

    def _look(self, camera_key: str, name: ClipName) -> Clip | None:
        for folder in self._folders(camera_key):
            with suppress(FileNotFoundError, NotADirectoryError), opened(self._root, folder, name.day) as day:
                if (entry := look(folder, name, day)) is not None:
                    self._index.put(entry)
                    return self._clip(entry)
        return None

    def _folders(self, camera_key: str) -> list[str]:
        """Return the names of a camera's folders: one, unless somebody made another by hand."""
        with opened(self._root) as top, os.scandir(top) as entries:
            return sorted(
                entry.name
                for entry in entries
                if belongs_to(entry.name, camera_key) and entry.is_dir(follow_symlinks=False)
            )

    def folders(self) -> set[str]:
        """Return the names of the cameras' folders that hold clips, from memory."""
        return self._index.folders()

    def names(self, camera_key: str) -> list[ClipName]:
        """Return the clips of a camera, newest first, from memory."""
        return [entry.name for entry in self._index.of(camera_key)]

    def stills(self, camera_key: str) -> list[ClipName]:
        """Return those of a camera's clips that have a still, newest first, from memory."""
        return [entry.name for entry in self._index.of(camera_key) if entry.still]

    def clips(self, camera_key: str, since: float = 0, until: float = float("inf")) -> list[Clip]:
        """Return the clips asked for between two times, newest first. Raises LibraryError."""
        with _in_our_words():
            return [self._clip(entry) for entry in self._index.between(camera_key, since, until)]

    def known(
        self, camera_key: str, since: float = 0, until: float = float("inf")
    ) -> tuple[list[Clip], bool]:
        """Return the same clips from memory, and whether all that is told of them has been read."""
        return self._index.known(self._index.between(camera_key, since, until))

    def find(self, camera_key: str, clip_id: str) -> Clip | None:
        """Return one clip; None when there is none of this id. Raises LibraryError."""
        entry = self._entry(camera_key, clip_id)
        with _in_our_words():
            return None if entry is None else self._clip(entry)

    def path(self, camera_key: str, clip_id: str) -> Path | None:
        """Return where a clip lies, if it does, and is no link. Raises LibraryError."""
        entry = self._entry(camera_key, clip_id)
        if entry is None:
            return None
        with _in_our_words():
            try:
                with opened(self._root, entry.folder, entry.name.day) as day:
                    if not is_file(entry.name.file(), day):
                        return None
            except FileNotFoundError:
                return None
        return entry.name.path(self._root / entry.folder)

    def note(
        self,
        camera_key: str,
        clip_id: str,
        *,
        origin: str | None = None,
        score: float | None = None,
        zones: tuple[str, ...] | None = None,
        kinds: tuple[str, ...] | None = None,
    ) -> bool:
        """Write down what was learnt of a clip; False when it is not there. None leaves what is known.

        Raises LibraryError, and InvalidField for what could not be read back.
        """
        entry = self._entry(camera_key, clip_id)
        if entry is None:
            return False
        known = {"origin": origin, "score": score, "zones": zones, "kinds": kinds}
        values = {name: value for name, value in known.items() if value is not None}
        with self._changing, _in_our_words():
            told = self._clip(entry).details
            if told is None:
                at = entry.name.at.timestamp()
                told = ClipDetails(started=at, ended=at)
            told = changed(told, **values)  # type: ignore[arg-type]  # each by its own name
            content = told.to_bytes()
            ClipDetails.from_bytes(content)
            with opened(self._root, entry.folder, entry.name.day) as day:
                replace(entry.name, content, day)
            self._index.tell(entry, told)
        return True

    def pin(self, camera_key: str, clip_id: str, pinned: bool) -> bool:
        """Keep a clip for ever, or no longer; False when it is not there. Raises LibraryError."""
        entry = self._entry(camera_key, clip_id)
        if entry is None:
            return False
        file = entry.name.file(Suffix.PIN)
        with self._changing, _in_our_words(), opened(self._root, entry.folder, entry.name.day) as day:
            if pinned:
                flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
                os.close(os.open(file, flags, FILE_MODE, dir_fd=day))
            else:
                remove(file, day)
            self._index.put(changed(entry, pinned=pinned))
        return True

    def delete(self, camera_key: str, clip_id: str) -> bool:
        """Delete a clip and all that lies beside it; False when it is not there. Raises LibraryError."""
        entry = self._entry(camera_key, clip_id)
        if entry is None:
            return False
        with self._changing, _in_our_words():
            self._delete(entry)
        return True

    def keep(self, *, days: float, gigabytes: float, keep_free: int | None = None) -> Kept:
        """Let the oldest clips go that are too old, too much, or in the way of free space; pinned ones stay.

        None goes for its age while the clock is in doubt, nor for space that deleting does not make.
        `gigabytes` are 10^9 bytes. Raises LibraryError when the folder cannot be reached at all.
        """
        with self._changing, _in_our_words():
            entries = self._index.all()
            missing = self._missing(keep_free)
            wanted = missing if self._caution.may_make_room else 0
            kept = let_go(
                entries,
                before=self._caution.before(entries, days),
                most=int(gigabytes * 1e9),
                missing=wanted,
                delete=self._went,
            )
            if wanted > 0 and kept.freed:
                self._caution.made_room(kept.freed, missing - self._missing(keep_free))
            return changed(kept, short=missing > kept.freed)

    def _went(self, entry: Entry) -> bool:
        try:
            self._delete(entry)
        except OSError:
            return False
        return True

    def _missing(self, keep_free: int | None) -> int:
        """Return how many bytes too few are free; negative when there are more than enough."""
        return space_missing(os.statvfs(self._root), keep_free, MARGIN)

    def _delete(self, entry: Entry) -> None:
        """Remove the clip first: what a crash then leaves of it is no clip, and is swept away later."""
        with suppress(FileNotFoundError), opened(self._root, entry.folder, entry.name.day) as day:
            for suffix in (Suffix.CLIP, Suffix.STILL, Suffix.DETAILS, Suffix.DETAILS_NEW, Suffix.PIN):
                remove(entry.name.file(suffix), day)
        self._index.drop(entry)
        with suppress(OSError), opened(self._root, entry.folder) as folder:
            # The worker may be about to write into today's; an older one goes when it is empty.
            if entry.name.day < ClipName.new(time.time() - DAY).day:
                os.rmdir(entry.name.day, dir_fd=folder)

    def _entry(self, camera_key: str, clip_id: str) -> Entry | None:
        try:
            return self._index.find(camera_key, ClipName.parse(clip_id))
        except InvalidField:
            return None

    def _clip(self, entry: Entry) -> Clip:
        """Add what is told of a clip, read once."""
        turn, (known, told) = self._index.turn, self._index.told(entry)
        if not known:
            told = self._read(entry)
            self._index.tell(entry, told, turn)
        return Clip.of(entry, told)

    def _read(self, entry: Entry) -> ClipDetails | None:
        try:
            with opened(self._root, entry.folder, entry.name.day) as day:
                content = read(entry.name.file(Suffix.DETAILS), day, MAX_SIZE)
            return None if content is None else ClipDetails.from_bytes(content)
        except FileNotFoundError, InvalidField:
            return None
