"""Whose streams are read all day: no battery camera's, none from outside, and anybody's only once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.engine.stream import Motion
from custom_components.wyze_local.engine.watch import WatchError, WatchPhase
from custom_components.wyze_local.status import AT_REST
from dev.simulator import CameraSpec, Picture, Simulator
from tests.support.foreign import Door

from .foreign_rig import add_stream, door, foreign, typed
from .rigging import DOMAIN, Home, view, wait_for
from .watch_rig import YARD, have_watched, key_of, until_watched, watching_of, workers

__all__ = ["door", "foreign"]


WINDOW = 1.0
"""Seconds in which whatever would be done is done."""


async def stays_alone(home: Home, camera_key: str) -> None:
    """Check that nothing is done for a camera."""
    await home.hass.async_block_till_done()
    await asyncio.sleep(WINDOW)
    assert watching_of(home.hass).cameras == frozenset()
    assert watching_of(home.hass).state(camera_key).phase is WatchPhase.OFF
    assert workers() == set()


@pytest.mark.parametrize("simulator", [[CameraSpec("porch", model="WVOD1")]], indirect=True)
async def test_no_battery_is_emptied(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """Whatever is kept of it, for example from before it was known what model it is."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    before = simulator.cameras["porch"].counters.handshakes
    async_change_camera(hass, home.entry, key_of(home), watch="full")
    await stays_alone(home, key_of(home))
    assert simulator.cameras["porch"].counters.handshakes == before


@pytest.mark.parametrize("simulator", [[YARD]], indirect=True)
async def test_who_is_outside_now_is_not_watched_any_more(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    key = key_of(home)
    await have_watched(home, key)
    networks = home.entry.options["networks"]
    hass.config_entries.async_update_entry(
        home.entry, options={**home.entry.options, "networks": ["192.0.2.0/24"]}
    )
    await wait_for(lambda: not workers(), 15)
    await stays_alone(home, key)
    hass.config_entries.async_update_entry(home.entry, options={**home.entry.options, "networks": networks})
    await until_watched(hass, key)


@pytest.mark.parametrize("simulator", [[YARD]], indirect=True)
async def test_who_is_disabled_is_not_watched(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """Neither at once, nor after a reload; enabled again, it is watched as before."""
    key, devices = key_of(home), dr.async_get(hass)
    async_change_camera(hass, home.entry, key, watch="key")
    await wait_for(workers, 10)
    device = devices.async_get_device_by_identifier((DOMAIN, key), home.entry.entry_id)
    assert device is not None
    devices.async_update_device(device.id, disabled_by=dr.DeviceEntryDisabler.USER)
    await wait_for(lambda: not workers(), 10)
    assert watching_of(hass).state(key).phase is WatchPhase.OFF
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    assert watching_of(hass).cameras == frozenset()
    devices.async_update_device(device.id, disabled_by=None)
    await hass.async_block_till_done()
    # Home Assistant loads the entry anew for it, after half a minute.
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=40))
    await wait_for(lambda: watching_of(hass).cameras == {key}, 10)


@pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", picture=Picture(gop=15))]], indirect=True, ids=["gop-1s"]
)
async def test_a_stream_of_any_make_is_read_once_and_stays_idle(
    hass: HomeAssistant, home: Home, simulator: Simulator, door: Door
) -> None:
    """It is read at the stream server, on the one connection, and nobody seems to look."""
    await home.set_up()
    subentry = await add_stream(home, typed(door.url))
    key = subentry.data["camera_key"]
    await wait_for(lambda: home.state("camera.yard") == "idle")
    seen: list[str | None] = []
    hass.bus.async_listen("state_changed", lambda _: seen.append(home.state("camera.yard")))
    await have_watched(home, key)
    assert door.inside == 1
    server = home.entry.runtime_data.coordinator.server
    info = (await server.streams())[key]
    assert (info.readers, info.viewers) == (1, 0)
    health = home.entry.runtime_data.coordinator.watched(key).health
    await wait_for(lambda: health.motion is Motion.LIVE, 20)
    still = asyncio.create_task(server.still(key))
    await home.entry.runtime_data.coordinator.async_refresh()
    while not still.done():
        await home.entry.runtime_data.coordinator.async_refresh()
        await asyncio.sleep(0.02)
    assert (await still).startswith(b"\xff\xd8")
    assert set(seen) <= {"idle"}, "though its counters were read and grow, and a still was fetched"
    viewer = await view(server.restream_url(key).reveal())
    try:
        await wait_for(lambda: home.state("camera.yard") == "streaming", 15)
        assert door.inside == 1
    finally:
        viewer.kill()
        await viewer.wait()
    await wait_for(lambda: home.state("camera.yard") == "idle", 15)
    assert watching_of(hass).state(key).phase is WatchPhase.WATCHING
    await have_watched(home, key, "off")
    await wait_for(lambda: not door.inside, 15)


@pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", picture=Picture(gop=15))]], indirect=True, ids=["gop-1s"]
)
async def test_a_camera_that_goes_away_is_not_called_ready_for_a_picture_of_before(
    hass: HomeAssistant, home: Home, simulator: Simulator, door: Door
) -> None:
    """The worker remembers its last picture, which proves nothing, and is nobody's still any more."""
    await home.set_up()
    key = (await add_stream(home, typed(door.url))).data["camera_key"]
    await wait_for(lambda: home.state("camera.yard") == "idle")
    await have_watched(home, key)
    coordinator, watching = home.entry.runtime_data.coordinator, watching_of(hass)
    assert await coordinator.stills(key).take() is not None
    await door.shut()
    await wait_for(lambda: watching.state(key).phase is WatchPhase.STALLED, 30)
    with pytest.raises(WatchError) as caught:
        await watching.async_still(key)
    assert caught.value.reason == "no_picture"
    # As a minute later, when a still may be taken again.
    coordinator.stills(key)._asked_at = float("-inf")
    await coordinator._proofs.async_seek(key)
    assert coordinator.verdict(key).connection not in AT_REST
    await door.open()
    await until_watched(hass, key, 40)
    await coordinator._proofs.async_seek(key)
    assert coordinator.verdict(key).connection in AT_REST
