"""Cameras that go2rtc holds itself, or is to try: opened anew only while that helps, and given back."""

import asyncio
import os
import signal
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.stream import StreamHealth

from .rigging import Home, saw, view, wait_for

KEPT = 30.0
"""Seconds within which everybody who asked for a turn has had it."""


def key_of(home: Home) -> str:
    """Return the key of the only camera."""
    (subentry,) = home.entry.subentries.values()
    return str(subentry.data["camera_key"])


async def held_by_go2rtc(home: Home) -> None:
    """Let go2rtc hold the camera."""
    (subentry,) = home.entry.subentries.values()
    data = {**subentry.data, "engine": "go2rtc"}
    home.hass.config_entries.async_update_subentry(home.entry, subentry, data=data)
    coordinator = home.entry.runtime_data.coordinator
    await wait_for(lambda: not coordinator.watched(key_of(home)).settings.relayed)


async def waiting_before_it(
    hass: HomeAssistant, home: Home, health: StreamHealth
) -> list[asyncio.Task[None]]:
    """Have many wait for a turn at every moment until the camera waits behind them; return all of them."""
    turn = home.entry.runtime_data.coordinator.shared.relaying.async_turn
    crowd: list[asyncio.Task[None]] = []
    async with asyncio.timeout(60):
        while not health._healing:
            waiting = sum(not one.done() for one in crowd)
            crowd += [hass.async_create_task(turn()) for _ in range(40 - waiting)]
            await asyncio.sleep(0.02)
    return crowd


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("unasked")
async def test_a_picture_that_moves_again_is_not_cut_by_a_turn_that_came_late(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """Many cameras stood still and wait for their turns; one of them is back before it is dialled anew."""
    await held_by_go2rtc(home)
    coordinator = home.entry.runtime_data.coordinator
    await wait_for(lambda: coordinator.server.cameras)
    viewer = await view(coordinator.server.restream_url(key_of(home)).reveal())
    try:
        await wait_for(lambda: home.state("camera.porch") == "streaming", 20)
        porch.freeze()
        await wait_for(lambda: home.state("sensor.porch_connection") == "stalled", 20)
        health = coordinator.watched(key_of(home)).health
        crowd = await waiting_before_it(hass, home, health)
        dials = porch.counters.dials
        porch.resume()
        await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
        assert not all(one.done() for one in crowd)
        await asyncio.wait(crowd, timeout=KEPT)
        await wait_for(lambda: not health._healing, KEPT)
        assert await saw(await view(coordinator.server.restream_url(key_of(home)).reveal(), 20)) == 20
        assert porch.counters.dials == dials
        assert home.state("camera.porch") == "streaming"
        assert viewer.returncode is None
    finally:
        viewer.kill()
        await viewer.wait()


async def tried(home: Home) -> asyncio.Task[None]:
    """Let go2rtc try a camera that shows nothing; return once it does."""
    coordinator = home.entry.runtime_data.coordinator
    camera_key = key_of(home)
    trying = home.hass.async_create_task(
        coordinator._own.async_try(camera_key, coordinator.watched(camera_key))
    )
    await wait_for(lambda: not coordinator.shared.relaying.cameras)
    return trying


async def test_go2rtc_that_dies_while_it_tries_a_camera_leaves_it_to_the_relay(
    home: Home, porch: Any
) -> None:
    """It said nothing about the camera: whose pictures then come as before, and whose keys stay here."""
    coordinator = home.entry.runtime_data.coordinator
    porch.freeze()
    trying = await tried(home)
    await wait_for(lambda: porch.sessions)
    os.kill(coordinator.server.pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        await trying
    assert coordinator.shared.relaying.cameras == {key_of(home)}
    porch.resume()
    await wait_for(lambda: coordinator.processes.server_up, 20)
    url = coordinator.server.restream_url(key_of(home)).reveal()
    assert await saw(await view(url, 20)) == 20


async def test_a_camera_that_is_removed_while_go2rtc_tries_it_stays_away(home: Home, porch: Any) -> None:
    """Neither go2rtc nor the relay is given the keys of a camera that is gone."""
    coordinator = home.entry.runtime_data.coordinator
    porch.freeze()
    trying = await tried(home)
    (subentry,) = home.entry.subentries.values()
    assert home.hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    async with asyncio.timeout(60):
        await trying
    await wait_for(lambda: not coordinator.server.cameras)
    assert not coordinator.shared.relaying.cameras
