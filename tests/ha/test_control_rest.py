"""What else is shown of a camera and changed of it: bitrate, clock, place of rest, signal and card."""

import asyncio
import time

import pytest

from homeassistant.exceptions import ServiceValidationError

from custom_components.wyze_local.camera_check import RUNNING

from .control_rig import EVERYTHING, Able, able, fresh
from .rigging import wait_for

__all__ = ["able", "fresh"]


@pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)
async def test_numbers_buttons_and_sensors(able: Able) -> None:
    """Of one camera that has all of it, as each set-up takes seconds."""
    await bitrate(able)
    await clock(able)
    await rest(able)
    told(able)
    await size(able)
    await beside_a_check(able)


async def bitrate(able: Able) -> None:
    """Another reaches the camera and changes nothing else of its pictures; what is none is refused."""
    entity_id = "number.porch_bitrate"
    assert able.state(entity_id) == str(able.settings.bitrate)
    before = (able.settings.resolution, able.settings.fps)
    await able.call("number.set_value", entity_id=entity_id, value=180)
    assert (able.settings.bitrate, able.state(entity_id)) == (180, "180")
    assert (able.settings.resolution, able.settings.fps) == before
    with pytest.raises(ServiceValidationError):
        await able.call("number.set_value", entity_id=entity_id, value=0)
    assert able.settings.bitrate == 180


async def clock(able: Able) -> None:
    """A camera that lost its time has ours."""
    able.settings.clock_offset, began = -86_400, time.monotonic()
    await able.call("button.press", entity_id="button.porch_set_clock")
    assert abs(able.settings.clock_offset) <= 2 + time.monotonic() - began


async def rest(able: Able) -> None:
    """It turns back from wherever it looks."""
    home = (able.settings.pan, able.settings.tilt)
    able.settings.turn_to(20, 20)
    await able.call("button.press", entity_id="button.porch_turn_to_rest")
    assert (able.settings.pan, able.settings.tilt) == home


async def size(able: Able) -> None:
    """What was asked for is one thing, what the camera says that it sends another."""
    assert able.state("sensor.porch_picture_size") == "1080p"
    able.settings.resolution = 1
    await able.controls.async_refresh(able.key)
    assert able.state("sensor.porch_picture_size") == "360p"
    assert able.state("select.porch_picture_quality") == "camera"


def told(able: Able) -> None:
    """A signal in a measure of its own has no unit; the card's room is in gigabytes."""
    signal = able.hass.states.get("sensor.porch_wi_fi_signal")
    assert signal is not None
    assert signal.state == str(able.settings.wifi)
    assert "unit_of_measurement" not in signal.attributes
    assert able.state("binary_sensor.porch_sd_card") == "on"
    assert able.state("sensor.porch_free_on_the_sd_card") == "12.0"
    assert able.state("sensor.porch_size_of_the_sd_card") == "30.436"


async def beside_a_check(able: Able) -> None:
    """A check takes a minute; no other button waits for it."""
    check = able.hass.async_create_task(able.call("button.press", entity_id="button.porch_check_camera"))
    await wait_for(lambda: RUNNING in able.hass.data and bool(able.hass.data[RUNNING]))
    async with asyncio.timeout(5):
        await rest(able)
    assert able.hass.data[RUNNING]
    check.cancel()
    await asyncio.gather(check, return_exceptions=True)
