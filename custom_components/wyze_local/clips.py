"""The clips of all cameras, for whoever asks: found, opened, pinned and deleted.

What touches the disk runs in threads of its own and within time limits. Whether the folder is fit for clips,
and how long they stay, is the keeper's business.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, callback

from .cameras import all_cameras
from .clip_growing import GrowingClips
from .clip_ids import ClipPlace, camera_of_folder
from .clip_keeper import ClipKeeper
from .clip_mark import ClipMark
from .clip_threads import ClipThreads
from .const import DOMAIN
from .engine.events import CameraEvent
from .engine.library import Clip, Library, LibraryError, OpenFile, folder_name, open_clip, open_still
from .engine.model import ClipFailed, ClipFinished, ClipName
from .later import Later

if TYPE_CHECKING:
    from .engine.watch import WatchNews
    from .shared import Shared

WAIT = 20.0
"""Seconds that the folder may take to answer."""

READY_WITHIN = 5.0
"""Seconds that it may take until something can be recorded there."""

RECORDED = 900.0
"""Seconds for which a place is wanted for what somebody asked for: longer than any recording."""

TOLD_WITHIN = 2.0
"""Seconds that it may take to read what is told of clips, before they are listed without that."""


class ClipsError(Exception):
    """Clips cannot be had."""


class ClipNotFound(ClipsError):
    """There is no such clip."""


class ClipGrows(ClipsError):
    """The clip is still being written."""


class ClipsAway(ClipsError):
    """The folder of the clips does not answer, or cannot be read or written."""


class Clips:
    """The clips of one Home Assistant."""

    def __init__(self, hass: HomeAssistant, shared: Shared) -> None:
        """Prepare; nothing is touched before the start."""
        self._hass = hass
        self._threads = ClipThreads()
        self._growing = GrowingClips(shared.environment.clock)
        self.keeper = ClipKeeper(hass, shared, self._threads)
        self.keeper.async_listen(self._async_place_changed)
        self.mark = ClipMark(hass, shared.environment)
        self._keeping: set[str] = set()
        """The cameras of which motion is kept: without any, and without a recording, no folder is wanted."""
        self._on_gone: set[Callable[[ClipPlace], None]] = set()
        self._recorded = Later(hass, RECORDED, self._async_recorded, f"{DOMAIN} recorded")

    async def async_close(self) -> None:
        """Stop for good, with Home Assistant."""
        self._recorded.async_cancel()
        await self.keeper.async_stop()
        await self._hass.async_add_executor_job(self._threads.shut_down)

    @callback
    def async_heard(self, camera_key: str, news: WatchNews) -> None:
        """Follow what the worker tells of a clip of a camera."""
        self._growing.hear(camera_key, news)
        if isinstance(news, ClipFinished):
            # At once: whoever hears of it next may want to add what is known of it.
            work = partial(_take_in, self.keeper.library, camera_key, news.clip_id)
            over = partial(self._growing.over, ClipPlace(camera_key, news.clip_id))
            if (taken := self._threads.leave_library(work)) is not None:
                asyncio.wrap_future(taken).add_done_callback(lambda _: over())
        if isinstance(news, ClipFinished | ClipFailed):
            self.keeper.async_heard(news)

    @callback
    def async_keep(self, camera_key: str, keep: bool) -> None:
        """Learn whether a camera's motion is to be kept as clips."""
        (self._keeping.add if keep else self._keeping.discard)(camera_key)
        self.keeper.async_want(bool(self._keeping) or self._recorded.planned)

    async def async_ready_to_record(self) -> None:
        """Have a place for what somebody asks for, also where no motion is kept. Raises ClipsAway."""
        self._recorded.async_plan()
        self.keeper.async_want()
        if not await self.keeper.async_ready(READY_WITHIN):
            raise ClipsAway

    async def _async_recorded(self) -> None:
        """Trouble about a place for recordings concerns nobody any more once the last is long over."""
        self.keeper.async_want(bool(self._keeping))

    async def async_folder(self, camera_key: str) -> Path | None:
        """Return where the worker writes a camera's clips; None while nothing may be written.

        While nobody wants clips the disk is left alone, and the worker told the place all the same: what came
        before is to be in a recording, which is begun once the place is found fit.
        """
        name = next((item.name for item in all_cameras(self._hass) if item.key == camera_key), None)
        if name is None:
            return None
        if not self.keeper.usable:
            return None if self.keeper.wanted else self.keeper.root / folder_name(camera_key, name)
        try:
            return await self._threads.async_file(
                partial(self.keeper.library.camera_folder, camera_key, name), WAIT
            )
        except TimeoutError, LibraryError:
            # Whatever it is, the keeper finds it, and says so.
            self.keeper.async_look()
            return None

    async def async_cameras(self) -> dict[str, str]:
        """Return the names of all cameras that have clips or may have some, by their keys.

        Of a camera that was removed only its folder is known, which stands for both.
        """
        found = {item.key: item.name for item in all_cameras(self._hass)}
        known = {key[:6] for key in found}
        for folder in (await self._async_library()).folders():
            camera_key = camera_of_folder(folder)
            if camera_key[:6] not in known:
                found[camera_key] = folder.rpartition("-")[0].replace("_", " ")
        return found

    async def async_names(self, camera_key: str) -> tuple[list[ClipName], list[ClipName]]:
        """Return the names of a camera's clips, and of those with a still; newest first. Raises ClipsAway.

        From memory: it takes no time however many there are, and whatever the disk does. Those that are
        being written come first.
        """
        library = await self._async_library()
        names = library.names(camera_key)
        growing = self._unlisted(camera_key, names)
        stills = [clip.name for clip in growing if clip.still] + library.stills(camera_key)
        return [clip.name for clip in growing] + names, stills

    async def async_list(
        self, camera_key: str, since: float = 0.0, until: float = float("inf")
    ) -> list[Clip]:
        """Return a camera's clips between two times, the newest first. Raises ClipsAway.

        From memory, but for what is told of a clip that nobody looked at yet: without that where its disk
        does not answer soon. Those that are being written come first.
        """
        library = await self._async_library()
        found, all_told = library.known(camera_key, since, until)
        if not all_told:
            work = partial(library.clips, camera_key, since, until)
            with suppress(TimeoutError, LibraryError):
                found = await self._threads.async_file(work, TOLD_WITHIN)
        growing = self._unlisted(camera_key, [clip.name for clip in found])
        return [clip for clip in growing if since <= clip.name.at.timestamp() < until] + found

    async def async_newest(self, camera_key: str) -> ClipName | None:
        """Return a camera's newest clip that has a still, from memory. Raises ClipsAway."""
        return next(iter((await self.async_names(camera_key))[1]), None)

    async def async_path(self, place: ClipPlace) -> Path | None:
        """Return where a clip lies; None while it is being written. Raises ClipNotFound, ClipsAway."""
        look = partial(self.keeper.library.path, place.camera_key, place.clip_id)
        try:
            path = await self._threads.async_file(look, WAIT)
        except (TimeoutError, LibraryError) as err:
            raise ClipsAway from err
        if path is None:
            # Perhaps one that still grows.
            file, _ = await self.async_open(place)
            self.close(file)
        return path

    async def async_open(self, place: ClipPlace) -> tuple[OpenFile, bool]:
        """Open a clip, and tell whether it still grows. Raises ClipNotFound, ClipsAway."""
        work = partial(open_clip, self.keeper.root, place.camera_key, place.clip_id)
        return await self._async_found(work, lambda found: found[0].close())

    async def async_open_still(self, place: ClipPlace) -> OpenFile:
        """Open a clip's still. Raises ClipNotFound, ClipsAway."""
        work = partial(open_still, self.keeper.root, place.camera_key, place.clip_id)
        return await self._async_found(work, OpenFile.close)

    async def async_read(self, work: Callable[[], bytes]) -> bytes:
        """Read some of an open file. Raises ClipsAway."""
        try:
            return await self._threads.async_file(work, WAIT)
        except (TimeoutError, OSError) as err:
            raise ClipsAway from err

    async def async_try[Result](self, work: Callable[[], Result]) -> Result:
        """Try a folder that may become the clips'. Raises what that raises, and ClipsAway."""
        try:
            # The folder so far may be what does not answer, and the reason to leave it.
            return await self._threads.async_alone(work, WAIT)
        except TimeoutError as err:
            raise ClipsAway from err

    @callback
    def close(self, file: OpenFile) -> None:
        """Close a file, whenever its disk lets us."""
        self._threads.leave_file(file.close)

    async def async_delete(self, place: ClipPlace) -> None:
        """Delete a clip and what belongs to it. Raises ClipNotFound, ClipGrows, ClipsAway."""
        await self._async_sure(place, partial(self.keeper.library.delete, place.camera_key, place.clip_id))
        for listener in tuple(self._on_gone):
            listener(place)

    @callback
    def async_listen_gone(self, listener: Callable[[ClipPlace], None]) -> Callable[[], None]:
        """Tell of each clip that somebody deletes, until the returned call."""
        self._on_gone.add(listener)
        return lambda: self._on_gone.discard(listener)

    async def async_pin(self, place: ClipPlace, pinned: bool) -> None:
        """Keep a clip for ever, or no longer. Raises ClipNotFound, ClipGrows, ClipsAway."""
        work = partial(self.keeper.library.pin, place.camera_key, place.clip_id, pinned)
        await self._async_sure(place, work)

    async def async_note(self, place: ClipPlace, event: CameraEvent) -> None:
        """Keep beside a clip what is known of its event. Raises ClipNotFound, ClipGrows, ClipsAway."""
        work = partial(
            self.keeper.library.note,
            place.camera_key,
            place.clip_id,
            origin=event.origin.value,
            score=event.score,
            zones=event.zones,
            kinds=tuple(kind.value for kind in sorted(event.kinds)),
        )
        await self._async_sure(place, work)

    @callback
    def _async_place_changed(self) -> None:
        if not self.keeper.usable:
            self._growing.forget()

    def _unlisted(self, camera_key: str, names: list[ClipName]) -> list[Clip]:
        """Return a camera's clips that are being written, and are not in the library yet."""
        listed = set(names)
        return [clip for clip in self._growing.of(camera_key) if clip.name not in listed]

    async def _async_library(self) -> Library:
        """Return the library, once it is known what lies there. Raises ClipsAway."""
        try:
            return await self.keeper.async_known()
        except TimeoutError as err:
            raise ClipsAway from err

    async def _async_do[Result](self, work: Callable[[], Result]) -> Result:
        try:
            return await self._threads.async_library(work, WAIT)
        except (TimeoutError, LibraryError) as err:
            raise ClipsAway from err

    async def _async_found[Result](
        self, work: Callable[[], Result | None], close: Callable[[Result], None]
    ) -> Result:
        def drop(late: Result | None) -> None:
            if late is not None:
                close(late)

        try:
            found = await self._threads.async_file(work, WAIT, drop)
        except (TimeoutError, LibraryError) as err:
            raise ClipsAway from err
        if found is None:
            raise ClipNotFound
        return found

    async def _async_sure(self, place: ClipPlace, work: Callable[[], bool]) -> None:
        if not await self._async_do(work):
            file, _ = await self.async_open(place)
            self.close(file)
            raise ClipGrows


def _take_in(library: Library, camera_key: str, clip_id: str) -> None:
    """Take a finished clip into the library; one that cannot be seen now is found by the next look."""
    with suppress(LibraryError):
        library.added(camera_key, clip_id)
