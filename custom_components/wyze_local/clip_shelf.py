"""What the pages about clips list: cameras, days in parts that can be looked over, and the clips of a part.

From the library's memory, the newest first; a clip that is still being written is not among them.
"""

from dataclasses import dataclass
from datetime import date
from itertools import batched

from .clip_titles import ClipTitles, bounds, by_day
from .clips import Clips
from .engine.library import Clip
from .engine.model import ClipName

CLIPS_OF_A_PAGE = 100
MOST_PAGES = 366


@dataclass(frozen=True, slots=True)
class ClipPage:
    """A day of a camera, or a part of a day that has very many clips."""

    title: str
    day: date
    names: tuple[ClipName, ...]


async def async_clip_cameras(clips: Clips) -> dict[str, tuple[str, int]]:
    """Return the names of the cameras that have clips, and how many, by their keys. Raises ClipsAway."""
    names = await clips.async_cameras()
    order = sorted(names.items(), key=lambda one: (one[1].casefold(), one[0]))
    counts = {key: len((await clips.async_names(key))[0]) for key, _ in order}
    return {key: (name, counts[key]) for key, name in order if counts[key]}


async def async_clip_pages(clips: Clips, camera_key: str, titles: ClipTitles) -> dict[str, ClipPage]:
    """Return the newest pages of a camera, the newest first, by their names. Raises ClipsAway.

    A name stays the same while it is chosen from.
    """
    names, _ = await clips.async_names(camera_key)
    pages: dict[str, ClipPage] = {}
    for day, group in by_day(names):
        # From the oldest on: what comes in meanwhile is on the last one.
        parts = list(batched(group, CLIPS_OF_A_PAGE, strict=False))
        for number, part in reversed(list(enumerate(parts))):
            title = titles.day(day, len(part)) if len(parts) == 1 else titles.part(day, part)
            pages[f"{day.isoformat()}/{number}"] = ClipPage(title, day, part)
            if len(pages) == MOST_PAGES:
                return pages
    return pages


async def async_clips_of(clips: Clips, camera_key: str, page: ClipPage | None) -> list[Clip]:
    """Return those clips of a page that are there and finished, the newest first. Raises ClipsAway."""
    if page is None:
        return []
    found = await clips.async_list(camera_key, *bounds(page.day))
    names = set(page.names)
    return [clip for clip in found if clip.name in names and not clip.growing]
