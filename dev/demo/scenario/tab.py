"""A browser's tab that watches one camera and is never touched again."""

import asyncio
import time

from playwright.async_api import Page

from dev.home.browser import Browser, open_dialog

from ..cameras import SimulatedCamera, SimulatorProcess
from ..judge import Sighting
from .comeback import back_at

FIRST_FRAMES = 30
BEFORE = 1.0
"""Seconds before a moment from which on frames are looked at."""

_POLL = 0.1
_SAMPLES = 12


class Tab:
    """One page with the open dialog of one camera."""

    def __init__(self, page: Page, camera: SimulatedCamera, simulator: SimulatorProcess) -> None:
        """Take a page; use `open`."""
        self.page = page
        self.camera = camera
        self._simulator = simulator

    @classmethod
    async def open(
        cls, browser: Browser, url: str, camera: SimulatedCamera, simulator: SimulatorProcess
    ) -> Tab:
        """Log in and open the camera's dialog; raises the browser's Error when no picture moves."""
        tab = cls(await browser.sign_in(url), camera, simulator)
        await tab.click()
        await tab.page.wait_for_function(f"playback.visibleFrames() >= {FIRST_FRAMES}", timeout=30_000)
        return tab

    async def click(self) -> None:
        """Open the camera's dialog."""
        index = [camera.name for camera in self._simulator.cameras].index(self.camera.name)
        await open_dialog(self.page, index)

    async def sightings(self, since: float) -> list[Sighting]:
        """Return the frames that a person saw since a Unix time."""
        frames = await self.page.evaluate("since => playback.frames(since)", since * 1000)
        return [Sighting(frame["number"], frame["at"] / 1000) for frame in frames]

    async def back_after(self, moment: float, *, limit: float) -> float | None:
        """Return the seconds from a moment until the picture moved again, None after `limit` of them."""
        while time.time() - moment < limit + 2.0:
            shown = await self.sightings(moment - BEFORE)
            if (back := back_at(shown, moment, time.time())) is not None:
                return max(0.0, back - moment)
            await asyncio.sleep(_POLL)
        return None

    async def missing(self) -> int:
        """Return how many of the frames that the camera ever sent did not get here.

        Looks for a moment in which none is under way; what was sent before the tab was open counts too, so
        that two numbers are to be compared.
        """
        fewest: int | None = None
        for _ in range(_SAMPLES):
            received = int(await self.page.evaluate("playback.received()") or 0)
            missing = await self._simulator.frames_sent(self.camera.name) - received
            fewest = missing if fewest is None else min(fewest, missing)
            await asyncio.sleep(0.03)
        assert fewest is not None
        return fewest
