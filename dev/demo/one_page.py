"""Plays a story in one page of a headless browser."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Error as BrowserProblem, Page

from dev.home.browser import Browser

from .scenario.report import Report
from .stage import DemoError, Stage


async def in_one_page(
    town: Stage,
    story: Callable[[Page], Awaitable[None]],
    report: Report,
    output: Path,
    *,
    width: int,
    height: int,
) -> None:
    """Play a story in a page of a headless browser; one that stops is a failure, with a picture of it."""
    async with Browser(width=width, height=height) as browser:
        page = await browser.sign_in(town.url)
        try:
            await story(page)
        except (BrowserProblem, DemoError, TimeoutError) as err:
            await page.screenshot(path=output / "failure.png")
            report.failures.append(f"the scenario stopped: {err!r}".replace("\n", " "))
        report.page_problems = browser.problems
