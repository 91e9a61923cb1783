"""Actions about clips: delete one, keep one for ever. For whoever may control its camera."""

from collections.abc import Generator
from contextlib import contextmanager

import probatio

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv

from .clip_ids import ClipPlace, parse_media_content_id
from .clip_rights import async_require_control
from .clips import ClipNotFound, ClipsAway
from .const import DOMAIN
from .shared import async_get_shared

DELETE_CLIP = "delete_clip"
PIN_CLIP = "pin_clip"

ATTR_CLIP = "media_content_id"
ATTR_PINNED = "pinned"

MOST = 500
"""Clips of one call."""

_CLIPS = probatio.All(cv.ensure_list, [cv.string], probatio.Length(min=1, max=MOST))
DELETE_SCHEMA = probatio.Schema({probatio.Required(ATTR_CLIP): _CLIPS})
PIN_SCHEMA = probatio.Schema(
    {probatio.Required(ATTR_CLIP): _CLIPS, probatio.Optional(ATTR_PINNED, default=True): cv.boolean}
)


@callback
def async_set_up_clip_services(hass: HomeAssistant) -> None:
    """Register the actions; they are there whether an entry is loaded or not."""

    async def delete_clip(call: ServiceCall) -> None:
        clips = (await async_get_shared(hass)).clips
        for place in await _async_places(hass, call):
            with _clip_errors():
                await clips.async_delete(place)

    async def pin_clip(call: ServiceCall) -> None:
        clips = (await async_get_shared(hass)).clips
        for place in await _async_places(hass, call):
            with _clip_errors():
                await clips.async_pin(place, call.data[ATTR_PINNED])

    hass.services.async_register(DOMAIN, DELETE_CLIP, delete_clip, DELETE_SCHEMA)
    hass.services.async_register(DOMAIN, PIN_CLIP, pin_clip, PIN_SCHEMA)


async def _async_places(hass: HomeAssistant, call: ServiceCall) -> list[ClipPlace]:
    """Return the clips of a call; raises Unauthorized when the caller may not control the camera of one.

    All of them are judged before anything happens to the first.
    """
    places = []
    for text in call.data[ATTR_CLIP]:
        if (place := parse_media_content_id(text)) is None:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="clip_not_found")
        await async_require_control(hass, call.context, place.camera_key)
        places.append(place)
    return places


@contextmanager
def _clip_errors() -> Generator[None]:
    """Say what is wrong with clips in the words of Home Assistant."""
    try:
        yield
    except ClipNotFound as err:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="clip_not_found") from err
    except ClipsAway as err:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="clips_away") from err
