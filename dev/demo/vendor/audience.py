"""Who watches: a headless browser with the dashboard in a tab that stays, or a person."""

import asyncio
import time
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Error as BrowserProblem, Page

from dev.home.browser import Browser

from ..picture import Picture
from ..stage import say
from .town import WATCHED, VendorTown

FIRST_FRAMES = 30
ARRIVAL_MS = 45_000
REPAIR_MS = 10_000
LOOK_S = 4.0
"""Seconds that a person gets to look."""


class Audience(Protocol):
    """What a play wants to know of whoever watches."""

    async def gaps(self, since: float, until: float) -> dict[str, float]:
        """Return for how many seconds each picture stood still at the most; empty if nobody counts."""
        ...

    async def back_after(self, moment: float, *, limit: float) -> float | None:
        """Return the seconds from a moment until all pictures moved again, None after `limit`."""
        ...

    async def peers(self) -> list[dict[str, Any]]:
        """Return the WebRTC connections of the page."""
        ...

    async def picture(self, name: str) -> None:
        """Keep what is seen now."""
        ...

    async def repair(self, name: str) -> None:
        """Open the first repair that is asked for, and keep what is seen."""
        ...


class Wall:
    """A browser's tab with the dashboard, which nobody touches, and a second page for repairs."""

    def __init__(self, browser: Browser, page: Page, town: VendorTown, output: Path) -> None:
        """Take a page; use `open`."""
        self._browser = browser
        self._page = page
        self._town = town
        self._output = output
        self._pictures = {name: Picture(page, f"camera.{name}") for name in WATCHED}
        self._other: Page | None = None
        self.screenshots: list[str] = []

    @classmethod
    async def open(cls, browser: Browser, town: VendorTown, output: Path) -> Wall:
        """Open the dashboard and wait until all of it moves; raises TimeoutError."""
        page = await browser.sign_in(town.url)
        await page.evaluate("playback.arm({page: true})")
        wall = cls(browser, page, town, output)
        moving = "([entity, frames]) => playback.frames(0, entity).length >= frames"
        for name in WATCHED:
            try:
                await page.wait_for_function(moving, arg=[f"camera.{name}", FIRST_FRAMES], timeout=ARRIVAL_MS)
            except BrowserProblem as err:
                await wall.picture("not-moving")
                raise TimeoutError(f"the picture of {name} does not move") from err
        return wall

    async def gaps(self, since: float, until: float) -> dict[str, float]:
        """Ask the page."""
        return {name: await one.longest_gap(since, until) for name, one in self._pictures.items()}

    async def back_after(self, moment: float, *, limit: float) -> float | None:
        """Ask the page; nobody touches it meanwhile."""
        found = [await one.back_after(moment, limit=limit) for one in self._pictures.values()]
        return None if None in found else max(back for back in found if back is not None)

    async def peers(self) -> list[dict[str, Any]]:
        """Ask the page."""
        return list(await self._page.evaluate("playback.peers()"))

    async def picture(self, name: str) -> None:
        """Take a screenshot of the tab."""
        await self._keep(self._page, name)

    async def repair(self, name: str) -> None:
        """Open Home Assistant's page of repairs in another tab, and the first of them."""
        if self._other is None:
            self._other = await self._browser.sign_in(f"{self._town.home.url}/config/repairs")
        page = self._other
        await page.goto(f"{self._town.home.url}/config/repairs")
        try:
            listed = page.locator("ha-config-repairs").get_by_text("by Wyze Local").first
            await listed.click(timeout=REPAIR_MS)
            await page.locator("step-flow-menu, step-flow-form").first.wait_for(timeout=REPAIR_MS)
            # The dialog moves into its place; there is no sign of when it has.
            await page.wait_for_timeout(700)
        except BrowserProblem:
            say("  the repair could not be opened")
        await self._keep(page, name)

    async def _keep(self, page: Page, name: str) -> None:
        path = self._output / f"{name}.png"
        await page.screenshot(path=path)
        self.screenshots.append(str(path))


class Person:
    """Somebody whose eyes cannot be asked: Home Assistant's word on the cameras stands in."""

    def __init__(self, town: VendorTown) -> None:
        """Watch with somebody."""
        self._town = town

    async def arrival(self) -> None:
        """Wait until somebody has opened the dashboard."""
        await self._all_live(float("inf"))

    async def gaps(self, since: float, until: float) -> dict[str, float]:
        """Nobody counts."""
        return {}

    async def back_after(self, moment: float, *, limit: float) -> float | None:
        """Ask the connection sensors."""
        try:
            async with asyncio.timeout(moment + limit - time.time()):
                await self._all_live(limit)
        except TimeoutError:
            return None
        return time.time() - moment

    async def peers(self) -> list[dict[str, Any]]:
        """Nobody can be asked."""
        return []

    async def picture(self, name: str) -> None:
        """Let the person look."""
        await asyncio.sleep(LOOK_S)

    async def repair(self, name: str) -> None:
        """Tell the person where it is, and let them look."""
        say("  (Settings → Repairs shows it.)")
        await asyncio.sleep(3 * LOOK_S)

    async def _all_live(self, limit: float) -> None:
        for name in WATCHED:
            sensor = f"sensor.{name}_connection"
            await self._town.home.client.wait_for_state(sensor, "live", limit=limit)
