"""Actions about clips: record one now, delete one, keep one for ever. For whoever may control its camera."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import probatio

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv, service

from .camera import WyzeLocalCamera
from .clip_ids import ClipPlace, parse_media_content_id
from .clip_rights import async_require_control
from .clips import ClipGrows, ClipNotFound, ClipsAway
from .const import DOMAIN
from .engine.model import ClipBegan, ClipFailed
from .engine.watch import WatchError, WatchNews
from .record_errors import NOT_BEGUN, not_recorded
from .settings import MAX_PRE_ROLL
from .shared import async_get_shared
from .watching import Watching

RECORD = "record"
DELETE_CLIP = "delete_clip"
PIN_CLIP = "pin_clip"

ATTR_SECONDS = "seconds"
ATTR_PRE_ROLL = "pre_roll"
ATTR_CLIP = "media_content_id"
ATTR_PINNED = "pinned"

MOST = 500
"""Clips of one call."""

BEGIN_WITHIN = 10.0
"""Seconds that a recording may take to begin: longer than the worker waits for its first picture."""

MAX_SECONDS = 300
"""What one clip holds at most."""

RECORD_SCHEMA: dict[str | probatio.Marker, Any] = {
    probatio.Optional(ATTR_SECONDS, default=30): probatio.All(
        probatio.Coerce(float), probatio.Range(min=1, max=MAX_SECONDS)
    ),
    probatio.Optional(ATTR_PRE_ROLL, default=0): probatio.All(
        probatio.Coerce(float), probatio.Range(min=0, max=MAX_PRE_ROLL)
    ),
}
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

    # Checks by itself that the caller may control each of the cameras.
    service.async_register_platform_entity_service(
        hass,
        DOMAIN,
        RECORD,
        entity_domain=CAMERA_DOMAIN,
        schema=RECORD_SCHEMA,
        func=_async_record,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(DOMAIN, DELETE_CLIP, delete_clip, DELETE_SCHEMA)
    hass.services.async_register(DOMAIN, PIN_CLIP, pin_clip, PIN_SCHEMA)


async def _async_record(camera: WyzeLocalCamera, call: ServiceCall) -> dict[str, Any]:
    """Record a camera from now on; returns what the clip is called, which can be played at once."""
    shared = await async_get_shared(camera.hass)
    watching = shared.watching
    if camera.camera_key not in watching.cameras:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="record_not_watched",
            translation_placeholders={"camera": camera.entity_id},
        )
    try:
        with _clip_errors():
            await shared.clips.async_ready_to_record()
        clip_id = await _async_begun(
            watching, camera.camera_key, call.data[ATTR_SECONDS], call.data[ATTR_PRE_ROLL]
        )
    except WatchError as err:
        raise not_recorded(camera.entity_id, err) from err
    place = ClipPlace(camera.camera_key, clip_id)
    return {"clip_id": clip_id, ATTR_CLIP: place.media_content_id}


async def _async_begun(watching: Watching, camera_key: str, seconds: float, pre_roll: float) -> str:
    """Record, and wait until there is something to play; returns the clip's id. Raises WatchError."""
    heard: asyncio.Queue[ClipBegan | ClipFailed] = asyncio.Queue()

    @callback
    def hear(_camera_key: str, news: WatchNews) -> None:
        if isinstance(news, ClipBegan | ClipFailed):
            heard.put_nowait(news)

    unlisten = watching.async_listen(hear)
    try:
        clip_id = await watching.async_record(camera_key, seconds, pre_roll)
        async with asyncio.timeout(BEGIN_WITHIN):
            while (news := await heard.get()).clip_id != clip_id:
                continue
    except TimeoutError as err:
        raise WatchError(reason=NOT_BEGUN) from err
    finally:
        unlisten()
    if isinstance(news, ClipFailed):
        raise WatchError(reason=news.reason)
    return clip_id


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
    except ClipGrows as err:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="clip_growing") from err
    except ClipsAway as err:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="clips_away") from err
