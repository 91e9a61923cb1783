"""Controls as entities use them: on simulated cameras, through the real relay, always read back."""

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.control_state import Path
from custom_components.wyze_local.controls import Controls
from custom_components.wyze_local.engine.control import Feature
from dev.simulator import Simulator

from .rigging import Home, wait_for


async def controls_of(home: Home, simulator: Simulator) -> tuple[Controls, str]:
    """Set up the porch; returns the controls and its key, once it has told how it stands."""
    await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    key = subentry.data["camera_key"]
    controls: Controls = home.entry.runtime_data.controls
    await wait_for(lambda: controls.of(key).values)
    return controls, key


async def test_a_change_is_the_cameras_own_word(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    controls, key = await controls_of(home, simulator)
    state = controls.of(key)
    assert state.path is Path.LAN
    assert state.values[Feature.NIGHT_VISION] == "auto"
    assert state.values[Feature.STATUS_LIGHT] is True
    assert state.values[Feature.SD_CARD] is True
    # A fixed camera has no motors, whatever its firmware would answer.
    assert not {Feature.POSITION, Feature.PAN_SCAN} & state.features
    calls: list[object] = []
    end = controls.async_listen(key, lambda: calls.append(controls.of(key).values[Feature.NIGHT_VISION]))
    await controls.async_set(key, Feature.NIGHT_VISION, "on")
    assert simulator.cameras["porch"].settings.night_vision == 1
    assert calls == ["on"]
    end()
    await controls.async_set(key, Feature.FLIP_HORIZONTAL, True)
    assert simulator.cameras["porch"].settings.flip_horizontal == 1
    assert calls == ["on"]
