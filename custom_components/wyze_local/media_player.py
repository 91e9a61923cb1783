"""Media players: the speaker of each camera that has one, for announcements and other sounds."""

import asyncio
import contextlib
from typing import Any, override

from homeassistant.components import media_source
from homeassistant.components.media_player import (
    ATTR_MEDIA_EXTRA,
    BrowseMedia,
    MediaPlayerDeviceClass,
    MediaPlayerEntity,
    MediaPlayerEntityDescription,
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import CameraItem
from .const import DOMAIN
from .coordinator import CamerasCoordinator
from .engine.model import EngineError
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .ranks import async_is_enabled
from .sounds import async_open_sound
from .sounds_fetched import Sound
from .speakers import SUPERSEDED, async_follow_speakers, speech_key

PARALLEL_UPDATES = 0

SPEAKER = MediaPlayerEntityDescription(
    key="speaker", translation_key="speaker", device_class=MediaPlayerDeviceClass.SPEAKER
)

_HEARD = ("audio/", "video/")

MAX_TITLE = 255
"""Characters of a title; what is longer is cut."""


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the speakers of all cameras, as soon as a camera has said that it has one."""
    coordinator = entry.runtime_data.coordinator
    async_follow_speakers(
        hass, entry, SPEAKER.key, lambda item: WyzeLocalSpeaker(coordinator, item), async_add_entities
    )


class WyzeLocalSpeaker(WyzeLocalEntity, MediaPlayerEntity):
    """A camera's speaker. What comes later is heard: a new announcement ends the one before."""

    _attr_supported_features = (
        MediaPlayerEntityFeature.PLAY_MEDIA
        | MediaPlayerEntityFeature.STOP
        | MediaPlayerEntityFeature.MEDIA_ANNOUNCE
        | MediaPlayerEntityFeature.BROWSE_MEDIA
    )
    _attr_media_content_type: str | None = MediaType.MUSIC

    def __init__(self, coordinator: CamerasCoordinator, item: CameraItem) -> None:
        """Say nothing yet."""
        super().__init__(coordinator, item, SPEAKER)
        self._attr_entity_registry_enabled_default = async_is_enabled(
            coordinator.config_entry, item, SPEAKER.key
        )
        self._saying: asyncio.Task[None] | None = None

    @property
    @override
    def available(self) -> bool:
        """Return whether the camera can be reached, by the relay: go2rtc cannot be told to speak."""
        watched = self.coordinator.watched(self.camera_key)
        return self.has_picture and watched is not None and watched.settings.relayed

    @property
    @override
    def state(self) -> MediaPlayerState:
        """Return whether something is being said by us."""
        return MediaPlayerState.IDLE if self._saying is None else MediaPlayerState.PLAYING

    @override
    async def async_play_media(self, media_type: MediaType | str, media_id: str, **kwargs: Any) -> None:
        """Say a sound; returns when all of it was said, or when something else took its place."""
        sound = await async_open_sound(self.hass, media_id, self.entity_id)
        await self._async_stop()
        task = self._saying = self.coordinator.spawn(self._async_say(sound))
        self._attr_media_title = _title(kwargs.get(ATTR_MEDIA_EXTRA))
        self.async_write_ha_state()
        try:
            await task
        except asyncio.CancelledError:
            # Stopped by somebody; unless it is us who are to stop.
            if (me := asyncio.current_task()) is not None and me.cancelling():
                raise
        finally:
            if self._saying is task:
                self._saying = self._attr_media_title = None
                self.async_write_ha_state()

    async def _async_say(self, sound: Sound) -> None:
        async with contextlib.aclosing(sound):
            try:
                await self.coordinator.shared.relaying.async_say(self.camera_key, sound)
            except EngineError as err:
                if err.reason != SUPERSEDED:
                    raise HomeAssistantError(
                        translation_domain=DOMAIN, translation_key=speech_key(err.reason, self.status)
                    ) from err

    @override
    async def async_media_stop(self) -> None:
        """Be silent."""
        await self._async_stop()

    async def _async_stop(self) -> None:
        if (task := self._saying) is not None:
            task.cancel()
            await asyncio.wait([task])

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Be silent before it is gone."""
        await self._async_stop()
        await super().async_will_remove_from_hass()

    @override
    async def async_browse_media(
        self, media_content_type: MediaType | str | None = None, media_content_id: str | None = None
    ) -> BrowseMedia:
        """Return what there is to hear, in whatever Home Assistant knows media of."""
        return await media_source.async_browse_media(
            self.hass,
            media_content_id,
            content_filter=lambda item: item.media_content_type.startswith(_HEARD),
        )


def _title(extra: object) -> str | None:
    """Return the title that whoever plays something gave it, in either of the places that players look in."""
    for where in (extra, extra.get("metadata") if isinstance(extra, dict) else None):
        title = where.get("title") if isinstance(where, dict) else None
        if isinstance(title, str) and title.strip():
            return title.strip()[:MAX_TITLE]
    return None
