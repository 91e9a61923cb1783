"""Who hears of watched cameras, and what whoever comes later has to know: the newest motion before each."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from homeassistant.core import CALLBACK_TYPE, callback

from .engine.model import ClipBegan, ClipFinished
from .engine.watch import MotionBegan, MotionEnded, MotionGrew, WatchNews, WatchState

MAX_MISSED = 16
"""Clips of a camera that are kept to be told: a reload takes seconds, while nobody may follow it for good."""

type OnNews = Callable[[WatchNews], None]
type OnState = Callable[[WatchState], None]


@dataclass(slots=True)
class _Episode:
    """The newest motion before a camera, which may go on."""

    id: str
    heard: bool
    """Whether somebody who follows the camera was told of it when it began."""
    news: dict[type, WatchNews] = field(default_factory=dict)
    """The newest of each kind, in the order in which the first ones came; of its clips the first one."""


class WatchListeners:
    """Those who listen to all cameras, and those who follow one."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._followers: dict[str, list[tuple[OnNews, OnState]]] = {}
        self._all: set[Callable[[str, WatchNews], None]] = set()
        self._episodes: dict[str, _Episode] = {}
        self._missed: dict[str, deque[ClipFinished]] = {}
        """The clips of each camera that became whole while nobody followed it: in a reload."""

    @callback
    def async_follow(self, camera_key: str, on_news: OnNews, on_state: OnState) -> CALLBACK_TYPE:
        """Tell of a camera until the returned call."""
        follower = on_news, on_state
        self._followers.setdefault(camera_key, []).append(follower)

        @callback
        def unfollow() -> None:
            followers = self._followers.get(camera_key, [])
            if follower in followers:
                followers.remove(follower)
            if not followers:
                self._followers.pop(camera_key, None)

        return unfollow

    @callback
    def async_listen(self, listener: Callable[[str, WatchNews], None]) -> CALLBACK_TYPE:
        """Tell of what happens before any camera, until the returned call."""
        self._all.add(listener)
        return lambda: self._all.discard(listener)

    @callback
    def async_news(self, camera_key: str, news: WatchNews) -> None:
        """Tell everybody what happened before a camera."""
        self._remember(camera_key, news)
        if isinstance(news, ClipFinished) and camera_key not in self._followers:
            self._missed.setdefault(camera_key, deque(maxlen=MAX_MISSED)).append(news)
        for listener in tuple(self._all):
            listener(camera_key, news)
        for on_news, _ in tuple(self._followers.get(camera_key, ())):
            on_news(news)

    @callback
    def async_state(self, camera_key: str, state: WatchState) -> None:
        """Tell its followers how the watch of a camera stands."""
        for _, on_state in tuple(self._followers.get(camera_key, ())):
            on_state(state)

    def newest(self, camera_key: str) -> tuple[Iterable[WatchNews], bool]:
        """Return what was told of a camera's newest motion, and whether a follower heard it begin."""
        if (episode := self._episodes.get(camera_key)) is None:
            return (), True
        return tuple(episode.news.values()), episode.heard

    @callback
    def async_missed(self, camera_key: str) -> Iterable[ClipFinished]:
        """Return the clips of which no follower of a camera was told; they are told with that."""
        return self._missed.pop(camera_key, ())

    @callback
    def async_forget(self, camera_key: str) -> None:
        """Forget its motion: nobody has looked at the camera since."""
        self._episodes.pop(camera_key, None)
        self._missed.pop(camera_key, None)

    def _remember(self, camera_key: str, news: WatchNews) -> None:
        if isinstance(news, MotionBegan):
            heard = camera_key in self._followers
            self._episodes[camera_key] = _Episode(news.event_id, heard)
        episode = self._episodes.get(camera_key)
        if episode is None or episode.id != news.event_id:
            return
        if isinstance(news, MotionBegan | MotionGrew | MotionEnded):
            episode.news[type(news)] = news
        elif isinstance(news, ClipBegan):
            episode.news.setdefault(ClipBegan, news)
