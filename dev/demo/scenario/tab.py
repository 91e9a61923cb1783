"""A browser's tab that watches one camera and is never touched again."""

import asyncio
import time

from playwright.async_api import Page

from dev.home.browser import Browser, open_dialog

from ..cameras import SimulatedCamera, SimulatorProcess
from ..picture import Picture

FIRST_FRAMES = 30

_SAMPLES = 12
_ARRIVED_S = 10.0
"""Seconds within which a frame that was not lost is here, however busy the machine."""


class Tab:
    """One page with the open dialog of one camera."""

    def __init__(self, page: Page, camera: SimulatedCamera, simulator: SimulatorProcess) -> None:
        """Take a page; use `open`."""
        self.page = page
        self.picture = Picture(page)
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

    async def missing(self, before: int | None = None) -> int:
        """Return how many of the frames that the camera ever sent did not get here.

        Looks for a moment in which none is under way; what was sent before the tab was open counts too, so
        that two numbers are to be compared: looks on for a while for one in which it is no more than before.
        """
        fewest = await self._missing()
        for _ in range(_SAMPLES):
            fewest = min(fewest, await self._missing())
        end = time.monotonic() + _ARRIVED_S
        while before is not None and fewest > before and time.monotonic() < end:
            fewest = min(fewest, await self._missing())
        return fewest

    async def _missing(self) -> int:
        await asyncio.sleep(0.03)
        received = int(await self.page.evaluate("playback.received()") or 0)
        return await self._simulator.frames_sent(self.camera.name) - received
