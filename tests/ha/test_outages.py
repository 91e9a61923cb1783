"""The repair of a camera that stays away, when something else goes wrong just as it falls due."""

from datetime import timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local.outages import LASTS
from dev.simulator import Simulator

from .rigging import Home, wait_for
from .test_connection import looking, repairs, says
from .test_shared import Breakable, break_down, entry, program

__all__ = ["entry", "program"]


async def test_a_server_fault_as_the_repair_falls_due_only_delays_it(
    hass: HomeAssistant, home: Home, entry: ConfigEntry, program: Breakable, simulator: Simulator
) -> None:
    """Nothing is said of the camera while nothing is known of it; afterwards it is."""
    camera = simulator.cameras["porch"]
    subentry = await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    camera.mute()
    async with looking(home, {"porch": subentry}):
        await says(home, "porch", "no_answer")
    await break_down(hass, home, entry, program)
    await says(home, "porch", "server_down")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=LASTS + 60))
    await hass.async_block_till_done()
    assert repairs(hass) == {}
    program.mend()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2 * LASTS))
    await says(home, "porch", "no_answer")
    await wait_for(lambda: repairs(hass) == {"Porch": "lasting_no_answer"})
    camera.resume()
    await wait_for(lambda: repairs(hass) == {}, 60)


async def test_after_a_server_fault_a_camera_that_is_still_away_is_told_of_again(
    hass: HomeAssistant, home: Home, entry: ConfigEntry, program: Breakable, simulator: Simulator
) -> None:
    """Also while somebody wants to see it all the time: the relay has nothing new to say of it."""
    camera = simulator.cameras["porch"]
    subentry = await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    camera.mute()
    relay = entry.runtime_data.shared.relaying._relay
    await relay.update(subentry.data["camera_key"], always_on=True)
    await says(home, "porch", "no_answer")
    await break_down(hass, home, entry, program)
    await says(home, "porch", "server_down")
    program.mend()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=60))
    await wait_for(lambda: home.state("sensor.porch_connection") == "no_answer", 10)
