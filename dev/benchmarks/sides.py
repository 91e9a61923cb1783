"""The two ways to a picture that are compared: our dialog in Home Assistant, and go2rtc's own page."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from playwright.async_api import Page

from dev.demo.judge import delays, visible_sightings
from dev.home import ChildProcess
from dev.home.browser import close_dialog, playback
from dev.simulator import Camera

from .stage import OURS, THEIRS, Stage

QUIET_LIMIT = 90.0
"""Seconds until nobody may be left at a camera: a still that is due takes some of them."""
WARM_KEY_FRAMES = 2
STILL_SCRIPT = Path(__file__).with_name("still.js")
CARD = "hui-picture-entity-card"


class Side(Protocol):
    """One way to a picture; used for one opening at a time."""

    name: str
    camera: Camera
    page: Page

    async def ready(self) -> None:
        """Be one quick step away from opening."""

    async def open(self) -> None:
        """Open, at once."""

    async def close(self) -> None:
        """Close again; all that was opened for it ends."""

    async def rest(self) -> None:
        """Wait until nobody is at the camera, whoever looked before."""

    async def restream(self) -> str:
        """Return where another program reads the same stream, by RTSP."""


class Dialog:
    """Our dialog, opened by a click on the card."""

    name = "our dialog"

    def __init__(self, stage: Stage, page: Page, camera: str) -> None:
        """Take a signed-in page; use `start`."""
        self.camera = stage.cameras[camera]
        self.page = page
        self._stage = stage
        self._name = camera
        self._spot = (0.0, 0.0)

    @classmethod
    async def start(cls, stage: Stage, camera: str = OURS, *, scripts: tuple[str, ...] = ()) -> Dialog:
        """Log in and wait for the card's picture."""
        page = await stage.browser.page(scripts=(STILL_SCRIPT.read_text(), *scripts))
        await stage.browser.sign_in(stage.dashboard_url(camera), page)
        await page.wait_for_function("playback.pictures() > 0")
        return cls(stage, page, camera)

    async def ready(self) -> None:
        """Know where to click."""
        box = await self.page.locator(CARD).bounding_box()
        assert box is not None
        self._spot = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await self.page.evaluate("playback.arm()")

    async def open(self) -> None:
        """Click on the card."""
        await self.page.mouse.click(*self._spot)

    async def close(self) -> None:
        """Close the dialog; Home Assistant lets go of its own stream."""
        await close_dialog(self.page)
        await self._stage.ask("rest", self._name)

    async def rest(self) -> None:
        """Let the relay hang up without its linger, which is as long as somebody looked."""
        await self._stage.ask("hang_up", self._name)
        await quiet(self.camera)

    async def restream(self) -> str:
        """Return the restream that the integration has for programs on this machine."""
        return await self._stage.restream(self._name)


class OwnPage:
    """The page that go2rtc brings itself."""

    name = "go2rtc's own page"

    def __init__(self, stage: Stage, page: Page) -> None:
        """Take a page; use `start`."""
        self.camera = stage.cameras[THEIRS]
        self.page = page
        self._plain = stage.plain

    @classmethod
    async def start(cls, stage: Stage, *, scripts: tuple[str, ...] = ()) -> OwnPage:
        """Take a fresh page."""
        return cls(stage, await stage.browser.page(scripts=scripts))

    async def ready(self) -> None:
        """Show nothing."""
        await self.page.goto("about:blank")

    async def open(self) -> None:
        """Go to the page; its navigation is the beginning."""
        await self.page.goto(self._plain.page_url(THEIRS), wait_until="commit")
        await self.page.evaluate("playback.arm({page: true})")

    async def close(self) -> None:
        """Hang up at once; a page that merely goes away is missed by go2rtc only seconds later."""
        await self.page.evaluate("document.querySelector('video-stream').ondisconnect()")
        await self.page.goto("about:blank")

    async def rest(self) -> None:
        """Wait; go2rtc hangs up by itself."""
        await quiet(self.camera)

    async def restream(self) -> str:
        """Return its own restream."""
        return self._plain.rtsp_url(THEIRS)


async def quiet(camera: Camera) -> None:
    """Wait until nobody is at the camera."""
    async with asyncio.timeout(QUIET_LIMIT):
        while True:
            if not camera.sessions:
                return
            await asyncio.sleep(0.02)


async def after_key_frame(camera: Camera, phase: float) -> None:
    """Wait until that share (0 to 1) of a running camera's way from one key frame to the next is over."""
    picture = camera.spec.picture
    last = max(entry.monotonic_ns for entry in camera.sent() if entry.key) / 1e9
    gop = picture.gop / picture.fps
    wait = last + phase * gop - time.monotonic()
    await asyncio.sleep(wait % gop)


def shown(camera: Camera, report: object) -> tuple[str | None, float | None, list[float]]:
    """Return the player, the first frame's delay in ms, and each frame's latency in ms."""
    assert isinstance(report, dict)
    player, first_ms, sightings = visible_sightings(report)
    sent: dict[int, list[float]] = {}
    for entry in camera.sent():
        sent.setdefault(entry.frame, []).append(entry.wall)
    return player, first_ms, [late * 1000 for late in delays(sightings, sent)]


async def picture(side: Side) -> tuple[str | None, float | None, list[float]]:
    """Return what was seen since the opening, as `shown` does."""
    return shown(side.camera, await playback(side.page))


@contextlib.asynccontextmanager
async def reader(side: Side) -> AsyncIterator[None]:
    """Read the stream by another program, so that its camera runs; ends with the block."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp"]
    command += ["-i", await side.restream(), "-c", "copy", "-f", "null", "-"]
    process = await ChildProcess.start(command, stdout=asyncio.subprocess.DEVNULL)
    try:
        await _running(side.camera)
        yield
    finally:
        await process.stop()


async def _running(camera: Camera) -> None:
    """Wait until the camera streams and go2rtc has had time to pass on what it sends."""
    began = time.monotonic_ns()
    async with asyncio.timeout(QUIET_LIMIT):
        while True:
            if sum(entry.key and entry.monotonic_ns > began for entry in camera.sent()) > WARM_KEY_FRAMES:
                return
            await asyncio.sleep(0.05)
