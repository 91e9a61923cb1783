"""Tells automations and the library of clips that are whole: which event they show, and what is known."""

from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .clip_ids import ClipPlace
from .clips import ClipsError
from .const import DOMAIN, EVENT_CLIP, LOGGER
from .engine.events import CameraEvent
from .engine.model import ClipFinished
from .views import clip_url, still_url

if TYPE_CHECKING:
    from .clips import Clips


@callback
def async_fire_clip(
    hass: HomeAssistant, entry_id: str, camera_key: str, clip: ClipFinished, event: CameraEvent | None
) -> None:
    """Tell automations of a clip of an entry's camera that is whole; `event` is what it shows, if any."""
    place = ClipPlace(camera_key, clip.clip_id)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, camera_key), entry_id)
    told: dict[str, Any] = {
        "device_id": device.id if device else None,
        "event_id": event.id if event else None,
        "kinds": sorted(event.kinds) if event else [],
        "origin": event.origin.value if event else None,
        "clip": place.media_content_id,
        "video": clip_url(place),
        "picture": still_url(place) if clip.still else None,
        "seconds": round(clip.ended - clip.started, 1),
    }
    hass.bus.async_fire(EVENT_CLIP, told)


async def async_note_clips(clips: Clips, camera_key: str, event: CameraEvent, clip_ids: set[str]) -> None:
    """Have it kept beside clips of an event what is known of it by now, for who looks at them later."""
    for clip_id in sorted(clip_ids):
        try:
            await clips.async_note(ClipPlace(camera_key, clip_id), event)
        except ClipsError as err:
            # One that still grows is told when it is finished; another may have been deleted.
            LOGGER.debug("What is known of an event is not kept beside a clip (%s)", type(err).__name__)
