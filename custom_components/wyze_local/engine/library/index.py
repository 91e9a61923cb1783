"""The clips in memory: what a pass over the folders found, and what was read of each since."""

import threading
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Self

from ..model import ClipDetails, ClipName
from .folders import belongs_to

type _Key = tuple[str, ClipName]


@dataclass(frozen=True, slots=True)
class Entry:
    """One clip as its folder shows it."""

    folder: str
    """The name of the camera's folder."""
    name: ClipName
    bytes: int
    """What all its files take."""
    still: bool
    pinned: bool

    @property
    def key(self) -> _Key:
        """What it is found by: two cameras may have clips of one name."""
        return self.folder, self.name


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip, with what is known of it."""

    name: ClipName
    bytes: int
    still: bool
    pinned: bool
    details: ClipDetails | None
    """None when they are missing or nobody of ours wrote them, or nobody has read them yet."""
    growing: bool = False
    """Whether it is still being written."""

    @classmethod
    def of(cls, entry: Entry, details: ClipDetails | None) -> Self:
        """Return a clip as its folder shows it and its details tell."""
        return cls(entry.name, entry.bytes, entry.still, entry.pinned, details)

    @property
    def id(self) -> str:
        """The clip's id."""
        return self.name.id

    @property
    def started(self) -> float:
        """When it begins, in seconds since 1970: as told, or by its name."""
        return self.details.started if self.details else self.name.at.timestamp()


class Index:
    """All clips, by folder and name. Safe to use from several threads; nothing here touches the disk.

    The event loop asks it, too, of a library that may hold a hundred thousand: nothing here goes through the
    clips of all cameras to answer for one.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._entries: dict[_Key, Entry] = {}
        self._shelves: dict[str, list[Entry]] = {}
        """The same by folder, the oldest first; no folder without any."""
        self._told: dict[_Key, ClipDetails | None] = {}
        self._changed: set[_Key] = set()
        """What was put in or dropped since a pass over the folders began: it may have seen them before."""
        self._turn = 0
        self._lock = threading.Lock()

    @property
    def turn(self) -> int:
        """A number that grows with every change: what was read of a clip before may be older than that."""
        return self._turn

    def begin(self) -> None:
        """Learn that a pass over the folders begins."""
        with self._lock:
            self._changed.clear()

    def fill(self, entries: Iterable[Entry]) -> int:
        """Take what a pass found for all there is, but for what was changed meanwhile; returns how many."""
        found = {entry.key: entry for entry in entries}
        shelves: dict[str, list[Entry]] = {}
        for entry in sorted(found.values(), key=_age):
            shelves.setdefault(entry.folder, []).append(entry)
        with self._lock:
            self._turn += 1
            before, self._entries, self._shelves = self._entries, found, shelves
            for key in self._changed:
                self._take_out(key)
                if (known := before.get(key)) is not None:
                    self._put_in(known)
            # A clip that was changed by other hands has other files, or another size.
            self._told = {key: told for key, told in self._told.items() if found.get(key) == before.get(key)}
            return len(found)

    def put(self, entry: Entry) -> None:
        """Take in a clip; what was told of it before is forgotten."""
        with self._lock:
            self._turn += 1
            self._take_out(entry.key)
            self._put_in(entry)
            self._told.pop(entry.key, None)
            self._changed.add(entry.key)

    def drop(self, entry: Entry) -> None:
        """Forget a clip."""
        with self._lock:
            self._turn += 1
            self._take_out(entry.key)
            self._told.pop(entry.key, None)
            self._changed.add(entry.key)

    def _put_in(self, entry: Entry) -> None:
        self._entries[entry.key] = entry
        insort(self._shelves.setdefault(entry.folder, []), entry, key=_age)

    def _take_out(self, key: _Key) -> None:
        if (entry := self._entries.pop(key, None)) is None:
            return
        shelf = self._shelves[entry.folder]
        del shelf[bisect_left(shelf, _age(entry), key=_age)]
        if not shelf:
            del self._shelves[entry.folder]

    def tell(self, entry: Entry, details: ClipDetails | None, read_in: int | None = None) -> None:
        """Remember what is told of a clip, as long as it is there.

        What was only read, in the turn of its beginning, must not take the place of what was written since.
        """
        with self._lock:
            if read_in is None:
                self._turn += 1
            if entry.key in self._entries and read_in in (None, self._turn):
                self._told[entry.key] = details

    def told(self, entry: Entry) -> tuple[bool, ClipDetails | None]:
        """Return whether anybody looked, and what was found."""
        with self._lock:
            return entry.key in self._told, self._told.get(entry.key)

    def all(self) -> list[Entry]:
        """Return all clips, in no order."""
        with self._lock:
            return list(self._entries.values())

    def folders(self) -> set[str]:
        """Return the names of the folders that hold clips."""
        with self._lock:
            return set(self._shelves)

    def of(self, camera_key: str) -> list[Entry]:
        """Return the clips of a camera, newest first."""
        return self.between(camera_key, float("-inf"), float("inf"))

    def between(self, camera_key: str, since: float, until: float) -> list[Entry]:
        """Return those that were asked for between two times, newest first."""
        with self._lock:
            shelves = [shelf for name, shelf in self._shelves.items() if belongs_to(name, camera_key)]
            parts = [
                shelf[bisect_left(shelf, since, key=_moment) : bisect_left(shelf, until, key=_moment)]
                for shelf in shelves
            ]
        # One, unless somebody made another folder by hand.
        found = parts[0] if len(parts) == 1 else sorted(chain(*parts), key=_age)
        found.reverse()
        return found

    def known(self, entries: Iterable[Entry]) -> tuple[list[Clip], bool]:
        """Return clips with what was told of them so far, and whether somebody looked for each."""
        told = [(entry, *self.told(entry)) for entry in entries]
        return [Clip.of(entry, details) for entry, _, details in told], all(looked for _, looked, _ in told)

    def find(self, camera_key: str, name: ClipName) -> Entry | None:
        """Return a clip of a camera."""
        with self._lock:
            folders = [folder for folder in self._shelves if belongs_to(folder, camera_key)]
            return next(
                (self._entries[key] for folder in folders if (key := (folder, name)) in self._entries), None
            )


def _age(entry: Entry) -> tuple[datetime, str]:
    return entry.name.at, entry.name.token


def _moment(entry: Entry) -> float:
    return entry.name.at.timestamp()
