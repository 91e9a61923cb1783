"""A clip: its name on the disk, how it is made, and what is told of it. Everything here is plain data.

The worker writes clips, the library keeps them, and both find them by their names alone. Names are in UTC,
so that no change of the clocks makes two of them one.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from .errors import InvalidField

_ID = re.compile(r"([0-9]{8})T([0-9]{6})-([0-9a-f]{8})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FILE = re.compile(r"([0-9]{6})_([0-9a-f]{8})(\.[a-z0-9.]{3,12})")
_FOLDER = re.compile(r"[a-z0-9_]{1,64}-[0-9a-f]{6}")


class Suffix(StrEnum):
    """The files of one clip. A name that ends otherwise is none of ours."""

    CLIP = ".mp4"
    STILL = ".jpg"
    DETAILS = ".json"
    PIN = ".pin"
    """Empty; where it lies, the clip is never deleted for its age or for space."""
    CLIP_PART = ".mp4.part"
    """A clip that is being written. What a crash left of one is finished or deleted by the next worker."""
    STILL_PART = ".jpg.part"
    DETAILS_PART = ".json.part"
    DETAILS_NEW = ".json.new"
    """Details that the library is putting in the place of the worker's."""


@dataclass(frozen=True, slots=True, order=True)
class ClipName:
    """What a clip is called: the second it was asked for, in UTC, and eight random digits."""

    at: datetime
    token: str

    @classmethod
    def new(cls, at: float, token: str | None = None) -> Self:
        """Name a clip that is asked for now; `at` is in seconds since 1970.

        Raises InvalidField for a time no calendar has.
        """
        try:
            moment = datetime.fromtimestamp(int(at), UTC)
        except ValueError, OverflowError, OSError:
            raise InvalidField("clip", "not_a_time") from None
        return cls(moment, secrets.token_hex(4) if token is None else token)

    @classmethod
    def parse(cls, clip_id: str) -> Self:
        """Read an id; raises InvalidField for anything that `id` would not say in the same way."""
        found = _ID.fullmatch(clip_id)
        if found is None:
            raise InvalidField("clip", "not_an_id")
        return cls(_moment(found[1] + found[2]), found[3])

    @classmethod
    def parse_file(cls, day: str, file: str) -> tuple[Self, Suffix]:
        """Read the name of a file in the folder of a day; raises InvalidField when it is not one of ours."""
        found = _FILE.fullmatch(file)
        if found is None or not _DAY.fullmatch(day) or found[3] not in Suffix:
            raise InvalidField("clip", "not_a_file")
        return cls(_moment(day.replace("-", "") + found[1]), found[2]), Suffix(found[3])

    @property
    def id(self) -> str:
        """The clip's id: `20261126T210324-0123abcd`."""
        return f"{self.at:%Y%m%dT%H%M%S}-{self.token}"

    @property
    def day(self) -> str:
        """The folder of its day, in UTC: `2026-11-26`."""
        return f"{self.at:%Y-%m-%d}"

    def file(self, suffix: Suffix = Suffix.CLIP) -> str:
        """Return the name of one of its files."""
        return f"{self.at:%H%M%S}_{self.token}{suffix}"

    def path(self, folder: Path, suffix: Suffix = Suffix.CLIP) -> Path:
        """Return where one of its files lies, below the camera's folder."""
        return folder / self.day / self.file(suffix)


def is_day(name: str) -> bool:
    """Tell whether this is the name of a day's folder."""
    if not _DAY.fullmatch(name):
        return False
    try:
        _moment(name.replace("-", "") + "000000")
    except InvalidField:
        return False
    return True


def is_camera_folder(name: str) -> bool:
    """Tell whether this is the name of a camera's folder: a word, and six digits of its key."""
    return _FOLDER.fullmatch(name) is not None


def _moment(digits: str) -> datetime:
    """Read fourteen digits as a second of UTC."""
    fields = (digits[:4], digits[4:6], digits[6:8], digits[8:10], digits[10:12], digits[12:])
    try:
        year, month, day, hour, minute, second = map(int, fields)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise InvalidField("clip", "not_a_time") from None


