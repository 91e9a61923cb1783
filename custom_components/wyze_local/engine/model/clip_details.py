"""What is known of a clip beside its picture: the small file next to it, strictly read.

The worker writes it when the clip is finished; the library adds what is learnt later. The file lies in a
folder that people and other programs write to, so nothing in it is believed before it has passed.
"""

import json
import math
from dataclasses import dataclass, fields
from typing import Any, Self

from .clip import Cut, Sound
from .errors import InvalidField

MAX_SIZE = 8192
"""The longest file of details that is read, in bytes."""
MAX_WORDS = 16
MAX_WORD = 64


@dataclass(frozen=True, slots=True)
class ClipDetails:
    """What a clip shows, and where that is known from."""

    started: float
    ended: float
    """When its first picture was taken and its last one ended, in seconds since 1970."""
    event_id: str | None = None
    part: int = 1
    audio: Sound = Sound.NONE
    cut: Cut = Cut.NONE
    origin: str | None = None
    """`local`, `cloud`, `both`; None for a recording that somebody asked for, or while nobody said."""
    score: float | None = None
    """How sure the detector was at the best moment, 0 to 1."""
    zones: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """`motion`, `person`, `pet` …"""

    def to_bytes(self) -> bytes:
        """Return the content of the file."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps({"version": 1, **values}, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read the file's content; raises InvalidField for anything that `to_bytes` would not write."""
        if len(data) > MAX_SIZE:
            raise InvalidField("details", "too_long")
        try:
            content = json.loads(data.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError) as err:
            raise InvalidField("details", "not_json") from err
        names = {field.name for field in fields(cls)}
        if not isinstance(content, dict) or content.pop("version", None) != 1 or content.keys() != names:
            raise InvalidField("details", "not_details")
        return cls(
            started=_time(content["started"]),
            ended=_time(content["ended"]),
            event_id=_word_or_none(content["event_id"]),
            part=_count(content["part"]),
            audio=_member(Sound, content["audio"]),
            cut=_member(Cut, content["cut"]),
            origin=_word_or_none(content["origin"]),
            score=_share_or_none(content["score"]),
            zones=_words(content["zones"]),
            kinds=_words(content["kinds"]),
        )


def _refuse(name: str) -> float:
    raise ValueError(name)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidField("details", "not_a_number")
    try:
        number = float(value)
    except OverflowError:
        raise InvalidField("details", "not_a_number") from None
    if not math.isfinite(number):
        raise InvalidField("details", "not_a_number")
    return number


def _time(value: Any) -> float:
    number = _number(value)
    if not 0 <= number < 253402300800:  # the end of year 9999
        raise InvalidField("details", "not_a_time")
    return number


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10_000:
        raise InvalidField("details", "not_a_count")
    return value


def _share_or_none(value: Any) -> float | None:
    if value is None:
        return None
    number = _number(value)
    if not 0 <= number <= 1:
        raise InvalidField("details", "not_a_share")
    return number


def _word(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_WORD or not value.isprintable():
        raise InvalidField("details", "not_a_word")
    return value


def _word_or_none(value: Any) -> str | None:
    return None if value is None else _word(value)


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_WORDS:
        raise InvalidField("details", "not_a_list")
    return tuple(_word(item) for item in value)


def _member[Word: (Sound, Cut)](kind: type[Word], value: Any) -> Word:
    try:
        return kind(_word(value))
    except ValueError:
        raise InvalidField("details", "unknown_word") from None
