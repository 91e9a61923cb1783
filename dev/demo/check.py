"""The unattended demo: opens every camera as a person would and judges what is seen.

Standard output ends with one line of JSON::

    {"ok": true, "cameras": {"porch": {"video": "h264", "player": "ha-web-rtc-player", "frames": 60,
     "sound": "audio/PCMU", …}},
     "first_frame_ms": {"porch": 640, …}, "latency_ms": {"porch": 75, …},
     "screenshots": [paths], "home_assistant_start_s": 5.1, "failures": [sentences]}

`first_frame_ms` counts from the click on the card to the first moving frame on the screen (for H.265:
from the request of the stream to the first decoded frame), `latency_ms` from the moment when the
simulator sent a frame to the moment when it was shown.
"""

import asyncio
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Error as BrowserProblem, Page

from dev.home.browser import Browser, close_dialog, open_dialog, playback

from .cameras import SimulatedCamera
from .decode import DecodeError, decode_stream
from .judge import Verdict, judge, visible_sightings
from .stage import Demo, say

# Frames that have to be seen of each camera, and how long that may take at the most, in seconds.
WANTED_FRAMES = 60
PLAY_SECONDS = 45.0
# How long the cards may wait for their pictures, in milliseconds.
STILL_MS = 15_000
# How long sound may take after the picture, in milliseconds.
SOUND_MS = 5_000


@dataclass
class Report:
    """What the check found, in the shape of its JSON."""

    cameras: dict[str, dict[str, Any]] = field(default_factory=dict)
    screenshots: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    home_assistant_start_s: float = 0.0

    def add(self, camera: SimulatedCamera, verdict: Verdict) -> None:
        """Take a camera's verdict."""
        self.cameras[camera.name] = {"video": camera.video, **verdict.as_dict()}
        self.failures += [f"{camera.name}: {problem}" for problem in verdict.problems]

    def line(self) -> str:
        """Return the line of JSON."""
        figures = {
            name: {camera: found[name] for camera, found in self.cameras.items()}
            for name in ("first_frame_ms", "latency_ms")
        }
        return json.dumps({"ok": not self.failures, **vars(self), **figures}, ensure_ascii=False)


async def check(output: Path, port: int | None) -> int:
    """Run the check, print its line of JSON, and return the exit status."""
    report = Report()
    await asyncio.to_thread(empty, output)
    async with Demo(port) as demo:
        report.home_assistant_start_s = round(demo.home.start_seconds, 1)
        try:
            await _check(demo, output, report)
        except (BrowserProblem, TimeoutError) as err:
            report.failures.append(f"the browser: {err}".replace("\n", " "))
        report.failures += await asyncio.to_thread(keep_logs, demo, output)
    return tell(report)


class Told(Protocol):
    """What an unattended run found."""

    failures: list[str]

    def line(self) -> str:
        """Return the line of JSON."""
        ...


def tell(report: Told) -> int:
    """Tell the person of the failures and the caller of everything; returns the exit status."""
    for failure in report.failures:
        say(f"✗ {failure}")
    print(report.line(), flush=True)
    return 1 if report.failures else 0


def empty(output: Path) -> None:
    """Make the output folder; what an earlier check left there goes."""
    output.mkdir(parents=True, exist_ok=True)
    for old in (*output.glob("*.png"), *output.glob("*.log")):
        old.unlink()


async def _check(demo: Demo, output: Path, report: Report) -> None:
    async with Browser() as browser:
        say("… logging in with a browser")
        page = await browser.sign_in(demo.url)
        try:
            await _wait_for_stills(page, len(demo.simulator.cameras), report)
            await _screenshot(page, output / "dashboard.png", report)
            for index, camera in enumerate(demo.simulator.cameras):
                say(f"… opening {camera.title}")
                await open_dialog(page, index)
                report.add(camera, await _watch(demo, page, camera, output, report))
                await close_dialog(page)
        except BrowserProblem:
            await _screenshot(page, output / "failure.png", report)
            raise
        report.failures += [f"the page: {problem}" for problem in browser.problems]


async def _wait_for_stills(page: Page, count: int, report: Report) -> None:
    """Wait until every card shows a picture."""
    try:
        await page.wait_for_function("count => playback.pictures() >= count", arg=count, timeout=STILL_MS)
    except BrowserProblem:
        shown = await page.evaluate("playback.pictures()")
        report.failures.append(f"the dashboard: {shown} of {count} cards show a picture")


async def _screenshot(page: Page, path: Path, report: Report) -> None:
    await page.screenshot(path=path)
    report.screenshots.append(str(path))


async def _watch(demo: Demo, page: Page, camera: SimulatedCamera, output: Path, report: Report) -> Verdict:
    """Judge what a camera's open dialog shows."""
    if camera.video == "h265":
        # This browser has no decoder for it: the dialog shows the still, and we decode the stream.
        verdict = await _decode(demo, camera)
        await _screenshot(page, output / f"{camera.name}.png", report)
    else:
        wanted = f"playback.visibleFrames() >= {WANTED_FRAMES}"
        try:
            await page.wait_for_function(wanted, timeout=PLAY_SECONDS * 1000)
        except BrowserProblem:
            say(f"  {camera.title} did not show {WANTED_FRAMES} frames in {PLAY_SECONDS:.0f} s")
        await _screenshot(page, output / f"{camera.name}.png", report)
        player, first_ms, sightings = visible_sightings(await playback(page))
        sent = await demo.simulator.sent(camera.name)
        verdict = judge(player, first_ms, sightings, sent, WANTED_FRAMES // 2)
        await _listen(page, verdict)
    say(f"  {verdict}")
    return verdict


async def _listen(page: Page, verdict: Verdict) -> None:
    """Note how sound comes with the picture: each camera of the demo that plays by WebRTC sends some."""
    try:
        heard = await page.wait_for_function("playback.sound()", timeout=SOUND_MS)
        verdict.sound = str(await heard.json_value())
    except BrowserProblem:
        verdict.problems.append("no sound comes with the picture")


async def _decode(demo: Demo, camera: SimulatedCamera) -> Verdict:
    """Decode the stream that other programs get, outside the browser."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    stream = await demo.home.client.command("camera/stream", entity_id=camera.entity_id, limit=PLAY_SECONDS)
    asked_ms = (loop.time() - began) * 1000
    url = f"{demo.home.url}{stream['url']}"
    try:
        first_ms, sightings = await asyncio.to_thread(decode_stream, url, WANTED_FRAMES, PLAY_SECONDS)
    except DecodeError as err:
        return Verdict("decoded", problems=[str(err)])
    sent = await demo.simulator.sent(camera.name)
    return judge("decoded", asked_ms + first_ms, sightings, sent, WANTED_FRAMES // 2)


def keep_logs(demo: Demo, output: Path) -> list[str]:
    """Copy the logs to the output folder; returns what must not be in them."""
    for log in (demo.home.log_path, demo.folder / "simulator.log"):
        shutil.copy(log, output)
    return _log_problems(demo)


def _log_problems(demo: Demo) -> list[str]:
    """Return what must not be in Home Assistant's log: complaints of the integration, and keys."""
    lines = demo.home.log().splitlines()
    complaints = [
        f"the log: {line}"
        for line in lines
        if "custom_components.wyze_local" in line and (" ERROR " in line or " WARNING " in line)
    ]
    for camera in demo.simulator.cameras:
        leaked = [kind for kind, secret in camera.secrets().items() if any(secret in line for line in lines)]
        complaints += [f"the log holds the {kind} of {camera.name}" for kind in leaked]
    return complaints
