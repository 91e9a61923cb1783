"""A camera over whose video the watch worker died: its owner sees why nobody watches it."""

from datetime import timedelta
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local.engine.watch import FORGIVEN, quarantine
from custom_components.wyze_local.held_repairs import LASTS
from tests.support.crashing import crash

from .rigging import Home, wait_for
from .watch_rig import YARD, have_watched, key_of, until_watched, watching_of

pytestmark = pytest.mark.parametrize("simulator", [[YARD]], indirect=True)

HELD = 15.0
"""Seconds for which the camera is held back here, about."""


def told(hass: HomeAssistant) -> list[str]:
    """Return of which cameras a repair says that they are held back."""
    issues = ir.async_get(hass).issues.values()
    found = [one.translation_placeholders for one in issues if one.translation_key == "watch_held"]
    return [placeholders["camera"] for placeholders in found if placeholders]


async def test_a_camera_that_is_held_back_says_so_and_can_be_looked_at(
    hass: HomeAssistant, home: Home, porch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sees motion meanwhile, and that is what its sensors say; it is watched again by itself."""
    # Longer than a slow machine takes to start the next process: it must not have the camera yet.
    monkeypatch.setattr(quarantine, "PAUSES", (HELD,))
    sensor = "sensor.porch_watch_for_motion"
    er.async_get(hass).async_update_entity(sensor, disabled_by=None)
    # Home Assistant loads the entry anew for it, after half a minute.
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=40))
    await wait_for(lambda: hass.states.get(sensor))
    key, watching = key_of(home), watching_of(hass)
    await have_watched(home, key)
    assert watching.pid is not None
    crash(watching.pid, 0)
    await wait_for(lambda: (found := hass.states.get(sensor)) and found.attributes["reason"] == "crashes")
    assert home.state(sensor) == "stalled"
    assert home.state("binary_sensor.porch_motion") == "unavailable"
    assert told(hass) == [], "a single time is no repair"
    # Before time passes: what a process may take to begin would be over, too.
    await wait_for(lambda: watching.worker.phase == "ready")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=LASTS + 10))
    await wait_for(lambda: told(hass) == ["Porch"])
    assert watching.state(key).reason == "crashes", "the process is there again, and does not have it"
    stills = home.entry.runtime_data.coordinator.stills(key)
    assert stills is not None
    assert await stills.take() is not None, "by go2rtc then"
    await until_watched(hass, key, 3 * HELD)
    assert home.state("binary_sensor.porch_motion") != "unavailable"
    assert told(hass) == ["Porch"], "it may do it again in a moment"
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=LASTS + FORGIVEN + 20))
    await wait_for(lambda: told(hass) == [])
