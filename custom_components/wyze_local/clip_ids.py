"""The words by which clips are asked for from outside, in their strict forms: nothing of a path in any."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from homeassistant.components.media_source import generate_media_source_id

from .const import DOMAIN
from .engine.model import ClipName, InvalidField

_CAMERA_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SOURCE = f"media-source://{DOMAIN}/"


@dataclass(frozen=True, slots=True)
class ClipPlace:
    """Which clip of which camera."""

    camera_key: str
    clip_id: str

    @classmethod
    def parse(cls, camera_key: str, clip_id: str) -> Self | None:
        """Return the place that two words are; None unless both have exactly their form."""
        if not _CAMERA_KEY.fullmatch(camera_key):
            return None
        try:
            ClipName.parse(clip_id)
        except InvalidField:
            return None
        return cls(camera_key, clip_id)

    @property
    def identifier(self) -> str:
        """Return what the media source calls it."""
        return f"{self.camera_key}/{self.clip_id}"

    @property
    def media_content_id(self) -> str:
        """Return what automations and the media browser call it."""
        return generate_media_source_id(DOMAIN, self.identifier)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the media browser opens: everything, a camera, or a day of a camera."""

    camera_key: str = ""
    day: date | None = None


def parse_identifier(identifier: str) -> Shelf | ClipPlace | None:
    """Return what an identifier of the media source means; None when it means nothing."""
    if not identifier:
        return Shelf()
    camera_key, slash, rest = identifier.partition("/")
    if not _CAMERA_KEY.fullmatch(camera_key):
        return None
    if not slash:
        return Shelf(camera_key)
    if _DAY.fullmatch(rest):
        try:
            day = date.fromisoformat(rest)
        except ValueError:
            return None
        # Beyond these, time zones lead out of the calendar.
        return Shelf(camera_key, day) if 1970 < day.year < 9999 else None
    return ClipPlace.parse(camera_key, rest)


def parse_media_content_id(text: str) -> ClipPlace | None:
    """Return the clip that a media content id means; None when it is no clip of ours."""
    if not text.startswith(_SOURCE):
        return None
    found = parse_identifier(text.removeprefix(_SOURCE))
    return found if isinstance(found, ClipPlace) else None


def camera_of_folder(folder: str) -> str:
    """Return what stands for the camera of a folder that nobody knows any more, in the form of a camera key.

    A folder is named after its camera and six digits of its key. What stands for it is nobody's real key, so
    that it is shown to those only who may see all cameras.
    """
    return folder.rpartition("-")[2].ljust(32, "0")
