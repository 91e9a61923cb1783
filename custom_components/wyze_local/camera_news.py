"""What happens before one camera, for all who want to know: entities, pictures, automations."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any

from homeassistant.core import callback

from .engine.events import CameraEvent, EventStream, Fired, Hint, Kind, Seen
from .engine.model import ClipBegan, ClipFailed, ClipFinished, ClipStill, Clock
from .engine.watch import MotionBegan, MotionEnded, MotionGrew, WatchNews, WatchState
from .watching import WATCHED

CLIP_WAIT = 0.6
"""Seconds that an event waits at most for the name of its clip, which comes right after it."""

type Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
type OnEvent = Callable[[Fired], None]


class CameraNews:
    """The events of one camera. Local ones go on whatever the cloud does."""

    def __init__(self, clock: Clock, spawn: Spawn) -> None:
        """Begin with nothing; `spawn` does something for as long as the entry is loaded."""
        self._clock = clock
        self._spawn = spawn
        self._stream = EventStream()
        self._held: dict[str, tuple[Fired, ...]] = {}
        """What waits for the name of its clip, by episode."""
        self._early: tuple[str, str] = ("", "")
        """An episode and its clip, where the clip was told of first."""
        self._on_event: list[OnEvent] = []
        self._on_change: list[Callable[[], None]] = []
        self.watched = False
        """Whether somebody looks at its picture now."""
        self.makes_clips = False
        """Whether its motion is kept as a clip."""

    @property
    def moving(self) -> bool:
        """Whether something moves before it, as far as is seen here."""
        return self.watched and self._stream.moving

    @property
    def last(self) -> CameraEvent | None:
        """The newest event."""
        return self._stream.last

    def event(self, event_id: str) -> CameraEvent | None:
        """Return an event, if it is among the newest."""
        return self._stream.event(event_id)

    def shown_by(self, clip: ClipFinished) -> CameraEvent | None:
        """Return the event that a clip shows, if it shows one that is among the newest."""
        return self._stream.named(clip.event_id) if clip.event_id else None

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have something called at every change; returns what ends that."""
        self._on_change.append(listener)
        return lambda: self._on_change.remove(listener)

    @callback
    def async_listen_events(self, listener: OnEvent) -> Callable[[], None]:
        """Have something called with whatever is to be told, once each; returns what ends that."""
        self._on_event.append(listener)
        return lambda: self._on_event.remove(listener)

    # What is seen here

    @callback
    def async_take(self, news: WatchNews) -> None:
        """Take what the watch worker says happened."""
        match news:
            case MotionBegan():
                self._began(news)
            case MotionGrew():
                self._stream.grew(news.event_id, _seen(news))
            case MotionEnded():
                self._stream.ended(news.event_id, news.at)
            case ClipBegan() | ClipStill() | ClipFinished() | ClipFailed():
                self._clip(news)
        self._changed()

    @callback
    def async_resume(self, told: Iterable[WatchNews]) -> None:
        """Take up a motion of which those who were here before have been told: they are not told again."""
        for news in told:
            if isinstance(news, MotionBegan):
                self._stream.began(news.event_id, _seen(news))
            else:
                self.async_take(news)
        self._changed()

    @callback
    def async_take_state(self, state: WatchState) -> None:
        """Take how its watch stands; nobody who does not look sees anything move."""
        watched = state.phase in WATCHED
        if watched is self.watched:
            return
        if not watched:
            self._stream.lost(self._clock.time())
        self.watched = watched
        self._changed()

    def _began(self, news: MotionBegan) -> None:
        """Tell it at once, or as soon as it is known which clip shows it: a moment later."""
        episode, clip = self._early
        clip_id = clip if episode == news.event_id else None
        fired = self._stream.began(news.event_id, _seen(news), clip_id)
        if self.makes_clips and clip_id is None:
            self._held[news.event_id] = fired
            self._spawn(self._async_hold(news.event_id))
        else:
            self._tell(fired)

    async def _async_hold(self, episode: str) -> None:
        await self._clock.sleep(CLIP_WAIT)
        self._release(episode)

    @callback
    def _release(self, episode: str) -> None:
        event = self._stream.named(episode)
        for fired in self._held.pop(episode, ()):
            self._tell((replace(fired, event=event or fired.event),))

    def _clip(self, news: ClipBegan | ClipStill | ClipFinished | ClipFailed) -> None:
        """Take what becomes of a clip; of an event in several parts the first one is its clip."""
        if (episode := news.event_id) is None:
            return
        event = self._stream.named(episode)
        if event is None and isinstance(news, ClipBegan):
            self._early = (episode, news.clip_id)
        if event is None:
            return
        if event.clip_id not in (None, news.clip_id):
            if isinstance(news, ClipFinished):
                self._stream.goes_on(episode, news.clip_id)
            return
        if isinstance(news, ClipFailed):
            self._stream.clip(episode, None)
        else:
            finished = event.clip_finished or isinstance(news, ClipFinished)
            still = event.has_still or (isinstance(news, ClipFinished) and news.still)
            self._stream.clip(episode, news.clip_id, finished=finished, has_still=still)
        self._release(episode)

    # What the cloud tells

    @callback
    def async_hint(self, hint: Hint, fresh: frozenset[Kind]) -> None:
        """Take a hint of now; `fresh` is what it has not told before."""
        self._tell(self._stream.hint(hint, fresh))
        self._changed()

    def _tell(self, fired: tuple[Fired, ...]) -> None:
        for one in fired:
            for listener in tuple(self._on_event):
                listener(one)

    def _changed(self) -> None:
        for listener in tuple(self._on_change):
            listener()


def _seen(news: MotionBegan | MotionGrew) -> Seen:
    return Seen(news.at, news.score, news.zones, news.box)
