"""A headless browser that reaches nothing but this machine."""

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser as PlaywrightBrowser, Error, Page, Playwright, async_playwright

from .folder import ROOT
from .rig import PASSWORD, USERNAME

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Candidates with a name instead of an address need multicast, which a machine may lack.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    # The pictures come over loopback, on a machine without any network too.
    "--allow-loopback-in-peer-connection",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SCRIPTS = [ROOT / "dev" / "simulator" / "barcode.js", ROOT / "dev" / "home" / "probe.js"]
TIMEOUT_MS = 30_000


class BrowserError(Exception):
    """There is no browser; the message says what to do."""


def find_browser() -> Path:
    """Return the browser that script/setup found; raises BrowserError."""
    note = ROOT / ".tools" / "browser-path"
    found = note.read_text().strip() if note.exists() else shutil.which("chromium")
    if not found:
        raise BrowserError("There is no Chromium. Run script/setup.")
    return Path(found)


class Browser:
    """Chromium while the `async with` block runs; every page carries barcode.js and probe.js."""

    def __init__(self, *, width: int = 1280, height: int = 960, microphone: Path | None = None) -> None:
        """Choose the size of the pages, and a WAV file that pages hear over and over as their microphone."""
        self._size = {"width": width, "height": height}
        self._microphone = microphone
        self._playwright: Playwright | None = None
        self._browser: PlaywrightBrowser | None = None
        self.problems: list[str] = []
        """What pages complained about: uncaught exceptions."""

    async def __aenter__(self) -> Self:
        """Start it."""
        self._playwright = await async_playwright().start()
        flags = list(FLAGS)
        if self._microphone is not None:
            flags += [*MICROPHONE, f"--use-file-for-fake-audio-capture={self._microphone}"]
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=find_browser(), headless=True, args=flags
            )
        except BaseException:
            await self._playwright.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, also when it has died already."""
        assert self._browser is not None
        assert self._playwright is not None
        with contextlib.suppress(Error):
            await self._browser.close()
        await self._playwright.stop()

    async def page(self, *, scripts: Sequence[str] = ()) -> Page:
        """Return a new page with a session of its own; `scripts` run before whatever it opens."""
        assert self._browser is not None
        context = await self._browser.new_context(viewport=self._size, locale="en-GB")  # type: ignore[arg-type]
        context.set_default_timeout(TIMEOUT_MS)
        for script in SCRIPTS:
            await context.add_init_script(path=script)
        for text in scripts:
            await context.add_init_script(text)
        page = await context.new_page()
        page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        return page

    async def sign_in(self, url: str, page: Page | None = None) -> Page:
        """Open an address of Home Assistant and log in as a person does; returns the page."""
        page = page or await self.page()
        await page.goto(url)
        await page.locator("input[name=username]").fill(USERNAME)
        await page.locator("input[name=password]").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.locator("home-assistant-main").wait_for()
        # It fades away over the finished page; until then it takes clicks, and its pictures are none of ours.
        await page.locator("#ha-launch-screen").wait_for(state="detached")
        return page


async def open_dialog(page: Page, index: int) -> None:
    """Click the dashboard's nth camera card, which opens its dialog; the probe counts from that click."""
    await page.evaluate("playback.arm()")
    await page.locator("hui-picture-entity-card").nth(index).click()


async def playback(page: Page) -> dict[str, Any]:
    """Return what the probe saw since it was armed."""
    return dict(await page.evaluate("playback.report()"))


async def close_dialog(page: Page) -> None:
    """Close the dialog and wait until its players are gone."""
    await page.keyboard.press("Escape")
    await page.locator("ha-camera-stream").wait_for(state="detached")
