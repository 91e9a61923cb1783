"""A camera that is set up anew where it was: its account takes it over by itself, as the same camera."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from homeassistant.core import HomeAssistant

from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device

from .account_rig import key_of, own_host
from .ownership_rig import PORT, Trusting, trusting
from .rigging import Home, wait_for

LIST = 15 * 60 * 1.2
"""Seconds within which the next list comes by itself."""
DEAF, REFUSING = (
    [CameraSpec("porch", host=own_host(), port=PORT, checks_mac=checks)] for checks in (True, False)
)
"""To an old key one says nothing at all, and one refuses it in the handshake."""


@pytest.fixture
async def here(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Trusting]:
    """Run a person's account that has the porch camera."""
    async with trusting(hass, home, simulator, caplog) as found:
        yield found


async def next_list(here: Trusting) -> None:
    """Let time pass until the account has asked once more by itself, and wait for all that follows."""
    asked = len(here.house.cloud.calls("devices"))
    await here.later(LIST)
    await here.rest()
    assert len(here.house.cloud.calls("devices")) == asked + 1


@pytest.mark.parametrize("simulator", [DEAF, REFUSING], indirect=True, ids=["deaf", "refusing"])
@pytest.mark.parametrize("uid", ["", "RESETANDBOUNDANEW123"], ids=["same id", "other id"])
@pytest.mark.parametrize("told_early", [True, False])
async def test_it_is_taken_over_within_two_lists(here: Trusting, uid: str, told_early: bool) -> None:
    """Also where the first list tells the new key while the camera still starts."""
    house = here.house
    spec = house.camera.spec
    fresh = replace(spec, enr="FreshKey12345678", uid=uid or spec.uid)
    # Its first picture is over: a check that was under way would speak for the camera that was.
    await wait_for(lambda: not house.camera.sessions, 20)
    await wait_for(lambda: house.home.state("sensor.porch_connection") == "ready", 20)
    await wait_for(lambda: house.home.state("media_player.porch_speaker") == "idle", 20)
    key, entities = key_of(house.entry, "Porch"), set(house.hass.states.async_entity_ids())
    house.camera.stop()
    house.user.devices[:] = [Device.of_spec(fresh, spec.host, "Porch")]
    if told_early:
        await next_list(here)
        assert here.kept().enr.reveal() == spec.enr
    async with Simulator([fresh]) as reset:
        await next_list(here)
        assert here.kept().enr.reveal() == "FreshKey12345678"
        await wait_for(lambda: house.home.state("camera.porch") == "idle", 20)
        assert reset.cameras["porch"].counters.handshakes
        assert key_of(house.entry, "Porch") == key
        assert set(house.hass.states.async_entity_ids()) == entities
        assert here.camera("Porch") == "trusted"
