"""What parent and watch worker say to each other, besides what every child and its parent do."""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from ..child import COMMON_FROM_CHILD, COMMON_FROM_PARENT, Program, ProtocolError, by_name
from ..model import ClipSettings, Secret, Sensitivity, WatchMode, Zone
from .errors import WatchError
from .states import WatchNews, WatchSettings, WatchState, WatchStill

MAX_MESSAGE = 8 * 1024 * 1024
"""Longest message in bytes: a still of a very large picture."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how clips are written."""

    folder: bytes
    """As bytes: it may be longer than our texts are, and of any characters."""
    pre_roll: float
    post_roll: float
    longest: float
    keep_free: int | None
    owner: bytes

    @classmethod
    def of(cls, clips: ClipSettings) -> Place:
        """Return what travels of it."""
        folder = os.fsencode(clips.folder)
        return cls(folder, clips.pre_roll, clips.post_roll, clips.longest, clips.keep_free, clips.owner)

    @property
    def settings(self) -> ClipSettings:
        """What has arrived."""
        folder = Path(os.fsdecode(self.folder))
        return ClipSettings(folder, self.pre_roll, self.post_roll, self.longest, self.keep_free, self.owner)


@dataclass(frozen=True, slots=True)
class SetCamera:
    """Parent: a camera to watch, new or changed."""

    key: str
    slot: int
    """Where the board has its marks."""
    url: Secret
    mode: WatchMode
    sensitivity: Sensitivity
    zones: tuple[Zone, ...]
    place: Place | None
    keep_motion: bool

    @classmethod
    def of(cls, key: str, slot: int, url: Secret, settings: WatchSettings) -> SetCamera:
        """Return what travels of it."""
        place = Place.of(settings.clips) if settings.clips else None
        return cls(
            key,
            slot,
            url,
            settings.mode,
            settings.sensitivity,
            settings.zones,
            place,
            settings.keep_motion,
        )

    @property
    def settings(self) -> WatchSettings:
        """What has arrived."""
        clips = self.place.settings if self.place else None
        return WatchSettings(self.mode, self.sensitivity, self.zones, clips, self.keep_motion)


@dataclass(frozen=True, slots=True)
class RemoveCamera:
    """Parent: watch it no more."""

    key: str


@dataclass(frozen=True, slots=True)
class GetStill:
    """Parent: an Answer with a still comes back, or a Failure."""

    id: int
    key: str


@dataclass(frozen=True, slots=True)
class Record:
    """Parent: record now; an Answer comes back, or a Failure."""

    id: int
    key: str
    clip_id: str
    seconds: float
    pre_roll: float


@dataclass(frozen=True, slots=True)
class State:
    """Worker: how the watch of a camera stands now."""

    key: str
    state: WatchState


@dataclass(frozen=True, slots=True)
class News:
    """Worker: what happened before a camera."""

    key: str
    news: WatchNews


FROM_PARENT = COMMON_FROM_PARENT | by_name(SetCamera, RemoveCamera, GetStill, Record)
FROM_WORKER = COMMON_FROM_CHILD | by_name(State, News)

WATCH = Program("watch", FROM_WORKER, WatchError, MAX_MESSAGE)

_TIME = struct.Struct("!d")


def still_to_bytes(still: WatchStill) -> bytes:
    """Return a still as the payload of an answer."""
    return _TIME.pack(still.taken_at) + still.jpeg


def still_from_bytes(payload: bytes) -> WatchStill:
    """Return the still of an answer; raises ProtocolError."""
    if len(payload) <= _TIME.size:
        raise ProtocolError("not a still")
    return WatchStill(payload[_TIME.size :], _TIME.unpack_from(payload)[0])
