"""The doors to clips and their stills: for whoever may see the camera, at the moment of looking.

A place is made of a camera key and a clip id in their strict forms; no part of a path comes from outside.
A signature stands for the user who asked for it, whose rights count when it is used, not when it was made.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, override

from aiohttp import web

from homeassistant.components.http import KEY_HASS_USER, HomeAssistantView
from homeassistant.core import HomeAssistant, callback

from .clip_ids import ClipPlace
from .clip_rights import async_may
from .clips import ClipNotFound, Clips, ClipsAway
from .const import DOMAIN
from .engine.library import OpenFile
from .serving import async_send

CLIP_URL = f"/api/{DOMAIN}/clip/{{camera_key}}/{{clip_id}}.mp4"
STILL_URL = f"/api/{DOMAIN}/still/{{camera_key}}/{{clip_id}}.jpg"


def clip_url(place: ClipPlace) -> str:
    """Return the path of a clip, for whoever is signed in or has it signed."""
    return CLIP_URL.format(camera_key=place.camera_key, clip_id=place.clip_id)


def still_url(place: ClipPlace) -> str:
    """Return the path of a clip's still, likewise."""
    return STILL_URL.format(camera_key=place.camera_key, clip_id=place.clip_id)


@callback
def async_set_up_views(hass: HomeAssistant, clips: Clips) -> None:
    """Open the doors; they stay as long as Home Assistant runs."""
    hass.http.register_view(ClipView(hass, clips))
    hass.http.register_view(StillView(hass, clips))


class _FileView(HomeAssistantView, ABC):
    """One kind of file of a clip."""

    content_type: ClassVar[str]

    def __init__(self, hass: HomeAssistant, clips: Clips) -> None:
        """Remember whose clips they are."""
        self._hass = hass
        self._clips = clips

    @abstractmethod
    async def _async_open(self, place: ClipPlace) -> tuple[OpenFile, bool]:
        """Open the file; and tell whether it still grows."""

    async def get(self, request: web.Request, camera_key: str, clip_id: str) -> web.StreamResponse:
        """Send the file, or the part of it that is asked for."""
        if (place := ClipPlace.parse(camera_key, clip_id)) is None:
            raise web.HTTPNotFound
        # Not 401: Home Assistant counts that as an attempt to break in.
        if not async_may(self._hass, request[KEY_HASS_USER], place.camera_key):
            raise web.HTTPForbidden
        try:
            file, growing = await self._async_open(place)
            try:
                return await async_send(
                    request, file, self.content_type, self._clips.async_read, growing=growing
                )
            finally:
                self._clips.close(file)
        except ClipNotFound as err:
            raise web.HTTPNotFound from err
        except ClipsAway as err:
            raise web.HTTPServiceUnavailable from err

    async def head(self, request: web.Request, camera_key: str, clip_id: str) -> web.StreamResponse:
        """Tell what `get` would send: some cast devices ask first."""
        return await self.get(request, camera_key, clip_id)


class ClipView(_FileView):
    """The door to clips."""

    url: str | None = CLIP_URL
    name = f"api:{DOMAIN}:clip"
    content_type = "video/mp4"

    @override
    async def _async_open(self, place: ClipPlace) -> tuple[OpenFile, bool]:
        return await self._clips.async_open(place)


class StillView(_FileView):
    """The door to their stills."""

    url: str | None = STILL_URL
    name = f"api:{DOMAIN}:still"
    content_type = "image/jpeg"

    @override
    async def _async_open(self, place: ClipPlace) -> tuple[OpenFile, bool]:
        return await self._clips.async_open_still(place), False
