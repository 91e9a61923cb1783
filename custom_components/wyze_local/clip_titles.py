"""What the media browser calls days and clips: times of Home Assistant's time zone, words of its language."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .engine.library import Clip
from .engine.model import ClipDetails, ClipName

_PREFIX = f"component.{DOMAIN}.common."


def clip_time(name: ClipName) -> datetime:
    """Return when a clip was asked for, which is when it moved, in Home Assistant's time zone."""
    return dt_util.as_local(name.at)


def clip_day(name: ClipName) -> date:
    """Return the day of that."""
    return clip_time(name).date()


def by_day(names: Iterable[ClipName]) -> Iterator[tuple[date, list[ClipName]]]:
    """Yield the days that have clips, the newest first, with the clips of each, the oldest first.

    A camera may have ten thousands of clips, and the event loop waits: only one of each day is asked for its.
    """
    rest = sorted(names, key=_moment)
    while rest:
        day = clip_day(rest[-1])
        first = min(bisect_left(rest, dt_util.start_of_local_day(day), key=_moment), len(rest) - 1)
        yield day, rest[first:]
        del rest[first:]


def _moment(name: ClipName) -> datetime:
    return name.at


def bounds(day: date) -> tuple[float, float]:
    """Return between which times the clips of a day were asked for, in seconds since 1970."""
    return (
        dt_util.start_of_local_day(day).timestamp(),
        dt_util.start_of_local_day(day + timedelta(days=1)).timestamp(),
    )


@dataclass(frozen=True, slots=True)
class ClipTitles:
    """Makes titles."""

    words: Mapping[str, str]
    today: date

    def day(self, day: date, count: int) -> str:
        """Return the title of a day with so many clips."""
        names = {self.today: "clip_today", self.today - timedelta(days=1): "clip_yesterday"}
        name = self._word(names[day]) if day in names else day.isoformat()
        return f"{name} ({count})"

    def part(self, day: date, names: Sequence[ClipName]) -> str:
        """Return the title of a part of a day, whose clips come with the oldest first."""
        first, last = (clip_time(name) for name in (names[0], names[-1]))
        return f"{self.day(day, len(names))} · {first:%H:%M}–{last:%H:%M}"

    def clip(self, clip: Clip) -> str:
        """Return the title of a clip: when, what, who says so, for how long, and whether it stays."""
        about = self._about(clip.details) if clip.details else ""
        seconds = round(clip.details.ended - clip.details.started) if clip.details else 0
        state = (
            self._word("clip_growing") if clip.growing else self._word("clip_pinned") if clip.pinned else ""
        )
        parts = (f"{clip_time(clip.name):%H:%M:%S}", about, _length(seconds), state)
        return " · ".join(filter(None, parts))

    def done(self, counts: Mapping[str, int]) -> str:
        """Return what was done to how many clips: what has no count is not spoken of."""
        return " · ".join(f"{self._word(f'clips_{what}')}: {count}" for what, count in counts.items())

    def _about(self, told: ClipDetails) -> str:
        """Return what a clip shows, and who says so; a recording is of nothing but that it was asked for.

        The details lie in a folder that others may write to: what is none of our words is left out.
        """
        if told.event_id is None and not told.kinds and not told.origin and told.ended > told.started:
            return self._word("clip_recorded")
        kinds = ", ".join(filter(None, (self._word(f"clip_{kind}") for kind in told.kinds)))
        said = self._word(f"clip_by_{told.origin}")
        return f"{kinds} ({said})" if kinds and said else kinds or said

    def _word(self, key: str) -> str:
        """Return a word of Home Assistant's language; nothing for what is none."""
        return self.words.get(f"{_PREFIX}{key}", "")


def _length(seconds: int) -> str:
    """Return a length, in units that are the same in every language; nothing for one that is not known."""
    minutes, rest = divmod(seconds, 60)
    return " ".join(f"{value} {unit}" for value, unit in ((minutes, "min"), (rest, "s")) if value > 0)


async def async_clip_titles(hass: HomeAssistant) -> ClipTitles:
    """Return titles in Home Assistant's language."""
    words = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    return ClipTitles(words, dt_util.now().date())
