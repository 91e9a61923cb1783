"""Opens cameras in a browser as a person would, and judges what is seen."""

import asyncio
from pathlib import Path

from playwright.async_api import Error as BrowserProblem, Page

from dev.home import HomeAssistantRig
from dev.home.browser import close_dialog, open_dialog, playback

from .cameras import SimulatedCamera, SimulatorProcess
from .decode import DecodeError, decode_stream
from .judge import Verdict, judge, visible_sightings
from .report import Report
from .stage import say

# Frames that have to be seen of each camera, and how long that may take at the most, in seconds.
WANTED_FRAMES = 60
PLAY_SECONDS = 45.0
# How long the cards may wait for their pictures, in milliseconds.
STILL_MS = 30_000
# How long sound may take after the picture, in milliseconds.
SOUND_MS = 15_000


async def view_all(
    home: HomeAssistantRig,
    simulator: SimulatorProcess,
    page: Page,
    output: Path,
    report: Report,
    *,
    part: str = "",
) -> None:
    """Open the dashboard's cameras one after the other; `part` is put before names in the report."""
    await _wait_for_stills(page, len(simulator.cameras), report)
    await report.picture(page, output / f"{part}dashboard.png")
    for index, camera in enumerate(simulator.cameras):
        say(f"… opening {camera.title}")
        await open_dialog(page, index)
        verdict = await _watch(home, simulator, page, camera)
        await report.picture(page, output / f"{part}{camera.name}.png")
        report.add(f"{part}{camera.name}", camera, verdict)
        say(f"  {verdict}")
        await close_dialog(page)


async def _wait_for_stills(page: Page, count: int, report: Report) -> None:
    """Wait until every card shows a picture."""
    try:
        await page.wait_for_function("count => playback.pictures() >= count", arg=count, timeout=STILL_MS)
    except BrowserProblem:
        shown = await page.evaluate("playback.pictures()")
        report.failures.append(f"the dashboard: {shown} of {count} cards show a picture")


async def _watch(
    home: HomeAssistantRig, simulator: SimulatorProcess, page: Page, camera: SimulatedCamera
) -> Verdict:
    """Judge what a camera's open dialog shows."""
    if camera.video == "h265":
        # This browser has no decoder for it: the dialog shows the still, and we decode the stream.
        return await _decode(home, simulator, camera)
    try:
        wanted = f"playback.visibleFrames() >= {WANTED_FRAMES}"
        await page.wait_for_function(wanted, timeout=PLAY_SECONDS * 1000)
    except BrowserProblem:
        say(f"  {camera.title} did not show {WANTED_FRAMES} frames in {PLAY_SECONDS:.0f} s")
    player, first_ms, sightings = visible_sightings(await playback(page))
    sent = await simulator.sent(camera.name)
    verdict = judge(player, first_ms, sightings, sent, WANTED_FRAMES // 2)
    await _listen(page, verdict)
    return verdict


async def _listen(page: Page, verdict: Verdict) -> None:
    """Note how sound comes with the picture: each camera of the demo that plays by WebRTC sends some."""
    try:
        heard = await page.wait_for_function("playback.sound()", timeout=SOUND_MS)
        verdict.sound = str(await heard.json_value())
    except BrowserProblem:
        verdict.problems.append("no sound comes with the picture")


async def _decode(home: HomeAssistantRig, simulator: SimulatorProcess, camera: SimulatedCamera) -> Verdict:
    """Decode the stream that other programs get, outside the browser."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    stream = await home.client.command("camera/stream", entity_id=camera.entity_id, limit=PLAY_SECONDS)
    asked_ms = (loop.time() - began) * 1000
    url = f"{home.url}{stream['url']}"
    try:
        first_ms, sightings = await asyncio.to_thread(decode_stream, url, WANTED_FRAMES, PLAY_SECONDS)
    except DecodeError as err:
        return Verdict("decoded", problems=[str(err)])
    sent = await simulator.sent(camera.name)
    return judge("decoded", asked_ms + first_ms, sightings, sent, WANTED_FRAMES // 2)