@dataclass(frozen=True, slots=True)
class ClipSettings:
    """How clips of one camera are made. All spans are in seconds."""

    folder: Path
    """The camera's own folder, which has to exist: a NAS that is not mounted must not be written beside."""
    pre_roll: float = 8.0
    """What a clip shows at least of the time before the motion."""
    post_roll: float = 10.0
    """What it shows of the time after the motion's end."""
    longest: float = 300.0
    """How much one clip holds at most; a longer event goes on in the next."""
    keep_free: int | None = None
    """Bytes that have to be free when a clip begins; None for the rule of `space_to_keep`."""
    owner: bytes = b""
    """The mark of the installation that writes them, as `ClipOwner` has it."""


class Cut(StrEnum):
    """Why a clip ends otherwise than by the end of what it shows."""

    NONE = ""
    LONGEST = "longest"
    """It had its full length; a further part follows."""
    RECONNECTED = "reconnected"
    """The camera was away; a further part follows if it came back."""
    CHANGED = "changed"
    """The picture changed its size or its codec; a further part follows."""
    CLOSED = "closed"
    """The worker or the camera's watch ended."""
    TROUBLE = "trouble"
    """The disk took no more; a `ClipFailed` said why."""
    SALVAGED = "salvaged"
    """The process or the machine died while it was written."""


class Trouble(StrEnum):
    """Why a clip could not be written, or not to its end."""

    DISK_FULL = "disk_full"
    NO_SPACE_TO_KEEP = "no_space_left_to_keep"
    """There is space, but less than has to stay free for others."""
    READ_ONLY = "read_only"
    """The folder may not be written to."""
    NO_FOLDER = "no_folder"
    """The folder is not there: deleted, or its file system is not mounted."""
    STALLED = "stalled"
    """The disk has not answered for many seconds."""
    DISK_ERROR = "disk_error"
    NAME_TAKEN = "name_taken"
    """A clip with the id that was asked for is there already."""
    UNPLAYABLE = "unplayable"
    """The stream has no picture that a clip can hold."""
    NO_PICTURE = "no_picture"
    """No key frame has arrived yet."""
    BUSY = "busy"
    """As many clips of the camera are being written as may be."""


class Sound(StrEnum):
    """What became of the sound."""

    NONE = ""
    """The stream has none."""
    AAC = "aac"
    OPUS = "opus"
    ENCODED = "encoded"
    """Telephone sound (PCMU, PCMA), encoded as AAC: MP4 holds nothing else of it that browsers play."""
    DROPPED = "dropped"
    """There is sound, of a kind that no browser plays from an MP4."""


@dataclass(frozen=True, slots=True)
class ClipBegan:
    """A clip is on the disk, and what it holds so far can be played."""

    clip_id: str
    event_id: str | None
    """None for a recording that somebody asked for."""
    started: float
    """When its first picture was taken, in seconds since 1970."""
    part: int
    """1, or a higher number when it goes on with an event that an earlier clip shows the beginning of."""


@dataclass(frozen=True, slots=True)
class ClipStill:
    """A still lies beside the clip. It may be replaced by a better one until the clip is finished."""

    clip_id: str
    event_id: str | None
    at: float
    """When it was taken, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class ClipFinished:
    """A clip lies whole on the disk, under its final name."""

    clip_id: str
    event_id: str | None
    started: float
    ended: float
    """When its first picture was taken and its last one ended, in seconds since 1970."""
    bytes: int
    audio: Sound
    still: bool
    cut: Cut = Cut.NONE


@dataclass(frozen=True, slots=True)
class ClipFailed:
    """A clip could not be written, or not to its end. What was written of it is kept where it plays.

    A `ClipFinished` of the same clip may follow, with what was saved.
    """

    clip_id: str | None
    """None when not even a name was given."""
    event_id: str | None
    reason: Trouble


type ClipNews = ClipBegan | ClipStill | ClipFinished | ClipFailed
