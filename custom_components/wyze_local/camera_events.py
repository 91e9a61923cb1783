"""One stream of events for each camera of an entry: what is seen here, and what the cloud adds to it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .camera_news import CameraNews
from .cameras import CameraItem, camera_items, camera_settings
from .clip_news import async_fire_clip, async_note_clips
from .cloud_hints import CloudHints, wants_hints, wants_presses
from .const import KIND_STILLS
from .engine.events import CameraEvent, Fired, Hint, Kind, Origin
from .engine.model import ClipFinished, Cut, WatchMode
from .engine.watch import WatchNews

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry


class CameraEvents:
    """The events of one entry's cameras."""

    def __init__(
        self,
        entry: WyzeLocalConfigEntry,
        cameras: CamerasCoordinator,
        account: AccountCoordinator | None = None,
    ) -> None:
        """Prepare; nothing is heard of before `async_start`."""
        self._entry = entry
        self._cameras = cameras
        self._shared = cameras.shared
        self._news: dict[str, CameraNews] = {}
        self._ends: dict[str, Callable[[], None]] = {}
        self.hints = CloudHints(account, cameras, self._async_hint) if account else None
        """What asks the cloud; None where there is no account that could be asked."""

    @callback
    def async_start(self) -> None:
        """Begin, before anything is shown; cameras come and go."""
        self._async_follow()
        self._entry.async_on_unload(self._entry.runtime_data.async_listen_cameras(self._async_follow))
        self._entry.async_on_unload(self._async_end)

    def camera(self, camera_key: str) -> CameraNews:
        """Return the events of a camera of the entry."""
        if (news := self._news.get(camera_key)) is None:
            clock = self._shared.environment.clock
            news = self._news[camera_key] = CameraNews(clock, self._cameras.spawn)
        return news

    def is_watched(self, item: CameraItem) -> bool:
        """Tell whether a person wants a camera watched that can be: no battery, and more than stills."""
        settings = camera_settings(self._entry, item.key)
        if settings.watch is WatchMode.OFF or settings.kind == KIND_STILLS:
            return False
        return not self._cameras.catalog.model(item.model).battery

    def has_button(self, item: CameraItem) -> bool:
        """Tell whether presses of a camera's button can be heard of: only the cloud tells of them."""
        return self.hints is not None and self._cameras.catalog.model(item.model).doorbell

    def hears_presses(self, item: CameraItem) -> bool:
        """Tell whether a person wants to hear of them, for what that costs."""
        return self.has_button(item) and wants_presses(item)

    @callback
    def _async_follow(self) -> None:
        """Follow which cameras there are, and what is wanted of them."""
        items = {item.key: item for item in camera_items(self._entry)}
        for key in self._ends.keys() - items.keys():
            self._ends.pop(key)()
            self._news.pop(key, None)
        for key in items:
            news = self.camera(key)
            news.makes_clips = camera_settings(self._entry, key).clips
            if key not in self._ends:
                self._async_listen(key, news)
        if self.hints is not None:
            self.hints.async_follow()

    @callback
    def _async_listen(self, key: str, news: CameraNews) -> None:
        @callback
        def take(one: WatchNews) -> None:
            news.async_take(one)
            if isinstance(one, ClipFinished):
                event = news.shown_by(one)
                # What a crash left may be hours old: it is in the library, and no news.
                if one.cut is not Cut.SALVAGED:
                    entry_id = self._cameras.config_entry.entry_id
                    async_fire_clip(self._cameras.hass, entry_id, key, one, event)
                self._note(key, event, one.clip_id)

        @callback
        def told(fired: Fired) -> None:
            self._async_on_event(key, fired)

        # Before it follows itself: what began while nobody did is told as what begins now.
        newest, heard = self._shared.watching.newest(key)
        stop = self._shared.watching.async_follow(key, take, news.async_take_state)
        quiet = news.async_listen_events(told)
        if heard:
            news.async_resume(newest)
        else:
            for one in newest:
                take(one)
        for one in self._shared.watching.async_missed(key):
            take(one)

        @callback
        def end() -> None:
            stop()
            quiet()

        self._ends[key] = end

    @callback
    def _async_end(self) -> None:
        for end in self._ends.values():
            end()
        self._ends.clear()

    @callback
    def _async_on_event(self, key: str, fired: Fired) -> None:
        """Have the cloud asked what it was that moved here; and what it says kept beside the clip."""
        if fired.event.origin is Origin.BOTH:
            self._note(key, fired.event, *fired.event.parts)
        if self.hints is not None and fired.kind is Kind.MOTION and fired.event.origin is not Origin.CLOUD:
            self.hints.async_moved()

    def _note(self, key: str, event: CameraEvent | None, *parts: str) -> None:
        """Keep beside the first clip of an event, and beside these, what is known of it."""
        if event is not None and event.clip_id is not None:
            clip_ids = {event.clip_id, *parts}
            self._cameras.spawn(async_note_clips(self._shared.clips, key, event, clip_ids))

    @callback
    def _async_hint(self, item: CameraItem, hint: Hint, fresh: frozenset[Kind]) -> None:
        """Add what the cloud tells; presses only where somebody waits for them, and all else likewise."""
        if not self.hears_presses(item):
            fresh -= {Kind.RING}
        if not wants_hints(self._entry):
            # The answer to a question for presses tells of everything.
            fresh &= {Kind.RING}
        self.camera(item.key).async_hint(hint, fresh)
