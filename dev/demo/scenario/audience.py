"""Who watches a scenario: a headless browser with tabs that stay open, or a person."""

from pathlib import Path
from typing import Protocol, Self

from playwright.async_api import Page

from dev.home.browser import Browser, close_dialog

from .house import House, connection
from .tab import Tab


class Audience(Protocol):
    """What the acts want to know of whoever watches."""

    async def back_after(self, moment: float, *, limit: float) -> float | None:
        """Return the seconds from a moment until the faulty picture moved again, None after `limit`."""
        ...

    async def missing(self, before: int | None = None) -> int | None:
        """Return how many frames of the calm camera never came, from whatever begin; None if unknown.

        Given what that was before, frames that are still under way are waited for.
        """
        ...

    async def picture(self, name: str) -> None:
        """Keep what is seen now."""
        ...

    async def open_anew(self) -> None:
        """Close the faulty camera's picture and open it again, whether or not it moves."""
        ...


class Tabs:
    """A browser: one tab with the faulty camera, one with the calm one, and one with the dashboard."""

    def __init__(self, faulty: Tab, calm: Tab, dashboard: Page, output: Path) -> None:
        """Take tabs; use `open`."""
        self._faulty = faulty
        self._calm = calm
        self._dashboard = dashboard
        self._output = output
        self.screenshots: list[str] = []

    @classmethod
    async def open(cls, browser: Browser, house: House, output: Path) -> Self:
        """Open all; raises the browser's Error when a picture does not move."""
        url, simulator = house.demo.url, house.simulator
        faulty = await Tab.open(browser, url, house.faulty, simulator)
        calm = await Tab.open(browser, url, house.calm, simulator)
        return cls(faulty, calm, await browser.sign_in(url), output)

    async def back_after(self, moment: float, *, limit: float) -> float | None:
        """Ask the tab, which nobody touches."""
        return await self._faulty.picture.back_after(moment, limit=limit)

    async def missing(self, before: int | None = None) -> int:
        """Ask the calm camera's tab."""
        return await self._calm.missing(before)

    async def picture(self, name: str) -> None:
        """Take screenshots of the faulty camera's tab and of the dashboard."""
        for page, what in ((self._faulty.page, "tab"), (self._dashboard, "dashboard")):
            path = self._output / f"{name}-{what}.png"
            await page.screenshot(path=path)
            self.screenshots.append(str(path))

    async def open_anew(self) -> None:
        """Close the dialog and click the card again."""
        await close_dialog(self._faulty.page)
        await self._faulty.click()


class Person:
    """Somebody whose eyes cannot be asked: Home Assistant's word on the camera stands in."""

    def __init__(self, house: House) -> None:
        """Watch with somebody."""
        self._house = house
        self._sensor = connection(house.faulty)

    async def arrival(self) -> None:
        """Wait until somebody watches."""
        await self._house.states.wait(self._sensor, "live".__eq__, since=0.0, limit=float("inf"))

    async def back_after(self, moment: float, *, limit: float) -> float | None:
        """Ask the connection sensor."""
        found = await self._house.states.wait(self._sensor, "live".__eq__, since=moment, limit=limit)
        return found[0] - moment if found else None

    async def missing(self, before: int | None = None) -> None:
        """Nobody counts."""

    async def picture(self, name: str) -> None:
        """Nobody takes any."""

    async def open_anew(self) -> None:
        """Nobody is asked to."""
