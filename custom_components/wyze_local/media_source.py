"""The media browser's view of the clips: camera, day, clip, the newest first.

Only for cameras that whoever asks may see. The order, times and days are those of Home Assistant's time zone.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, override

from homeassistant.components.media_player import BrowseError, MediaClass, MediaType
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant

from .clip_ids import ClipPlace, Shelf, parse_identifier
from .clip_rights import async_may_browse
from .clip_titles import ClipTitles, async_clip_titles, bounds, by_day
from .clips import ClipNotFound, Clips, ClipsAway
from .const import DOMAIN
from .engine.library import Clip
from .engine.model import ClipName
from .shared import async_get_shared
from .views import clip_url, still_url

MAX_DAYS = 366
"""Days of a camera that are listed."""

MAX_CLIPS = 500
"""Clips of a day that are listed."""

CONTENT_TYPE = "video/mp4"
TITLE = "Wyze Local"


async def async_get_media_source(hass: HomeAssistant) -> ClipSource:
    """Return the media source."""
    return ClipSource(hass, (await async_get_shared(hass)).clips)


class ClipSource(MediaSource):
    """The clips of all cameras."""

    name: str | None = TITLE

    def __init__(self, hass: HomeAssistant, clips: Clips) -> None:
        """Remember whose clips they are."""
        super().__init__(DOMAIN)
        self._hass = hass
        self._clips = clips

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return where a clip can be played, which is signed by whoever plays it."""
        place = parse_identifier(item.identifier or "")
        if not isinstance(place, ClipPlace) or not async_may_browse(self._hass, place.camera_key):
            raise Unresolvable(translation_domain=DOMAIN, translation_key="clip_not_found")
        try:
            path = await self._clips.async_path(place)
        except ClipNotFound as err:
            raise Unresolvable(translation_domain=DOMAIN, translation_key="clip_not_found") from err
        except ClipsAway as err:
            raise Unresolvable(translation_domain=DOMAIN, translation_key="clips_away") from err
        return PlayMedia(clip_url(place), CONTENT_TYPE, path=path)

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return what lies on a shelf."""
        shelf = parse_identifier(item.identifier or "")
        if not isinstance(shelf, Shelf) or (
            shelf.camera_key and not async_may_browse(self._hass, shelf.camera_key)
        ):
            raise BrowseError(translation_domain=DOMAIN, translation_key="clip_not_found")
        titles = await async_clip_titles(self._hass)
        try:
            cameras = await self._clips.async_cameras()
            if not shelf.camera_key:
                return await self._async_everything(cameras)
            if (name := cameras.get(shelf.camera_key)) is None:
                raise BrowseError(translation_domain=DOMAIN, translation_key="clip_not_found")
            if shelf.day is None:
                return _camera(
                    shelf.camera_key, name, *await self._clips.async_names(shelf.camera_key), titles
                )
            clips = await self._clips.async_list(shelf.camera_key, *bounds(shelf.day))
        except ClipsAway as err:
            raise BrowseError(translation_domain=DOMAIN, translation_key="clips_away") from err
        return _day(shelf.camera_key, shelf.day, name, clips, titles)

    async def _async_everything(self, names: Mapping[str, str]) -> BrowseMediaSource:
        """Return the shelf of all cameras that whoever asks may see."""
        cameras = [
            (name, key, await self._clips.async_newest(key))
            for key, name in names.items()
            if async_may_browse(self._hass, key)
        ]
        children = [
            _folder(key, name, thumbnail=_still(key, newest))
            for name, key, newest in sorted(cameras, key=lambda one: (one[0].casefold(), one[1]))
        ]
        return _folder("", TITLE, children=children)


def _camera(
    camera_key: str, name: str, names: list[ClipName], stills: list[ClipName], titles: ClipTitles
) -> BrowseMediaSource:
    """Return the shelf of a camera's days."""
    days = {day: len(clips) for day, clips in by_day(names)}
    newest = {day: clips[-1] for day, clips in by_day(stills)}
    children = [
        _folder(
            f"{camera_key}/{day.isoformat()}",
            titles.day(day, count),
            thumbnail=_still(camera_key, newest.get(day)),
        )
        for day, count in list(days.items())[:MAX_DAYS]
    ]
    return _folder(camera_key, name, children=children, not_shown=len(days) - len(children))


def _day(camera_key: str, day: date, name: str, clips: list[Clip], titles: ClipTitles) -> BrowseMediaSource:
    """Return the clips of a day."""
    children = [_clip(camera_key, clip, titles.clip(clip)) for clip in clips[:MAX_CLIPS]]
    return _folder(
        f"{camera_key}/{day.isoformat()}",
        f"{name} · {titles.day(day, len(clips))}",
        children=children,
        children_class=MediaClass.VIDEO,
        not_shown=len(clips) - len(children),
    )


def _still(camera_key: str, name: ClipName | None) -> str | None:
    """Return where a clip's still is had."""
    return still_url(ClipPlace(camera_key, name.id)) if name else None


def _clip(camera_key: str, clip: Clip, title: str) -> BrowseMediaSource:
    place = ClipPlace(camera_key, clip.id)
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=place.identifier,
        media_class=MediaClass.VIDEO,
        media_content_type=CONTENT_TYPE,
        title=title,
        can_play=True,
        can_expand=False,
        thumbnail=_still(camera_key, clip.name if clip.still else None),
    )


def _folder(
    identifier: str,
    title: str,
    *,
    thumbnail: str | None = None,
    children: list[BrowseMediaSource] | None = None,
    children_class: MediaClass = MediaClass.DIRECTORY,
    not_shown: int = 0,
) -> BrowseMediaSource:
    more: dict[str, Any] = {} if children is None else {"children": children, "not_shown": not_shown}
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY,
        media_content_type=MediaType.VIDEO,
        title=title,
        can_play=False,
        can_expand=True,
        children_media_class=children_class,
        thumbnail=thumbnail,
        **more,
    )
