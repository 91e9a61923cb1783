"""Clicks through the dashboard, and looks what comes of it: in the picture, at the camera, at its speaker.

Standard output ends with one line of JSON in the shape of `scenario/report.py`. Of each deed `obeyed_s`
counts from the click until the camera has done it, `seen_s` until the browser's picture shows it (which
includes the simulated camera's work on other pictures), `still_s` is how long that picture stood still at
the most meanwhile; `heard_s` counts from the click until the first sound is at the camera, `spoken_s` is how
much of it came. The whole story takes place on a machine that is cut off from every network.
"""

import asyncio
import time
from functools import partial
from pathlib import Path

from playwright.async_api import Page

from ..one_page import in_one_page
from ..picture import Picture
from ..report import empty, keep_logs, tell
from ..scenario.report import FACTOR, Report
from ..stage import invite, say
from .alone import cut_off, ways_out
from .deeds import BRIGHT, DEEDS, TURNING, Deed
from .eyes import Eye
from .town import SPOKEN_S, ControlsTown

OBEYED_S, SEEN_S, STILL_S, HEARD_S = 2.0, 5.0, 1.5, 3.0
SLACK_S = 0.1
"""Seconds of a sound that its coding may cost."""
SOUND_RATE = 8000
"""Bytes of a second of the camera's sound."""
MOVING_MS = 45_000
_PATIENCE_S = 10.0
_POLL = 0.05
_PICTURES = {"spotlight_on", "night_vision_on"}
"""The deeds after which a screenshot is kept."""

INVITATION = """
Home Assistant shows two simulated cameras that nobody's cloud knows:

  address    {url}
  name       {name}
  password   {password}

Click: the camera turns, its lamps light, its siren sounds (a red frame), and it says hello.
How it is, with what its speaker got: {control}/cameras
"""


async def controls(output: Path | None, port: int | None) -> int:
    """Play; returns the exit status.

    With a folder for screenshots it is played by a headless browser, cut off from all networks, and ends
    with a line of JSON; without one a person is asked to click, whose own browser must get here.
    """
    report = Report("controls")
    if output is not None:
        try:
            cut_off()
        except PermissionError:
            report.failures.append("this process may not have a network of its own: try as root")
        await asyncio.to_thread(empty, output)
    async with ControlsTown(port) as town:
        if output is None:
            invite(INVITATION, town)
            await town.home.wait()
            return 0
        story = partial(_story, town, output, report)
        await in_one_page(town, story, report, output, width=1280, height=720)
        report.failures += await asyncio.to_thread(keep_logs, town, output)
    return tell(report)


async def _story(town: ControlsTown, output: Path, report: Report, page: Page) -> None:
    """Do all deeds, one after the other, and talk."""
    found = await asyncio.to_thread(ways_out)
    report.add("network", {"ways_out": len(found), "found": found}, {"ways_out": 0})
    await page.evaluate("playback.arm({page: true})")
    moving = "(entity) => playback.frames(0, entity).length >= 15"
    for name in (TURNING, BRIGHT):
        await page.wait_for_function(moving, arg=f"camera.{name}", timeout=MOVING_MS)
    await report.picture(page, output / "controls.png")
    for deed in DEEDS:
        await _do(town, page, deed, report)
        if deed.name in _PICTURES:
            await report.picture(page, output / f"{deed.name}.png")
    await _speak(town, page, report)


async def _do(town: ControlsTown, page: Page, deed: Deed, report: Report) -> None:
    """Click, and wait until the picture shows it; then ask the camera itself."""
    entity_id = f"camera.{deed.camera}"
    eye = Eye(page, entity_id)
    before = await eye.look()
    if before is None:
        report.failures.append(f"{deed.name}: no picture before it")
        return
    since = time.time()
    await _card(page, deed.card)
    obeyed, seen = await asyncio.gather(
        _obeyed(town, deed, since),
        eye.until(lambda now: deed.shows(before, now), since=since, limit=_PATIENCE_S * FACTOR),
    )
    still = await Picture(page, entity_id).longest_gap(since)
    figures = {"obeyed_s": obeyed, "seen_s": seen, "still_s": still}
    report.add(deed.name, figures, {"obeyed_s": OBEYED_S, "seen_s": SEEN_S, "still_s": STILL_S})
    say(f"  {deed.name}: {report.acts[deed.name]}")


async def _obeyed(town: ControlsTown, deed: Deed, since: float) -> float | None:
    """Return the seconds from a moment until the camera itself says that it is done, None if it never is."""
    while (passed := time.time() - since) < _PATIENCE_S * FACTOR:
        if (await town.simulator.camera(deed.camera))["settings"][deed.setting] == deed.value:
            return passed
        await asyncio.sleep(_POLL)
    return None


async def _speak(town: ControlsTown, page: Page, report: Report) -> None:
    """Let the camera say something, and count what arrives there."""
    since = time.time()
    heard: float | None = None
    await _card(page, "Say hello")
    spoken = 0
    while time.time() - since < _PATIENCE_S * FACTOR and spoken < (SPOKEN_S - SLACK_S) * SOUND_RATE:
        spoken = (await town.simulator.camera(TURNING))["counters"]["talk_bytes"]
        if spoken and heard is None:
            heard = time.time() - since
        await asyncio.sleep(_POLL)
    figures = {"heard_s": heard, "spoken_s": spoken / SOUND_RATE}
    report.add("talk", figures | {"missing_s": max(0.0, SPOKEN_S - spoken / SOUND_RATE)},
               {"heard_s": HEARD_S, "missing_s": SLACK_S})  # fmt: skip
    say(f"  talk: {figures}")


async def _card(page: Page, name: str) -> None:
    """Click a card of the dashboard."""
    await page.locator("hui-button-card").filter(has_text=name).first.click()
