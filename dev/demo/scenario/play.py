"""Plays the scenarios: builds the stage, gives troubles one after the other, and looks what comes of them."""

import asyncio
from pathlib import Path

from playwright.async_api import Error as BrowserProblem

from dev.home.browser import Browser

from ..report import empty, keep_logs, tell
from ..stage import Demo, invite, say
from .acts import play_all
from .audience import Person, Tabs
from .faults import CAMERAS
from .house import House
from .report import Report

INVITATION = """
Home Assistant shows two simulated cameras:

  address    {url}
  name       {name}
  password   {password}

Open the picture of {camera} and leave it open: the story begins as soon as it moves.
"""


async def camera_faults(output: Path | None, port: int | None) -> int:
    """Play what can befall cameras and processes; returns the exit status.

    With a folder for screenshots it is watched by a headless browser and ends with a line of JSON; without
    one a person is asked to watch.
    """
    report = Report("camera-faults")
    if output is not None:
        await asyncio.to_thread(empty, output)
    async with Demo(port, CAMERAS) as demo, House(demo) as house:
        if output is None:
            await _for_a_person(house, report)
            return 0
        try:
            await _for_a_browser(house, report, output)
        except (BrowserProblem, TimeoutError) as err:
            report.failures.append(f"the scenario stopped: {err!r}".replace("\n", " "))
        report.failures += await asyncio.to_thread(keep_logs, demo, output)
    return tell(report)


async def _for_a_browser(house: House, report: Report, output: Path) -> None:
    async with Browser() as browser:
        say("… opening both cameras, a tab for each, and the dashboard in a third")
        tabs = await Tabs.open(browser, house, output)
        report.screenshots = tabs.screenshots
        await play_all(house, tabs, report)
        report.page_problems = browser.problems


async def _for_a_person(house: House, report: Report) -> None:
    invite(INVITATION, house.demo, camera=house.faulty.title)
    person = Person(house)
    await person.arrival()
    await play_all(house, person, report)
    say("\nThat was all. Ctrl-C ends everything.")
    await house.demo.home.wait()
