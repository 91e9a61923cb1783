"""The second way to a camera: the vendor's session, when the local network does not lead there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.control_state import ControlFailed, Path
from custom_components.wyze_local.controls import Controls
from custom_components.wyze_local.engine.control import Feature
from dev.simulator import CameraSpec, Simulator, Stubborn
from tests.support.clock import settle

from .account_rig import key_of, own_host
from .ownership_rig import PORT, Trusting, trusting
from .rigging import Home, wait_for

pytestmark = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", host=own_host(), port=PORT, model="HL_CAM4")]], indirect=True
)

ORDERS = ("action", "set_property")
READ = "properties"
OUT_OF_REACH = ("camera_not_here", "camera_busy")
"""What is said when the local network does not lead there: it has just hung up, or is not there."""


@dataclass
class Away:
    """A person's account with a camera, and what they switch it with."""

    here: Trusting
    controls: Controls
    key: str

    @property
    def camera(self) -> Any:
        """The simulated camera."""
        return self.here.house.camera

    @property
    def told(self) -> list[str]:
        """What the vendor was asked about the camera."""
        return [call.endpoint for call in self.here.house.cloud.calls() if call.endpoint in {*ORDERS, READ}]

    async def set(self, feature: Feature, value: bool) -> str | None:
        """Switch something; returns the text that a person gets when that fails."""
        try:
            await self.controls.async_set(self.key, feature, value)
        except ControlFailed as err:
            return err.translation_key
        return None

    def leave(self) -> None:
        """Have the camera out of this network's reach; the vendor still reaches it."""
        self.camera.stop()


@pytest.fixture
async def away(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Away]:
    """Run a home whose camera is in reach, and has told how it stands."""
    async with trusting(hass, home, simulator, caplog) as here:
        entry = here.house.entry
        controls: Controls = entry.runtime_data.controls
        key = key_of(entry, "Porch")
        await wait_for(lambda: Feature.SIREN in controls.of(key).values, 30)
        yield Away(here, controls, key)


async def test_off_the_network_the_vendor_switches_it_and_that_is_said(away: Away) -> None:
    away.leave()
    assert await away.set(Feature.SIREN, True) is None
    assert (away.camera.settings.siren, away.camera.counters.sirens) == (1, 1)
    state = away.controls.of(away.key)
    assert (state.path, state.values) == (Path.CLOUD, {Feature.SIREN: True})
    assert await away.set(Feature.SPOTLIGHT, True) is None
    assert away.camera.settings.spotlight == 1
    assert await away.set(Feature.MOTION_DETECTION, False) is None
    assert away.camera.settings.motion_detection == 2
    # What the vendor cannot tell it is told of as ever.
    before = len(away.told)
    assert await away.set(Feature.STATUS_LIGHT, False) in OUT_OF_REACH
    assert len(away.told) == before


async def test_in_reach_the_vendor_hears_nothing_and_a_dead_one_changes_nothing(away: Away) -> None:
    """Not even when the camera says no, or says yes and does not obey."""
    for how, text in ((Stubborn.REFUSES, "control_refused"), (Stubborn.IGNORES, "control_ignored")):
        away.camera.disobey(how)
        assert await away.set(Feature.SPOTLIGHT, True) == text
    assert not away.told
    away.camera.disobey(None)
    away.here.house.cloud.fault("reset")
    assert await away.set(Feature.SIREN, True) is None
    assert away.controls.of(away.key).path is Path.LAN
    assert not away.told
    away.leave()
    assert await away.set(Feature.SIREN, False) in OUT_OF_REACH
    assert away.camera.settings.siren == 1


async def test_with_lan_only_nothing_is_sent(away: Away) -> None:
    await away.here.account.async_set_lan_only(True)
    knocks = away.here.house.cloud.handshakes
    away.leave()
    assert await away.set(Feature.SIREN, True) in OUT_OF_REACH
    with pytest.raises(ControlFailed) as failure:
        await away.controls.async_restart(away.key)
    assert failure.value.translation_key == "control_no_cloud"
    assert away.here.house.cloud.handshakes == knocks


async def test_of_a_suspect_nothing_is_asked(away: Away) -> None:
    away.here.suspect()
    away.leave()
    assert await away.set(Feature.SIREN, True) in OUT_OF_REACH
    assert not away.told
    assert away.camera.settings.siren == 2


async def test_what_the_vendor_takes_and_does_not_do_is_told_as_ignored(away: Away) -> None:
    away.leave()
    away.here.house.cloud.fault("ignore")
    assert await away.set(Feature.SPOTLIGHT, True) == "control_cloud_ignored"
    assert away.controls.of(away.key).values.get(Feature.SPOTLIGHT) is not True
    assert away.camera.settings.spotlight == 2


async def test_what_nobody_switches_is_read_while_it_is_away(away: Away) -> None:
    away.leave()
    away.camera.conduct.change({"siren": 1})
    assert await away.set(Feature.STATUS_LIGHT, True) in OUT_OF_REACH
    coordinator = away.here.house.entry.runtime_data.coordinator
    await wait_for(lambda: not coordinator.data[away.key].available, 60)
    # Time that passes before the question is planned makes nobody wait less for it.
    await settle()
    away.here.house.clock.advance(35)
    await wait_for(lambda: away.controls.of(away.key).path is Path.CLOUD, 20)
    assert away.controls.of(away.key).values[Feature.SIREN] is True
    assert away.told == [READ]
    # What the vendor told is no longer shown when it may not be asked any more.
    away.here.suspect()
    assert away.controls.of(away.key).path is Path.NONE
    assert not away.controls.of(away.key).values


async def test_a_button_restarts_it(away: Away) -> None:
    """Which is not to be pressed while the vendor may not be asked."""
    hass, home = away.here.house.hass, away.here.house.home
    await home.enable("button.porch_restart")
    await wait_for(lambda: home.state("button.porch_restart") not in (None, "unavailable"), 20)
    values = {"entity_id": "button.porch_restart"}
    await hass.services.async_call("button", "press", values, blocking=True)
    assert away.camera.counters.reboots == 1
    shown = hass.states.get("button.porch_restart")
    assert shown is not None
    assert shown.attributes["path"] == "cloud"
    account = away.here.house.entry.runtime_data.account
    await account.async_set_lan_only(True)
    await wait_for(lambda: home.state("button.porch_restart") == "unavailable")
