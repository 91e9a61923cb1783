"""The clips in memory: what a pass over the folders found, and what was read of each since."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from ..model import ClipDetails, ClipName
from .folders import belongs_to


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
    def key(self) -> tuple[str, ClipName]:
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
    """All clips, by folder and name. Safe to use from several threads; nothing here touches the disk."""

    def __init__(self) -> None:
        """Begin empty."""
        self._entries: dict[tuple[str, ClipName], Entry] = {}
        self._told: dict[tuple[str, ClipName], ClipDetails | None] = {}
        self._changed: set[tuple[str, ClipName]] = set()
        """What was put in or dropped since a pass over the folders began: it may have seen them before."""
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Learn that a pass over the folders begins."""
        with self._lock:
            self._changed.clear()

    def fill(self, entries: Iterable[Entry]) -> int:
        """Take what a pass found for all there is, but for what was changed meanwhile; returns how many."""
        found = {entry.key: entry for entry in entries}
        with self._lock:
            for key in self._changed:
                if (known := self._entries.get(key)) is not None:
                    found[key] = known
                else:
                    found.pop(key, None)
            # A clip that was changed by other hands has other files, or another size.
            self._told = {
                key: told for key, told in self._told.items() if found.get(key) == self._entries.get(key)
            }
            self._entries = found
        return len(found)

    def put(self, entry: Entry) -> None:
        """Take in a clip; what was told of it before is forgotten."""
        with self._lock:
            self._entries[entry.key] = entry
            self._changed.add(entry.key)
            self._told.pop(entry.key, None)

    def drop(self, entry: Entry) -> None:
        """Forget a clip."""
        with self._lock:
            self._entries.pop(entry.key, None)
            self._changed.add(entry.key)
            self._told.pop(entry.key, None)

    def tell(self, entry: Entry, details: ClipDetails | None) -> None:
        """Remember what is told of a clip, as long as it is there."""
        with self._lock:
            if entry.key in self._entries:
                self._told[entry.key] = details

    def told(self, entry: Entry) -> tuple[bool, ClipDetails | None]:
        """Return whether anybody looked, and what was found."""
        with self._lock:
            return entry.key in self._told, self._told.get(entry.key)

    def all(self) -> list[Entry]:
        """Return all clips, in no order."""
        with self._lock:
            return list(self._entries.values())

    def of(self, camera_key: str) -> list[Entry]:
        """Return the clips of a camera, newest first."""
        entries = self.all()
        folders = {folder for folder in {entry.folder for entry in entries} if belongs_to(folder, camera_key)}
        found = [entry for entry in entries if entry.folder in folders]
        return sorted(found, key=lambda entry: (entry.name.at, entry.name.token), reverse=True)

    def between(self, camera_key: str, since: float, until: float) -> list[Entry]:
        """Return those that were asked for between two times."""
        return [entry for entry in self.of(camera_key) if since <= entry.name.at.timestamp() < until]

    def known(self, entries: Iterable[Entry]) -> tuple[list[Clip], bool]:
        """Return clips with what was told of them so far, and whether somebody looked for each."""
        told = [(entry, *self.told(entry)) for entry in entries]
        return [Clip.of(entry, details) for entry, _, details in told], all(looked for _, looked, _ in told)

    def find(self, camera_key: str, name: ClipName) -> Entry | None:
        """Return a clip of a camera."""
        with self._lock:
            folders = {
                folder for folder in {folder for folder, _ in self._entries} if belongs_to(folder, camera_key)
            }
            return next(
                (self._entries[key] for folder in folders if (key := (folder, name)) in self._entries), None
            )
