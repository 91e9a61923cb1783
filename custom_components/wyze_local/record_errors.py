"""What a person is told when nothing was recorded: from the worker's reasons to keys of texts."""

from homeassistant.exceptions import HomeAssistantError

from .clip_trouble import FOLDER_TROUBLES
from .const import DOMAIN, LOGGER
from .engine.model import Trouble
from .engine.watch import WatchError

NOT_BEGUN = "not_begun"
"""The reason where nothing is known of a recording after the time in which it should have begun."""

RECORD_TROUBLES: dict[str, str] = {
    Trouble.BUSY: "busy",
    Trouble.NO_PICTURE: "no_picture",
    Trouble.UNPLAYABLE: "unplayable",
    NOT_BEGUN: "not_begun",
    "unknown_camera": "no_stream",
    "watch_down": "worker_down",
    "timeout": "no_answer",
}
"""Reasons that a person can meet, and the words for them; whatever else there may be is a fault."""


def not_recorded(entity_id: str, err: WatchError) -> HomeAssistantError:
    """Return why a camera was not recorded, with what to do; what nobody foresaw is logged."""
    if err.reason in FOLDER_TROUBLES:
        return HomeAssistantError(translation_domain=DOMAIN, translation_key="clips_away")
    if (word := RECORD_TROUBLES.get(err.reason)) is None:
        LOGGER.error("A camera could not be recorded (%s)", err.reason)
        word = "failed"
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=f"record_{word}",
        translation_placeholders={"camera": entity_id},
    )
