"""Plays a clip in Home Assistant's media browser, click by click, as a person does."""

from typing import Any

from playwright.async_api import Page

from ..pages import Pages

LIMIT_MS = 15_000
ADVANCED_S = 1.0
"""Seconds of a clip that must have been played to believe that it plays."""
FAR = 0.75
"""The share of a clip to which is jumped."""

_CLIPS = "media-browser/browser/app%2Cmedia-source%3A%2F%2Fwyze_local"
_REPORT = """(video) => ({
  duration: video.duration, at: video.currentTime, width: video.videoWidth, paused: video.paused,
  error: video.error && video.error.message, seekable: video.seekable.length ? video.seekable.end(0) : 0,
})"""
_PLAYED = """async ([video, from, seconds]) => {
  const end = performance.now() + 15000;
  while (performance.now() < end) {
    if (!video.paused && !video.seeking && video.currentTime >= from + seconds) return video.currentTime;
    await new Promise((done) => setTimeout(done, 50));
  }
  return null;
}"""
_SEEK = """async ([video, to]) => {
  const began = performance.now();
  const done = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
  video.currentTime = to;
  await done;
  return (performance.now() - began) / 1000;
}"""


class Shelves:
    """The media browser in a tab."""

    def __init__(self, page: Page, url: str) -> None:
        """Take a page that is signed in to `url`."""
        self._page = page
        self._pages = Pages(page, url)

    async def open(self) -> None:
        """Open the clips from the link that notifications have."""
        await self._pages.open(_CLIPS)

    async def go(self, *titles: str) -> None:
        """Go to the clips from another page, and down by titles."""
        await self._pages.go(_CLIPS)
        for title in titles:
            await self._enter(title)

    async def first(self) -> None:
        """Open the first folder on the shelf."""
        await self._enter((await self.titles())[0])

    async def _enter(self, title: str) -> None:
        """Open a folder, and wait until it is no longer the shelf on which it lies that is shown."""
        folder = self._page.locator("ha-media-player-browse .child").filter(has_text=title).first
        await folder.click(timeout=LIMIT_MS)
        await folder.wait_for(state="detached", timeout=LIMIT_MS)

    async def titles(self) -> list[str]:
        """Return what the things on the shelf are called that is open, once there is one."""
        cards = self._page.locator("ha-media-player-browse .child")
        await cards.first.wait_for(timeout=LIMIT_MS)
        return await cards.locator(".title").all_inner_texts()

    async def play(self, shown: float) -> dict[str, Any]:
        """Play the first clip of the shelf, let it run, jump, let it run again; returns figures.

        It is left at `shown` seconds of it.
        """
        page = self._page
        await page.locator("ha-media-player-browse .child").first.click()
        video = page.locator("video").last
        await video.wait_for(timeout=LIMIT_MS)
        handle = await video.element_handle()
        await page.wait_for_function("(video) => video.readyState >= 2", arg=handle, timeout=LIMIT_MS)
        await video.evaluate("async (video) => { video.muted = true; await video.play(); }")
        played = await page.evaluate(_PLAYED, [handle, 0, ADVANCED_S])
        found = dict(await video.evaluate(_REPORT))
        target = found["duration"] * FAR
        seek = await page.evaluate(_SEEK, [handle, target])
        await video.evaluate("async (video) => { await video.play(); }")
        jumped = await page.evaluate(_PLAYED, [handle, target, ADVANCED_S])
        back = await page.evaluate(_SEEK, [handle, shown])
        return {
            "duration_s": found["duration"],
            "width": found["width"],
            "played": played is not None,
            "seek_s": max(seek, back),
            "played_after_seek": jumped is not None,
            "error": found["error"] or "",
        }

    async def close(self) -> None:
        """Close what plays."""
        await self._page.keyboard.press("Escape")
        await self._page.locator("video").last.wait_for(state="detached", timeout=LIMIT_MS)
