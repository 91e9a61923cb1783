"""Somebody walks through two pictures at the second in which the cloud dies.

Standard output ends with one line of JSON in the shape of `scenario/report.py`. `motion_s` and `event_s`
count from the camera's first frame with somebody until Home Assistant's sensor and event, `automation_s`,
`phone_s` and `playable_s` from the event until the automation runs, the phone has its notification and the
clip can be played while it grows; `finished_s` from the last frame with somebody until the clip is whole,
`phone_gets_clip_s` and `listed_s` from then until the phone has the clip and the media browser lists it.
`clip_before_s` is what the clip shows from before the walk.
"""

import asyncio
import time
from functools import partial
from pathlib import Path

from playwright.async_api import Page

from ..one_page import in_one_page
from ..report import empty, keep_logs, tell
from ..scenario.report import Figures, Report
from ..stage import invite, say
from .browse import Shelves
from .desk import Desk
from .town import FULL, KEY, EventsTown
from .walk import Walk
from .witness import Witness

WALK_S = 4.0
CALM_S = 15.0
"""Seconds that the detector gets to learn what stands still: by key frames it takes up to twelve."""
GOP_S = 2.0
TIDIED_S = 10.0
"""Seconds for all clicks that delete one clip and keep another, with a look at what is left."""
LIMITS = {
    "automation_s": 0.5,
    "phone_s": 2.0,
    "playable_s": 1.0,
    "listed_s": 1.0,
    "phone_gets_clip_s": 2.0,
    "clip_unreadable": 0,
    "pre_roll_missing_s": 0.0,
    "length_off_s": 0.5,
    "finished_s": 25.0,
}
NOTICED = {FULL: 1.5, KEY: GOP_S + 1.0}
"""Seconds from the first frame with somebody until the event, looked at in full and by key frames."""
TRUTH = {"origin": "local", "event_type": "motion", "picture": True, "best_picture": True}

INVITATION = """
Home Assistant shows two simulated cameras of an account, and the vendor's cloud is dead:

  address    {url}
  name       {name}
  password   {password}

Twice a minute somebody walks through both pictures; the clips are in the media browser.
Send somebody yourself: curl -X POST {control}/cameras/yard/motion
"""
EVERY_S = 30.0


async def events(output: Path | None, port: int | None) -> int:
    """Play; returns the exit status.

    With a folder for screenshots it is watched by a headless browser and ends with a line of JSON; without
    one a person is asked to watch.
    """
    report = Report("events")
    if output is not None:
        await asyncio.to_thread(empty, output)
    async with EventsTown(port) as town:
        if output is None:
            await _for_a_person(town)
            return 0
        story = partial(_story, town, output, report)
        await in_one_page(town, story, report, output, width=1400, height=1100)
        problems = await asyncio.to_thread(keep_logs, town, output)
        # That the cloud is away is to be told.
        report.failures += [problem for problem in problems if "The line to the vendor" not in problem]
    return tell(report)


async def _for_a_person(town: EventsTown) -> None:
    invite(INVITATION, town)
    await town.simulator.tell_cloud("refuse")
    ended = asyncio.create_task(town.home.wait())
    while not ended.done():
        for name in (FULL, KEY):
            await town.simulator.trouble(name, "motion", seconds=WALK_S * 2)
        await asyncio.wait({ended}, timeout=EVERY_S)


async def _story(town: EventsTown, output: Path, report: Report, page: Page) -> None:
    """Let the cloud die and somebody walk by, and look at what comes of it, at last in the browser."""
    witness = Witness()
    async with witness.listen(town.home.client):
        await town.record(FULL)
        await asyncio.sleep(CALM_S)
        say("… the cloud dies, and somebody walks through both pictures")
        since = time.time()
        await town.simulator.tell_cloud("refuse")
        walks = {name: Walk(town, witness, name, since) for name in (FULL, KEY)}
        for name in walks:
            await town.simulator.trouble(name, "motion", seconds=WALK_S)
        following = asyncio.gather(*(walk.follow() for walk in walks.values()))
        await witness.state(f"binary_sensor.{FULL}_motion", "on", since=since, limit=LIMITS["finished_s"])
        await page.wait_for_timeout(1500)
        await report.picture(page, output / "motion.png")
        await following
    for name, walk in walks.items():
        _judge(report, name, walk.figures)
    await _in_the_browser(town, page, output, report, walks[FULL])
    await _tidied_up(town, page, output, report)


def _judge(report: Report, name: str, figures: Figures) -> None:
    """Hold a walk's figures against the limits, and what must be so against what is."""
    report.add(name, figures, LIMITS | {"motion_s": NOTICED[name], "event_s": NOTICED[name]})
    report.failures += [
        f"{name}: {what} is {figures.get(what)}, not {wanted}"
        for what, wanted in TRUTH.items()
        if figures.get(what) != wanted
    ]
    if name == FULL and figures.get("clip_sound") != "aac":
        report.failures.append(f"{name}: the clip has no sound")
    say(f"  {name}: {figures}")


async def _in_the_browser(town: EventsTown, page: Page, output: Path, report: Report, walk: Walk) -> None:
    """Find the clip as a person does, and play it."""
    shelves = Shelves(page, town.home.url)
    await shelves.open()
    await shelves.titles()
    await report.picture(page, output / "cameras.png")
    await shelves.go(FULL.capitalize())
    await shelves.titles()
    await report.picture(page, output / "days.png")
    await shelves.first()
    clips = len(await shelves.titles())
    await report.picture(page, output / "clips.png")
    figures = {"clips": clips, **await shelves.play(walk.figures["clip_before_s"] + WALK_S / 2)}
    await report.picture(page, output / "clip-plays.png")
    await shelves.close()
    figures["duration_off_s"] = abs(figures["duration_s"] - walk.figures.get("clip_seconds", 0.0))
    report.add("browser", figures, {"clips": 2, "duration_off_s": 0.5, "seek_s": 2.0})
    for what in ("played", "played_after_seek"):
        if not figures[what]:
            report.failures.append(f"browser: not {what}")
    if figures["error"]:
        report.failures.append(f"browser: {figures['error']}")
    say(f"  browser: {figures}")


async def _tidied_up(town: EventsTown, page: Page, output: Path, report: Report) -> None:
    """Delete the recording, keep the clip for ever, and see in the media browser that it is so."""
    began = time.monotonic()
    # Nobody is there who would like to see dialogs glide in.
    await page.emulate_media(reduced_motion="reduce")
    desk = Desk(page, town.home.url)
    await desk.open(FULL.capitalize())
    await desk.choose("Recorded on request")
    await report.picture(page, output / "clips-choose.png")
    await desk.delete()
    await report.picture(page, output / "clips-delete.png")
    await desk.confirm()
    await desk.further()
    await desk.choose("Motion")
    await desk.pin()
    await report.picture(page, output / "clips-done.png")
    await desk.leave()
    shelves = Shelves(page, town.home.url)
    await shelves.go(FULL.capitalize())
    await shelves.first()
    left = await shelves.titles()
    await report.picture(page, output / "clips-left.png")
    report.add("tidied_up", {"took_s": time.monotonic() - began, "left": left}, {"took_s": TIDIED_S})
    if len(left) != 1 or "Motion" not in left[0] or "pinned" not in left[0]:
        report.failures.append(f"tidied_up: left are {left}")
    say(f"  tidied up: {report.acts['tidied_up']}")
