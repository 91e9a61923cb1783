"""A camera over whose video the watch worker died: its owner sees why nobody watches it."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from tests.support.crashing import crash

from .rigging import Home, wait_for
from .watch_rig import YARD, have_watched, key_of, until_watched, watching_of

pytestmark = pytest.mark.parametrize("simulator", [[YARD]], indirect=True)


async def test_a_camera_that_is_held_back_says_so_and_can_be_looked_at(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """Nobody sees motion meanwhile, and that is what its sensors say; it is watched again by itself."""
    sensor = "sensor.porch_watch_for_motion"
    er.async_get(hass).async_update_entity(sensor, disabled_by=None)
    await hass.config_entries.async_reload(home.entry.entry_id)
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    assert watching.pid is not None
    crash(watching.pid, 0)
    await wait_for(lambda: (found := hass.states.get(sensor)) and found.attributes["reason"] == "crashes", 5)
    assert home.state(sensor) == "stalled"
    assert home.state("binary_sensor.porch_motion") == "unavailable"
    await wait_for(lambda: watching.worker.phase == "ready", 10)
    assert watching.state(key).reason == "crashes", "the process is there again, and does not have it"
    stills = home.entry.runtime_data.coordinator.stills(key)
    assert stills is not None
    assert await stills.take() is not None, "by go2rtc then"
    await until_watched(hass, key)
    assert home.state("binary_sensor.porch_motion") != "unavailable"
