"""The one watch worker of this Home Assistant: which cameras it watches, and who hears what it sees.

Lives in `shared.py`'s hands: its process starts once an entry's platforms stand and a camera is wanted, and
ends before relay and stream server, whose streams it reads.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .const import DOMAIN, LOGGER
from .engine.child import ChildPhase, ChildState
from .engine.model import ClipSettings, Clock, EngineError, Secret, WatchMode
from .engine.watch import (
    WatchError,
    WatchNews,
    WatchPhase,
    WatchSettings,
    WatchState,
    WatchStill,
    WatchWorker,
)
from .issues import async_clear_watch, async_report_watch
from .settings import CameraSettings
from .watch_disabled import is_disabled
from .watch_giving import RETRY, WatchGiving
from .watch_listeners import OnNews, OnState, WatchListeners

SOURCE_WITHIN = 8.0
"""Seconds that a stream's address may take: it may be its turn to be dialled only in a while."""
STILL_WITHIN = 5.0
"""Seconds that the first picture of a camera is waited for."""

WATCHED = frozenset({WatchPhase.WARMING, WatchPhase.WATCHING})
"""When somebody looks at a camera's pictures."""

type Source = Callable[[], Awaitable[Secret]]
"""Finds where a camera's stream is read; raises EngineError."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """A camera that is to be watched."""

    source: Source
    settings: CameraSettings


async def _nowhere(_camera_key: str) -> ClipSettings | None:
    return None


class Watching:
    """The worker, the cameras that are to be watched, and who listens to which of them."""

    def __init__(self, hass: HomeAssistant, clock: Clock, rng: Any) -> None:
        """Prepare; nothing starts yet."""
        self._hass = hass
        self._listeners = WatchListeners()
        self._worker = WatchWorker(
            clock=clock,
            rng=rng,
            on_news=self._listeners.async_news,
            on_state=self._async_on_camera,
            on_worker=self._async_on_worker,
        )
        self._clock = clock
        self._wishes: dict[str, _Wish] = {}
        self._dirty: set[str] = set()
        self._giving = WatchGiving(hass, self._async_give)
        self._news = asyncio.Event()
        self._seen = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._up = False
        self._down = False
        """Whether it did not start the last time."""
        self.find_place: Callable[[str], Awaitable[ClipSettings | None]] = _nowhere
        """Finds where and by whom a camera's clips are written; None while there is no place for them."""
        self.keep: Callable[[str, bool], None] = lambda _camera_key, _keep: None
        """Hears whether motion before a camera is to be kept as clips."""

    @property
    def worker(self) -> ChildState:
        """How the process stands."""
        return self._worker.state

    @property
    def pid(self) -> int | None:
        """Process id of the worker."""
        return self._worker.pid

    # Which cameras; nothing is restarted for any of them

    @callback
    def async_begin(self) -> None:
        """Start what is wanted by now and from now on: there is somebody to hear of it."""
        if self._task is None and not self._hass.is_stopping:
            self._task = self._hass.async_create_background_task(self._async_run(), f"{DOMAIN} watch")

    async def async_stop(self) -> None:
        """End everything; the wishes stay for another beginning."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._giving.async_stop()
        await self._worker.stop()
        self._dirty.update(self._wishes)
        # Who began meanwhile told a process that was about to end.
        self._news.set()

    @callback
    def async_watch(self, camera_key: str, source: Source, settings: CameraSettings) -> None:
        """Watch a camera as is wanted, or not at all where it is not wanted, or disabled."""
        if settings.watch is WatchMode.OFF or is_disabled(self._hass, camera_key):
            self.async_leave(camera_key)
            return
        self._wishes[camera_key] = _Wish(source, settings)
        self.keep(camera_key, settings.clips)
        self._mark(camera_key)

    @callback
    def async_leave(self, camera_key: str) -> None:
        """Watch a camera no more."""
        if self._wishes.pop(camera_key, None) is not None:
            self.keep(camera_key, False)
            self._mark(camera_key)
            self._tell_state(camera_key, WatchState())

    @callback
    def async_renew(self) -> None:
        """Find all streams and folders anew: a server, or a disk, is another one now."""
        self._dirty.update(self._wishes)
        self._news.set()

    def _mark(self, camera_key: str) -> None:
        self._dirty.add(camera_key)
        self._news.set()

    @property
    def cameras(self) -> frozenset[str]:
        """The keys of the cameras that are to be watched."""
        return frozenset(self._wishes)

    def state(self, camera_key: str) -> WatchState:
        """Return how the watch of a camera stands."""
        if camera_key not in self._wishes:
            return WatchState()
        if self._down:
            return WatchState(WatchPhase.STALLED, reason="watch_down")
        return self._worker.states.get(camera_key, WatchState(WatchPhase.OPENING))

    # Asking

    async def async_still(self, camera_key: str) -> WatchStill:
        """Return a camera's last picture, waiting for the first one; raises WatchError."""
        end = self._clock.monotonic() + STILL_WITHIN
        while True:
            try:
                return await self._worker.still(camera_key)
            except WatchError as err:
                left = end - self._clock.monotonic()
                if err.reason != "no_picture" or left <= 0 or not await self._async_news_within(left):
                    raise

    async def _async_news_within(self, seconds: float) -> bool:
        """Wait until something is known anew of any camera; returns whether it is."""
        self._seen.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._seen.wait()
        except TimeoutError:
            return False
        return True

    async def async_record(self, camera_key: str, seconds: float, pre_roll: float = 0.0) -> str:
        """Begin to record now and return the clip's id; how it goes is told as news. Raises WatchError."""
        # The place for it may have become known only now; a watch that has ended needs none.
        if self._task is not None:
            await self._giving.async_now(camera_key)
        return await self._worker.record(camera_key, seconds, pre_roll)

    # Who listens

    @callback
    def async_follow(self, camera_key: str, on_news: OnNews, on_state: OnState) -> CALLBACK_TYPE:
        """Tell of a camera, beginning with how its watch stands, until the returned call."""
        unfollow = self._listeners.async_follow(camera_key, on_news, on_state)
        on_state(self.state(camera_key))
        return unfollow

    def newest(self, camera_key: str) -> tuple[Iterable[WatchNews], bool]:
        """Return what was told of the newest motion before a camera, and whether a follower heard it begin.

        Nothing of what is over since the watch was interrupted.
        """
        return self._listeners.newest(camera_key)

    @callback
    def async_missed(self, camera_key: str) -> Iterable[WatchNews]:
        """Return, once, what clips became whole while nobody followed a camera."""
        return self._listeners.async_missed(camera_key)

    @callback
    def async_listen(self, listener: Callable[[str, WatchNews], None]) -> CALLBACK_TYPE:
        """Tell of what happens before any camera, until the returned call."""
        return self._listeners.async_listen(listener)

    @callback
    def _async_on_camera(self, camera_key: str, state: WatchState) -> None:
        if camera_key in self._wishes:
            self._seen.set()
            self._tell_state(camera_key, self.state(camera_key))

    def _tell_state(self, camera_key: str, state: WatchState) -> None:
        if state.phase not in WATCHED:
            self._listeners.async_forget(camera_key)
        self._listeners.async_state(camera_key, state)

    @callback
    def _async_on_worker(self, state: ChildState) -> None:
        if state.phase is ChildPhase.FAILED:
            async_report_watch(self._hass, state.reason)
        elif state.phase is ChildPhase.READY or (state.phase is ChildPhase.STOPPED and not state.reason):
            # One that did not start has stopped, too: what was said of it, and not wanted to be seen, stays.
            async_clear_watch(self._hass)
        if self._up and state.phase is ChildPhase.BACKOFF:
            LOGGER.warning("The watch worker ended (%s) and is started again", state.reason)
        self._up = state.phase is ChildPhase.READY
        LOGGER.debug("The watch worker is %s (%s)", state.phase, state.reason)

    # Doing what is wanted

    async def _async_run(self) -> None:
        """Do what is wanted; what cannot be done now is tried again."""
        while True:
            self._news.clear()
            try:
                settled = await self._async_settle()
            except Exception:  # noqa: BLE001 - logged, and tried again
                # Whatever it was, cameras have to be watched again once it is over.
                LOGGER.exception("What is to be watched could not be settled")
                settled = False
            with suppress(TimeoutError):
                async with asyncio.timeout(None if settled else RETRY):
                    await self._news.wait()

    async def _async_settle(self) -> bool:
        """Return whether the worker is as it is wanted; it gets the cameras on their own, side by side."""
        if not self._wishes:
            # A process that watches nothing is none that anybody should have to look after.
            await self._worker.stop()
        elif not await self._async_start():
            return False
        while self._dirty:
            self._giving.async_begin(self._dirty.pop())
        return True

    async def _async_start(self) -> bool:
        try:
            await self._worker.start()
        except WatchError as err:
            if not self._down:
                LOGGER.warning("The watch worker does not start (%s); it is tried again", err.reason)
                async_report_watch(self._hass, err.reason)
            self._set_down(True)
            return False
        self._set_down(False)
        return True

    def _set_down(self, down: bool) -> None:
        if down is not self._down:
            self._down = down
            for camera_key in tuple(self._wishes):
                self._tell_state(camera_key, self.state(camera_key))

    async def _async_give(self, camera_key: str) -> bool:
        """Give a camera to the worker, or take it away; returns whether that is all there is to do."""
        if (wish := self._wishes.get(camera_key)) is None:
            await self._worker.remove(camera_key)
            return True
        settings, place = wish.settings, await self.find_place(camera_key)
        wanted = WatchSettings(settings.watch, settings.sensitivity, settings.zones)
        if place is not None:
            clips = replace(place, pre_roll=settings.pre_roll)
            wanted = replace(wanted, clips=clips, keep_motion=settings.clips)
        try:
            async with asyncio.timeout(SOURCE_WITHIN):
                url = await wish.source()
        except (EngineError, TimeoutError) as err:
            LOGGER.debug("A camera's stream cannot be watched yet (%s)", getattr(err, "reason", "timeout"))
            return False
        if self._wishes.get(camera_key) is wish:
            await self._worker.add(camera_key, url, wanted)
        return True
