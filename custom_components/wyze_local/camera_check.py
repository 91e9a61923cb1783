"""The camera check inside Home Assistant: runs in the relay, is told in the language of the house."""

import json
from typing import TYPE_CHECKING, Any

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.loader import async_get_integration
from homeassistant.util.hass_dict import HassKey

from .cameras import camera_names
from .const import DOMAIN, LOGGER
from .engine.check import PREFIX, Report, Words, as_data, as_json, as_text, from_data
from .engine.model import EngineError, StreamAddress

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator

LISTEN = 10.0
"""Seconds of media."""

RUNNING: HassKey[set[str]] = HassKey(f"{DOMAIN}_checks")

_RELAY_DOWN = "relay_down"
_TIMEOUT = "timeout"
_FAULT = "fault"
_WORDS = {
    "relay_down": _RELAY_DOWN,
    "not_started": _RELAY_DOWN,
    "not_ready": _RELAY_DOWN,
    "timeout": _TIMEOUT,
}
"""What is said of the reasons that are nobody's mistake."""

CHECK_FAILURES = frozenset({_RELAY_DOWN, _TIMEOUT, _FAULT})
"""Why a check may not come about, each with a text of its own."""

_SELECTORS = f"component.{DOMAIN}.selector."


async def async_check(coordinator: CamerasCoordinator, camera_key: str, seconds: float = LISTEN) -> Report:
    """Check a camera from its address to its pictures; it may take a minute. Nothing is changed at it.

    Raises ServiceValidationError when it cannot be checked, HomeAssistantError when the check itself fails.
    """
    running = coordinator.hass.data.setdefault(RUNNING, set())
    if camera_key in running:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="check_running")
    watched = coordinator.watched(camera_key)
    credentials = watched.record.camera.credentials if watched is not None else None
    if credentials is None or isinstance(credentials, StreamAddress):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="check_not_possible")
    running.add(camera_key)
    try:
        answer = await coordinator.shared.relaying.async_check(
            camera_key, credentials, coordinator.networks, seconds
        )
        return from_data(json.loads(answer))
    except (EngineError, ValueError, KeyError, TypeError) as err:
        reason = err.reason if isinstance(err, EngineError) else type(err).__name__
        if reason not in _WORDS:
            LOGGER.error("A camera could not be checked (%s)", reason)
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=check_failure_key(reason),
        ) from err
    finally:
        running.discard(camera_key)


def check_failure_key(reason: str) -> str:
    """Return the exception key for why a check failed; what nobody foresaw is a mistake of ours."""
    word = _WORDS.get(reason, _FAULT)
    return f"check_failed_{word}"


async def async_version(hass: HomeAssistant) -> str:
    """Return the integration's version."""
    return str((await async_get_integration(hass, DOMAIN)).version or "")


async def async_response(hass: HomeAssistant, report: Report) -> dict[str, Any]:
    """Return a report as the answer of an action: as data, and as text."""
    data = as_data(report, await async_version(hass))
    return {**data, "text": as_text(report, await _async_words(hass))}


async def async_show(coordinator: CamerasCoordinator, camera_key: str, report: Report) -> None:
    """Show a report as a notification; another check of the same camera replaces it."""
    hass = coordinator.hass
    words = await _async_words(hass)
    name = camera_names(coordinator.config_entry).get(camera_key, "")
    details = as_json(report, await async_version(hass))
    parts = (
        f"```text\n{as_text(report, words)}\n```",
        words.text("summary", "table"),
        f"```json\n{details}\n```",
    )
    persistent_notification.async_create(
        hass,
        "\n\n".join(parts),
        title=words.text("summary", "title").format(camera=name),
        notification_id=f"{DOMAIN}_check_{camera_key}",
    )


async def _async_words(hass: HomeAssistant) -> Words:
    """Return the words in the language that Home Assistant is set to."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    groups: dict[str, dict[str, str]] = {}
    for path, text in texts.items():
        group, _, key = path.removeprefix(_SELECTORS).partition(".options.")
        if group.startswith(PREFIX):
            groups.setdefault(group, {})[key] = text
    return Words(groups)
