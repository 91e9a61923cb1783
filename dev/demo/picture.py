"""One moving picture in a page that nobody touches."""

import asyncio
import time
from dataclasses import dataclass

from playwright.async_api import Page

from .comeback import back_at
from .judge import Sighting, longest_gap

BEFORE = 1.0
"""Seconds before a moment from which on frames are looked at."""

_POLL = 0.1


@dataclass(frozen=True, slots=True)
class Picture:
    """What the probe sees of it; of the whole page's pictures when no entity is named."""

    page: Page
    entity_id: str | None = None

    async def sightings(self, since: float) -> list[Sighting]:
        """Return the frames that a person saw since a Unix time."""
        frames = await self.page.evaluate(
            "([since, entity]) => playback.frames(since, entity)", [since * 1000, self.entity_id]
        )
        return [Sighting(frame["number"], frame["at"] / 1000) for frame in frames]

    async def back_after(self, moment: float, *, limit: float) -> float | None:
        """Return the seconds from a moment until the picture moved again, None after `limit` of them."""
        while time.time() - moment < limit + 2.0:
            shown = await self.sightings(moment - BEFORE)
            if (back := back_at(shown, moment, time.time())) is not None:
                return max(0.0, back - moment)
            await asyncio.sleep(_POLL)
        return None

    async def longest_gap(self, since: float, until: float | None = None) -> float:
        """Return for how many seconds it stood still at the most between two Unix times, or until now."""
        shown = await self.sightings(since)
        return longest_gap(shown, since, time.time() if until is None else until)
