"""Plays one play or all of them, before a browser or before a person."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error as BrowserProblem

from dev.home import ApiError
from dev.home.browser import Browser

from ..report import empty, keep_logs, tell
from ..scenario.report import Report
from ..stage import DemoError, invite, say
from .audience import Audience, Person, Wall
from .cloud_slow import cloud_slow
from .eyes import Eyes
from .outage import outage
from .story import Story
from .strangers import Strangers
from .token_storm import token_storm
from .town import HOUR, VendorTown
from .web_cache import web_cache
from .wrong_account import wrong_account


@dataclass(frozen=True, slots=True)
class Play:
    """One of the plays."""

    told: str
    """What it is about."""
    acts: Callable[[Story], Awaitable[None]]


PLAYS: dict[str, Play] = {
    "outage": Play("16 February 2024: the cloud dies, and comes back with mixed-up ids", outage),
    "token-storm": Play("December 2019: everybody is logged out, all cameras restart", token_storm),
    "web-cache": Play("September 2023: a cache hands out other people's answers", web_cache),
    "cloud-slow": Play("the cloud is late, drips and hangs", cloud_slow),
    "wrong-account": Play("the vendor takes us for our neighbour", wrong_account),
}
"""Name → what happens."""

INVITATION = """
Home Assistant shows five simulated cameras of an account that is signed in:

  address    {url}
  name       {name}
  password   {password}

Open it and look: the story begins as soon as the pictures move. An hour of it takes {hour:g} seconds.
"""
SETTLED_S = 40.0
"""Seconds that all may take to be well before a play begins."""


async def play(title: str, names: Sequence[str], output: Path | None, port: int | None) -> int:
    """Play; returns the exit status.

    With a folder for screenshots it is watched by a headless browser and ends with a line of JSON; without
    one a person is asked to watch.
    """
    report = Report(title)
    if output is not None:
        await asyncio.to_thread(empty, output)
    async with VendorTown(port) as town:
        if output is None:
            await _for_a_person(town, names, report)
            return 0
        async with Browser(width=1500, height=1150) as browser:
            say("… opening the dashboard in a tab that stays")
            wall = await Wall.open(browser, town, output)
            report.screenshots = wall.screenshots
            await _all(town, names, report, wall)
            report.page_problems = browser.problems
        problems = await asyncio.to_thread(keep_logs, town, output)
        # That the cloud is not as it should be is to be told; how often is one of the figures.
        report.failures += [problem for problem in problems if " WARNING " not in problem]
    return tell(report)


async def _for_a_person(town: VendorTown, names: Sequence[str], report: Report) -> None:
    invite(INVITATION, town, hour=HOUR)
    person = Person(town)
    await person.arrival()
    await _all(town, names, report, person)
    say("\nThat was all. Ctrl-C ends everything.")
    await town.home.wait()


async def _all(town: VendorTown, names: Sequence[str], report: Report, audience: Audience) -> None:
    """Play one after the other; one that cannot go on does not keep the others from being tried."""
    strangers = await Strangers.of(town)
    for name in names:
        say(f"\n── {name}")
        eyes = Eyes()
        story = Story(name, town, eyes, strangers, audience, report)
        try:
            await story.look()
            await story.open(settled=SETTLED_S)
            await PLAYS[name].acts(story)
            await story.end()
        except (ApiError, BrowserProblem, DemoError, TimeoutError) as err:
            report.failures.append(f"{name} stopped: {err!r}".replace("\n", " "))
        finally:
            await story.close()
            await story.vendor("resume")
