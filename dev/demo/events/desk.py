"""Deletes and pins clips in the pages of the options, click by click, as a person does."""

from playwright.async_api import Page

from ..pages import Pages
from ..stage import DemoError


class Desk:
    """The options' pages about the clips of a camera, in a tab."""

    def __init__(self, page: Page, url: str) -> None:
        """Take a page that is signed in to `url`."""
        self._pages = Pages(page, url)
        self._camera = ""

    async def open(self, camera: str) -> list[str]:
        """Go to the clips of a camera that has some of one day; returns their titles."""
        self._camera = camera
        await self._pages.configure()
        await self._pages.choose("Clips: delete or keep")
        await self._pages.tick(camera)
        await self._pages.submit()
        return await self._pages.options()

    async def choose(self, words: str) -> None:
        """Tick the clip of which that is said; raises DemoError where it is said of none or several."""
        titles = [title for title in await self._pages.options() if words in title]
        if len(titles) != 1:
            raise DemoError(f"Not one clip is called {words}: {titles}")
        await self._pages.tick(words)

    async def delete(self) -> None:
        """Have what is ticked deleted, up to the question whether that is wanted."""
        await self._pages.submit()
        await self._pages.arrive(f"Delete clips of {self._camera}?")

    async def confirm(self) -> None:
        """Want it."""
        await self._pages.submit("Delete")
        await self._pages.arrive("Done")

    async def further(self) -> list[str]:
        """Go back to the clips of the same camera; returns their titles."""
        await self._pages.choose("Further clips of this camera")
        return await self._pages.options()

    async def pin(self) -> None:
        """Have what is ticked kept for ever."""
        await self._pages.tick("Pin: keep for ever")
        await self._pages.submit()
        await self._pages.arrive("Done")

    async def leave(self) -> None:
        """Close the pages."""
        await self._pages.choose("Finish")
        await self._pages.finish()
