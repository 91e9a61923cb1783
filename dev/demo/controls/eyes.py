"""Judges what a picture in the browser's page shows."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from playwright.async_api import Page

_WIDTH, _HEIGHT = 96, 54
_POLL = 0.05
_BODY = slice(_HEIGHT // 5, _HEIGHT * 4 // 5)
"""The rows between the frame's number and what is written below."""

type Image = npt.NDArray[np.float64]
"""Height × width × red, green and blue, of 0 to 255."""


@dataclass(frozen=True, slots=True)
class Eye:
    """Looks at one camera's picture in a page."""

    page: Page
    entity_id: str

    async def look(self) -> Image | None:
        """Return what is shown now, None without a picture."""
        arguments = [self.entity_id, _WIDTH, _HEIGHT]
        found = await self.page.evaluate("(arguments) => playback.pixels(...arguments)", arguments)
        return None if found is None else np.array(found, float).reshape(_HEIGHT, _WIDTH, 4)[..., :3]

    async def until(self, met: Callable[[Image], bool], *, since: float, limit: float) -> float | None:
        """Return the seconds from a moment until the picture is as wanted, None after `limit` of them."""
        while (passed := time.time() - since) < limit:
            image = await self.look()
            if image is not None and met(image):
                return passed
            await asyncio.sleep(_POLL)
        return None


def colourful(image: Image) -> float:
    """Return how far the colours are from grey."""
    return float((image[_BODY].max(2) - image[_BODY].min(2)).mean())


def bright(image: Image) -> float:
    """Return how bright it is."""
    return float(image[_BODY].mean())


def framed(image: Image) -> bool:
    """Return whether there is a red frame round it."""
    left = image[_BODY, :1].mean((0, 1))
    return bool(left[0] > 150 and max(left[1:]) < 90)


def moved(before: Image, after: Image) -> float:
    """Return how far the scene went to the right, as a share of the width from -0.5 to 0.5.

    What leaves it on one side comes back on the other, so the best fit tells.
    """
    far = _WIDTH // 2
    misfits = {
        step: float(abs(np.roll(before, step, axis=1)[_BODY] - after[_BODY]).mean())
        for step in range(-far, far)
    }
    return min(misfits, key=misfits.__getitem__) / _WIDTH
