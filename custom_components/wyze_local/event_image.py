"""The picture of what happened last before a camera, made here: no cloud has a part in it."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from functools import partial
from typing import override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .cameras import CameraItem
from .clip_ids import ClipPlace
from .clips import ClipsError
from .engine.events import Fired, Kind, Origin
from .engine.library import Entry, belongs_to
from .engine.watch import WatchError
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .installation import SIGNAL_WENT

LAST_EVENT = "last_event"
"""The key of its description, by which others find it."""

STILL_WAIT = 5.0
"""Seconds that a still may take."""
MAX_STILL = 4 << 20
"""Bytes of the largest picture that is taken from the disk."""


class EventImage(WyzeLocalEntity, ImageEntity):
    """The last event's picture: of its beginning at once, of its best moment as soon as its clip is whole."""

    _attr_content_type = "image/jpeg"

    def __init__(
        self,
        hass: HomeAssistant,
        entry: WyzeLocalConfigEntry,
        item: CameraItem,
        description: ImageEntityDescription,
    ) -> None:
        """Tie the entity to its camera."""
        super().__init__(entry.runtime_data.coordinator, item, description)
        ImageEntity.__init__(self, hass, verify_ssl=True)
        self._shared = entry.runtime_data.shared
        self._news = entry.runtime_data.events.camera(item.key)
        self._jpeg: bytes | None = None
        self._event = ""
        """Which event it shows, or is about to."""
        self._clip = ""
        """The clip that its picture was taken from."""
        self._work: asyncio.Task[None] | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what happens before the camera; until then, show what the newest clip has."""
        await super().async_added_to_hass()
        self.async_on_remove(self._news.async_listen(self._async_follow))
        self.async_on_remove(self._news.async_listen_events(self._async_on_event))
        self.async_on_remove(self._shared.clips.async_listen_gone(self._async_gone))
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_WENT, self._async_went))
        self._begin(self._async_newest())

    @property
    @override
    def available(self) -> bool:
        """Return whether there is a picture, whatever the camera itself does."""
        return self._jpeg is not None

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture; of what has only just happened, as soon as it is there."""
        if self._work is not None:
            await asyncio.wait({self._work}, timeout=STILL_WAIT)
        return self._jpeg

    @callback
    def _begin(self, work: Awaitable[None]) -> None:
        if self._work is not None:
            self._work.cancel()
        self._work = self.coordinator.spawn(work)

    @callback
    def _async_on_event(self, fired: Fired) -> None:
        """Take the camera's picture of this moment."""
        if fired.kind is Kind.MOTION and fired.event.origin is not Origin.CLOUD:
            self._event, self._clip = fired.event.id, ""
            self._begin(self._async_still())

    @callback
    def _async_follow(self) -> None:
        """Take the picture of the best moment, once it lies beside the clip."""
        event = self._news.event(self._event)
        if event is not None and event.has_still and event.clip_id not in (None, self._clip):
            self._clip = event.clip_id or ""
            self._begin(self._async_from_clip(self._clip, event.frame_time or event.began))

    @callback
    def _async_gone(self, place: ClipPlace) -> None:
        """Learn that somebody deleted a clip."""
        if place.camera_key == self.camera_key:
            self._forget({place.clip_id})

    @callback
    def _async_went(self, gone: tuple[Entry, ...]) -> None:
        """Learn which clips were let go, because of their age or for space."""
        self._forget({one.name.id for one in gone if belongs_to(one.folder, self.camera_key)})

    def _forget(self, clip_ids: set[str]) -> None:
        """Show nothing of clips that are gone, but what the newest one left has."""
        event = self._news.event(self._event)
        if clip_ids & {self._clip, event.clip_id if event else None}:
            self._event = self._clip = ""
            self._jpeg = None
            self.async_write_ha_state()
            self._begin(self._async_newest())

    async def _async_still(self) -> None:
        try:
            async with asyncio.timeout(STILL_WAIT):
                still = await self._shared.watching.async_still(self.camera_key)
        except TimeoutError, WatchError:
            return
        self._show(still.jpeg, still.taken_at)

    async def _async_newest(self) -> None:
        try:
            newest = await self._shared.clips.async_newest(self.camera_key)
        except ClipsError:
            return
        if newest is not None:
            self._clip = newest.id
            await self._async_from_clip(newest.id, newest.at.timestamp())

    async def _async_from_clip(self, clip_id: str, at: float) -> None:
        clips = self._shared.clips
        try:
            file = await clips.async_open_still(ClipPlace(self.camera_key, clip_id))
            try:
                jpeg = await clips.async_read(partial(file.read, 0, MAX_STILL))
            finally:
                clips.close(file)
        except ClipsError:
            return
        self._show(jpeg, at)

    @callback
    def _show(self, jpeg: bytes, at: float) -> None:
        self._jpeg = jpeg
        self._attr_image_last_updated: datetime | None = dt_util.utc_from_timestamp(at)
        self.async_write_ha_state()
