"""Keeps the folder of the clips: makes it ready, lets the oldest go, and says when something is wrong.

It is looked at when we start, after each clip, hourly, and every minute while it is in trouble; so a repair
goes away by itself. Clips outlive their camera and their entry: they go when they are too old or too many.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.storage import Store

from .clip_repairs import async_report_clips
from .clip_threads import ClipThreads
from .clip_trouble import FOLDER_TROUBLES, SHOWN, Doubt, FolderTrouble, folder_trouble, prepare
from .const import DOMAIN, LOGGER
from .engine.library import Kept, Library, LibraryError, is_folder
from .engine.model import ClipFailed, ClipFinished, ClipNews, Cut
from .installation import SIGNAL_CLIPS, SIGNAL_WENT, ClipKeeping
from .later import Later

if TYPE_CHECKING:
    from .shared import Shared

WAIT = 30.0
"""Seconds that the folder may take to answer."""
SCAN_WAIT = 300.0
"""Seconds that a look through all of it may take without coming further, and that letting clips go may."""
KNOWN_WITHIN = 20.0
"""Seconds for which somebody waits who asks what lies there before the first such look is through."""
HOURLY = 3600.0
SOON = 60.0
"""Seconds until the folder is looked at again, when all is well and when it is not."""


class ClipKeeper:
    """The keeper of the one folder."""

    def __init__(self, hass: HomeAssistant, shared: Shared, threads: ClipThreads) -> None:
        """Prepare; nothing is touched before the start."""
        self._hass = hass
        self._shared = shared
        self._threads = threads
        self._library: Library | None = None
        self._root = Path()
        self._store: Store[dict[str, str]] = Store(hass, 1, f"{DOMAIN}.clips", private=True)
        self._marked: str | None = None
        """The folder that was chosen when one was last found usable: its mark is asked for from then on."""
        self._listeners: set[Callable[[], None]] = set()
        self._unfollow: CALLBACK_TYPE | None = None
        self._again = self._anew = False
        self._doubt = Doubt()
        self._looking: asyncio.Task[None] | None = None
        self._known = False
        """Whether it was found out what lies in the folder; what became of it since is known, too."""
        self._looked = asyncio.Event()
        """Whether the folder has been looked at, whatever was found."""
        self._hourly = Later(hass, HOURLY, self._async_due, f"{DOMAIN} clips")
        self._soon = Later(hass, SOON, self._async_due, f"{DOMAIN} clips again")
        self.wanted = False
        """Whether somebody wants clips to be written."""
        self.trouble: FolderTrouble | None = None
        """What keeps clips from being written."""
        self.usable = False
        """Whether the folder was found fit for clips, and nothing has been wrong with it since."""
        self.kept: Kept | None = None
        """What lies there, as counted last."""

    @property
    def root(self) -> Path:
        """The folder."""
        return self._follow()[0]

    @property
    def library(self) -> Library:
        """What lies in the folder, or in one that nobody looked at yet nothing."""
        return self._follow()[1]

    async def async_known(self) -> Library:
        """Return the library once it is known what lies there; from then on at once, whatever the disk does.

        Raises TimeoutError while that cannot be found out.
        """
        library = self.library
        if not self._known and self._unfollow is not None:
            async with asyncio.timeout(KNOWN_WITHIN):
                await self._looked.wait()
            if not self._known:
                raise TimeoutError
        return library

    @callback
    def _follow(self) -> tuple[Path, Library]:
        """Return folder and library as the person wants them now."""
        root = self._shared.installation.clips.path(self._hass)
        if self._library is None or root != self._root:
            if self._library is not None:
                # Those of the folder so far may be held by a disk that hangs.
                self._threads.renew()
            self._root, self._library = root, Library(root)
            self._anew, self._known = True, False
            self._looked.clear()
            # Nothing more may be written into the folder so far, whatever is found at the new one.
            self._async_make_usable(False)
        return self._root, self._library

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener when the folder becomes usable or ceases to be, until the returned call."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def async_start(self) -> None:
        """Begin to keep the folder; a second start changes nothing. Nobody waits for the disk."""
        if self._unfollow is not None:
            return
        # Before anything is waited for: entries start side by side.
        self._unfollow = unfollow = async_dispatcher_connect(self._hass, SIGNAL_CLIPS, self._async_changed)
        marked = ((await self._store.async_load()) or {}).get("folder", "")
        if self._unfollow is unfollow:
            self._marked = marked
            self.async_look(anew=True)

    async def async_stop(self) -> None:
        """Leave the folder alone; clips stay where they are."""
        self._hourly.async_cancel()
        self._soon.async_cancel()
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None
        self._again, self._marked = False, None
        if (looking := self._looking) is not None:
            looking.cancel()
            self._looking = None
        self.trouble = None
        self._async_tell(None, usable=False)

    @callback
    def async_want(self, wanted: bool = True) -> None:
        """Have the folder made ready for clips, or no longer; until somebody wants it nobody makes it.

        When it is ready, who listens is told. What is wrong with one that nobody wants is nobody's trouble.
        """
        if wanted is not self.wanted:
            self.wanted = wanted
            self._doubt.hear(None)
            self.async_look(anew=wanted)

    async def async_ready(self, seconds: float) -> bool:
        """Return whether clips can be written, once that is known of a folder that is wanted."""
        changed = asyncio.Event()
        unlisten = self.async_listen(changed.set)
        waiting = asyncio.ensure_future(changed.wait())
        try:
            if not self.usable and self._looking is not None:
                ends = {waiting, self._looking}
                await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return self.usable
        finally:
            unlisten()
            waiting.cancel()

    @callback
    def async_heard(self, news: ClipNews) -> None:
        """Follow what the worker tells of a clip."""
        if isinstance(news, ClipFailed) and (trouble := FOLDER_TROUBLES.get(news.reason)) is not None:
            self._doubt.hear(trouble)
            if self.trouble is None:
                # Until the look, which knows better.
                self._async_tell(trouble, usable=trouble is FolderTrouble.DISK_FULL)
            self.async_look()
        elif isinstance(news, ClipFinished):
            if news.cut is not Cut.TROUBLE:
                self._doubt.hear(None)
            self.async_look()

    @callback
    def async_look(self, *, anew: bool = False) -> None:
        """Look at the folder and make room in it, soon; once more if that is being done already.

        `anew` also reads which clips there are, in case that somebody else deleted or brought some.
        """
        if self._marked is None:
            return
        self._again = True
        self._anew |= anew
        if self._looking is None or self._looking.done():
            self._looking = self._hass.async_create_background_task(self._async_look(), f"{DOMAIN} clips")

    @callback
    def _async_changed(self, _keeping: ClipKeeping) -> None:
        self._follow()
        if self._looking is not None:
            # What it would find may concern nobody any more, and it may wait long for a disk that hangs.
            self._looking.cancel()
            self._looking = None
        self.async_look(anew=True)

    async def _async_due(self) -> None:
        self.async_look(anew=True)

    async def _async_look(self) -> None:
        while self._again:
            self._again = False
            library, found = self.library, await self._async_visit()
            self._again |= (left := library is not self._library)
            if not left:
                self._looked.set()
            if left or (found is None and self._again):
                # Another folder was chosen meanwhile, or something was heard, which is newer.
                continue
            trouble = self._doubt.judge(found)
            self._async_tell(trouble, usable=self.wanted and trouble in (None, FolderTrouble.DISK_FULL))
        self._hourly.async_cancel()
        self._soon.async_cancel()
        (self._soon if self.trouble else self._hourly).async_plan()

    async def _async_visit(self) -> FolderTrouble | None:
        """Make the folder ready and room in it; returns what is wrong with it."""
        keeping = self._shared.installation.clips
        root, library = self._follow()
        try:
            if not self.wanted:
                await self._async_tidy(root, library, keeping)
                return None
            trouble = await self._async_fit(root, library, keeping)
            if trouble is not None:
                return trouble
            self.kept = await self._async_room(library, keeping)
        except (LibraryError, OSError) as err:
            self._anew = True
            return folder_trouble(err) if self.wanted else None
        return FolderTrouble.DISK_FULL if self.kept.short else None

    async def _async_tidy(self, root: Path, library: Library, keeping: ClipKeeping) -> None:
        """Keep in order what lies there from earlier, if anything does. Raises likewise."""
        if await self._threads.async_library(partial(is_folder, root), WAIT):
            self.kept = await self._async_room(library, keeping)
        else:
            self._known = library is self._library

    async def _async_fit(self, root: Path, library: Library, keeping: ClipKeeping) -> FolderTrouble | None:
        """Make the folder ready; returns what keeps it from being that. Raises likewise."""
        config, chosen_now = Path(self._hass.config.config_dir), keeping.folder != self._marked
        ready = partial(prepare, library, root, config, own=not keeping.folder, chosen_now=chosen_now)
        if (trouble := await self._threads.async_library(ready, WAIT)) is not None:
            if trouble in SHOWN:
                await self._async_read(library)
            # Whatever is there when it is back: it may have been changed meanwhile.
            self._anew = True
            return trouble
        await self._async_remember(keeping.folder)
        # What lies there need not be known for a new one to be written.
        self._async_make_usable(self.wanted and library is self._library)
        return None

    async def _async_room(self, library: Library, keeping: ClipKeeping) -> Kept:
        """Let the oldest go. Raises LibraryError, TimeoutError."""
        await self._async_read(library)
        room = partial(library.keep, days=keeping.days, gigabytes=keeping.gigabytes)
        kept = await self._threads.async_library(room, SCAN_WAIT)
        if kept.gone:
            async_dispatcher_send(self._hass, SIGNAL_WENT, kept.gone)
        return kept

    async def _async_read(self, library: Library) -> None:
        """Find out what lies there, unless that is known. Raises LibraryError, TimeoutError."""
        if self._anew and library is self._library:
            self._anew = False
            await self._threads.async_look(library.scan, lambda: library.leftovers.days, SCAN_WAIT)
            self._known = library is self._library

    async def _async_remember(self, folder: str) -> None:
        if folder != self._marked and self._marked is not None:
            await self._store.async_save({"folder": folder})
            # Only now: another folder may have been chosen meanwhile, which ends this.
            self._marked = folder

    @callback
    def _async_tell(self, trouble: FolderTrouble | None, *, usable: bool) -> None:
        """Say what changed: once in the log, as a repair, and to whoever writes there."""
        if trouble is not self.trouble:
            if trouble is not None:
                LOGGER.warning("Clips cannot be kept: %s", trouble.replace("_", " "))
            else:
                LOGGER.info("Clips can be kept again")
            self.trouble = trouble
        async_report_clips(self._hass, trouble, str(self._root))
        self._async_make_usable(usable)

    @callback
    def _async_make_usable(self, usable: bool) -> None:
        if usable is not self.usable:
            self.usable = usable
            for listener in tuple(self._listeners):
                listener()
