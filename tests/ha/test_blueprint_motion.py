"""The blueprints that act on motion, run in Home Assistant: a light, and a phone that gets pictures."""

from datetime import timedelta
from typing import Any

import pytest

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .blueprint_rig import Automations, automations
from .rigging import Home

__all__ = ["automations"]

MOTION, OTHER = "binary_sensor.porch_motion", "binary_sensor.garden_motion"
EVENT = "event.porch_events"
KEY, CLIP = "0" * 32, "20261101T120000-01234567"
STILL = f"/api/wyze_local/still/{KEY}/{CLIP}.jpg"
VIDEO = f"/api/wyze_local/clip/{KEY}/{CLIP}.mp4"
MEDIA = f"media-source://wyze_local/{KEY}/{CLIP}"


@pytest.fixture
def lamp(hass: HomeAssistant) -> list[str]:
    """Have a lamp, and return what is done with it."""
    done: list[str] = []

    def note(call: ServiceCall) -> None:
        assert call.data["entity_id"] == ["light.lamp"]
        done.append(call.service)

    for service in ("turn_on", "turn_off"):
        hass.services.async_register("light", service, note)
    return done


def see(hass: HomeAssistant, **states: str) -> None:
    """Let motion sensors say something."""
    for name, state in states.items():
        hass.states.async_set(f"binary_sensor.{name}_motion", state, {"device_class": "motion"})


@pytest.mark.parametrize(("hour", "when", "shines"), [(23, "dark", 1), (12, "dark", 0), (12, "always", 1)])
async def test_the_light(
    hass: HomeAssistant, automations: Automations, lamp: list[str], hour: int, when: str, shines: int
) -> None:
    """It comes on with the first motion in the dark, and goes out after the last motion of all cameras."""
    await automations.set_hour(hour)
    see(hass, porch="off", garden="off")
    light = {"entity_id": ["light.lamp"]}
    await automations.make("light_on_motion", motion=[MOTION, OTHER], light=light, when=when, stay=60)
    see(hass, porch="on")
    await automations.settle()
    assert lamp == ["turn_on"] * shines
    see(hass, porch="off", garden="on")
    await automations.pass_time(61)
    assert "turn_off" not in lamp
    see(hass, garden="off")
    await automations.settle()
    assert "turn_off" not in lamp
    await automations.pass_time(61)
    assert lamp.count("turn_off") == shines
