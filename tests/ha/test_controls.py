"""Controls as entities use them: on simulated cameras, through the real relay, always read back."""

import asyncio

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.control_state import ControlFailed, Path
from custom_components.wyze_local.controls import Controls
from custom_components.wyze_local.engine.control import Feature
from custom_components.wyze_local.engine.relay import RelayError
from dev.simulator import Simulator
from tests.support.clock import settle

from .rigging import Home, wait_for

MANY, SET_NIGHT_VISION = 10020, 10042


async def controls_of(home: Home, simulator: Simulator) -> tuple[Controls, str]:
    """Set up the porch; returns the controls and its key, once it has told how it stands."""
    await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    key = subentry.data["camera_key"]
    controls: Controls = home.entry.runtime_data.controls
    await wait_for(lambda: controls.of(key).values)
    return controls, key


async def test_a_change_is_the_cameras_own_word(
    hass: HomeAssistant, home: Home, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its last word is not shown any more once it gives none, though its pictures may go on."""
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

    async def in_vain(camera_key: str, code: int, payload: bytes, within: float) -> bytes:
        raise RelayError(reason="timeout")

    monkeypatch.setattr(home.entry.runtime_data.shared.relaying, "async_command", in_vain)
    with pytest.raises(ControlFailed):
        await controls.async_refresh(key)
    assert (controls.of(key).path, controls.of(key).values) == (Path.NONE, {})


async def test_an_older_answer_does_not_undo_a_change(
    hass: HomeAssistant, home: Home, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions that are put in the middle of a change may end after it, with what was before it."""
    controls, key = await controls_of(home, simulator)
    relaying = home.entry.runtime_data.shared.relaying
    passed_on, told, held = relaying.async_command, asyncio.Event(), asyncio.Event()

    async def slowly(camera_key: str, code: int, payload: bytes, within: float) -> bytes:
        if code == SET_NIGHT_VISION:
            told.set()
            await asked.wait()
        answer: bytes = await passed_on(camera_key, code, payload, within)
        if code == MANY and not asked.is_set():
            asked.set()
            await held.wait()
        return answer

    asked = asyncio.Event()
    monkeypatch.setattr(relaying, "async_command", slowly)
    async with asyncio.timeout(20), asyncio.TaskGroup() as both:
        change = both.create_task(controls.async_set(key, Feature.NIGHT_VISION, "on"))
        await told.wait()
        look = both.create_task(controls.async_refresh(key))
        await change
        held.set()
        await look
    assert controls.of(key).values[Feature.NIGHT_VISION] == "on"


async def test_of_wishes_that_wait_only_the_last_is_said(
    hass: HomeAssistant, home: Home, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who presses five times while a camera is busy gets what they wished last; it is told one at a time."""
    controls, key = await controls_of(home, simulator)
    relaying = home.entry.runtime_data.shared.relaying
    passed_on, told, free = relaying.async_command, list[bytes](), asyncio.Event()

    async def slowly(camera_key: str, code: int, payload: bytes, within: float) -> bytes:
        if code == SET_NIGHT_VISION:
            told.append(payload)
            await free.wait()
        answer: bytes = await passed_on(camera_key, code, payload, within)
        return answer

    monkeypatch.setattr(relaying, "async_command", slowly)
    async with asyncio.timeout(20), asyncio.TaskGroup() as presses:
        presses.create_task(controls.async_set(key, Feature.NIGHT_VISION, "on"))
        await wait_for(lambda: told)
        for value in ("off", "auto", "on", "auto", "off"):
            presses.create_task(controls.async_set(key, Feature.NIGHT_VISION, value))
        await settle()
        assert len(told) == 1
        free.set()
    assert len(told) == 2
    assert controls.of(key).values[Feature.NIGHT_VISION] == "off"
    assert simulator.cameras["porch"].settings.night_vision == 2
