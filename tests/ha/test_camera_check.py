"""The camera check in Home Assistant: an answer for who asks for one, a notification for who does not."""

from typing import Any

import pytest

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er

from dev.simulator import CameraSpec, Says, Simulator

from .clip_rig import Clips, clips
from .rigging import DOMAIN, Home, wait_for

__all__ = ["clips"]


async def _check(hass: HomeAssistant, *, response: bool = True, **extra: Any) -> Any:
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "check_camera",
        {"entity_id": "camera.porch", "seconds": 2},
        blocking=True,
        return_response=response,
        **extra,
    )
    return answer["camera.porch"] if response else None


async def test_a_check_answers_in_data_and_in_sentences(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    camera = simulator.cameras["porch"]
    await home.set_up()
    await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    report = await _check(hass)
    assert report["diagnosis"] == "well"
    assert report["model"] == camera.spec.model
    assert "✓ Has the key: passed" in report["text"]
    assert "→ Please add this report" in report["text"]
    said = str(report).lower()
    spec = camera.spec
    assert not [word for word in (spec.uid, spec.enr, spec.mac, "127.0.0.1") if word.lower() in said]
    camera.freeze()
    assert (await _check(hass))["diagnosis"] == "no_media"


async def test_without_an_answer_a_notification_tells(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """A second check of the same camera takes the place of the first."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    for diagnosis in ("Everything holds.", "The camera has another key"):
        await _check(hass, response=False)
        (told,) = hass.data["persistent_notification"].values()
        assert told["title"] == "Check of Porch"
        assert diagnosis in told["message"]
        assert '"diagnosis": "' in told["message"]
        simulator.cameras["porch"].change_key()


async def test_a_camera_is_checked_by_whoever_may_control_it(
    hass: HomeAssistant, home: Home, clips: Clips
) -> None:
    stranger = await clips.person("camera.shed")
    with pytest.raises(Unauthorized):
        await _check(hass, context=Context(user_id=stranger.id))


@pytest.mark.parametrize("simulator", [[CameraSpec("porch")]], indirect=True)
async def test_one_check_of_a_camera_at_a_time(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    first = hass.async_create_task(_check(hass))
    await wait_for(lambda: bool(hass.data.get(f"{DOMAIN}_checks")))
    with pytest.raises(ServiceValidationError) as refused:
        await _check(hass)
    assert refused.value.translation_key == "check_running"
    assert (await first)["diagnosis"] == "well"


async def test_the_button_checks_a_camera_that_cannot_be_reached_too(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """It is disabled until somebody wants it."""
    camera = simulator.cameras["porch"]
    await home.set_up()
    await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    button = "button.porch_check_camera"
    entities = er.async_get(hass)
    entry = entities.async_get(button)
    assert entry is not None
    assert entry.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    entities.async_update_entity(button, disabled_by=None)
    await hass.config_entries.async_reload(home.entry.entry_id)
    camera.say(Says.UPDATING)
    await wait_for(lambda: home.state(button) == "unknown")
    await hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
    (told,) = hass.data["persistent_notification"].values()
    assert "The camera is installing firmware." in told["message"]
