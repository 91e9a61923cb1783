"""Choices that a camera keeps: night vision and its details, and the position it looks at."""

import pytest

from dev.simulator.settings import WayPoint

from .control_rig import EVERYTHING, Able, able, fresh
from .rigging import wait_for

__all__ = ["able", "fresh"]

pytestmark = pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)

CHOICES = {
    "night_vision": ("night_vision", {"on": 1, "off": 2, "auto": 3}),
    "infrared_lights": ("ir_led", {"near": 2, "far": 1}),
    "night_vision_begins": ("night_threshold", {"dark": 2, "dusk": 1}),
}


async def choose(able: Able, name: str, option: str) -> str | None:
    """Choose as the UI does; returns what is shown then."""
    entity_id = f"select.porch_{name}"
    await able.call("select.select_option", entity_id=entity_id, option=option)
    return able.state(entity_id)


async def test_choices_and_presets_are_the_cameras_own(able: Able) -> None:
    """Every option reaches it; presets go by number, and none is shown while it looks elsewhere."""
    for name, (setting, numbers) in CHOICES.items():
        for option, number in numbers.items():
            assert await choose(able, name, option) == option
            assert getattr(able.settings, setting) == number
    able.settings.way_points[:] = [WayPoint(30, 100, 5), WayPoint(90, 250, 5)]
    await able.controls.async_refresh(able.key)
    shown = able.hass.states.get("select.porch_preset")
    assert shown is not None
    assert (shown.state, shown.attributes["options"]) == ("unknown", ["1", "2"])
    assert await choose(able, "preset", "2") == "2"
    assert (able.settings.pan, able.settings.tilt) == (250, 90)
    able.settings.turn_to(249, 91)
    await able.controls.async_refresh(able.key)
    assert able.state("select.porch_preset") == "2"
    # It begins to turn when it has said yes, and nobody tells when it is there.
    able.camera.dawdle(0.5)
    await able.call("button.press", entity_id="button.porch_turn_to_rest")
    await wait_for(lambda: able.state("select.porch_preset") == "unknown", 15)
