"""Lamps: on and off by the camera's own word, and unavailable when it has none."""

import pytest

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from dev.simulator import Stubborn

from .control_rig import EVERYTHING, PLAIN, Able, fresh
from .rigging import wait_for

__all__ = ["fresh"]

everything = pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)


@everything
@pytest.mark.parametrize("lamp", ["floodlight", "spotlight"])
async def test_a_lamp_is_what_the_camera_says(fresh: Able, lamp: str) -> None:
    """When the action has returned, the camera has it so, and it shows."""
    entity_id = f"light.porch_{lamp}"
    assert fresh.state(entity_id) == "off"
    assert await fresh.switch(entity_id, on=True) == "on"
    assert getattr(fresh.settings, lamp) == 1
    assert await fresh.switch(entity_id, on=False) == "off"
    assert getattr(fresh.settings, lamp) == 2


@everything
async def test_nothing_is_shown_that_the_camera_did_not_do(fresh: Able) -> None:
    """It says yes and does nothing: whoever asked is told, and the lamp shows what it is."""
    fresh.camera.disobey(Stubborn.IGNORES)
    with pytest.raises(HomeAssistantError) as err:
        await fresh.switch("light.porch_floodlight", on=True)
    assert err.value.translation_key == "control_ignored"
    assert fresh.state("light.porch_floodlight") == "off"


@everything
async def test_a_camera_that_is_gone_has_no_lamp_to_see(fresh: Able) -> None:
    """What it said last holds no longer once it does not answer; and again as soon as it does."""
    fresh.camera.mute()
    with pytest.raises(HomeAssistantError):
        await fresh.controls.async_refresh(fresh.key)
    await wait_for(lambda: fresh.state("light.porch_floodlight") == STATE_UNAVAILABLE)
    fresh.camera.resume()
    await wait_for(lambda: fresh.state("camera.porch") == "idle", 30)
    await fresh.controls.async_refresh(fresh.key)
    assert fresh.state("light.porch_floodlight") == "off"


@pytest.mark.parametrize("simulator", [[PLAIN]], indirect=True)
async def test_who_has_no_lamp_gets_no_entity(fresh: Able) -> None:
    """A camera that answered for night vision, and for no lamp, siren or motor."""
    assert fresh.state("select.porch_night_vision") == "auto"
    registry = er.async_get(fresh.hass)
    missing = ("light.porch_floodlight", "light.porch_spotlight", "siren.porch_siren", "select.porch_preset")
    assert not [entity_id for entity_id in missing if registry.async_get(entity_id) is not None]
