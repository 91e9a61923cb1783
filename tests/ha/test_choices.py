"""What a person chooses for a camera is asked of it at once, is kept, and costs no reload."""

import asyncio
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from dev.simulator import CameraSpec, Simulator

from .rigging import Home, saw, view, wait_for


async def choose(hass: HomeAssistant, entity_id: str, option: str) -> None:
    """Choose an option as the UI does."""
    values = {ATTR_ENTITY_ID: entity_id, "option": option}
    await hass.services.async_call("select", "select_option", values, blocking=True)
    await hass.async_block_till_done()


# Once it was asked what it has, there are more.
@pytest.mark.usefixtures("unasked")
async def test_few_entities(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """At most eight entities of a camera are enabled unless somebody wants more."""
    entries = er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    assert len([entry for entry in entries if entry.disabled_by is None]) <= 8
    assert {entry.entity_id for entry in entries if entry.disabled_by} == {
        "button.porch_check_camera",
        "select.porch_connection_held_by",
        "select.porch_picture_quality",
        "switch.porch_sound",
        "sensor.porch_watch_for_motion",
    }


async def test_the_size_of_the_picture_is_asked_of_the_camera(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """A running stream goes over to it, the viewer stays, and it survives a reload."""
    await home.enable("select.porch_picture_quality")
    assert home.state("select.porch_picture_quality") == "camera"
    coordinator = home.entry.runtime_data.coordinator
    viewer = await view(coordinator.server.restream_url(_key(home)).reveal())
    try:
        await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
        await choose(hass, "select.porch_picture_quality", "sd")
        await wait_for(lambda: porch.settings.resolution == 1)
        await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
        assert viewer.returncode is None
    finally:
        viewer.kill()
        await viewer.wait()
    assert home.state("select.porch_picture_quality") == "sd"
    assert home.entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert home.state("select.porch_picture_quality") == "sd"


async def test_sound_that_is_off_is_not_asked_for(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """The camera is not asked for sound, so none crosses the network."""
    await home.enable("switch.porch_sound")
    values = {ATTR_ENTITY_ID: "switch.porch_sound"}
    await hass.services.async_call("switch", "turn_off", values, blocking=True)
    await hass.async_block_till_done()
    await wait_for(lambda: not porch.sessions, 30)
    before = porch.counters.audio_sent
    coordinator = home.entry.runtime_data.coordinator
    viewer = await view(coordinator.server.restream_url(_key(home)).reveal(), frames=30)
    assert await saw(viewer) == 30
    assert porch.counters.audio_sent == before
    assert home.state("switch.porch_sound") == "off"


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize("simulator", [[CameraSpec("porch", session_limit=1)]], indirect=True)
async def test_who_holds_the_connection(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """go2rtc's own source and the relay take turns, on the camera's only session."""
    registry = er.async_get(hass)
    registry.async_update_entity("select.porch_connection_held_by", disabled_by=None)
    await hass.config_entries.async_reload(home.entry.entry_id)
    coordinator = home.entry.runtime_data.coordinator
    for engine in ("go2rtc", "relay", "auto"):
        await choose(hass, "select.porch_connection_held_by", engine)
        url = coordinator.server.restream_url(_key(home)).reveal()
        viewer = await view(url, frames=20)
        assert await saw(viewer) == 20
        watched = coordinator.watched(_key(home))
        assert watched is not None
        assert watched.settings.relayed == (engine != "go2rtc")
        await wait_for(lambda: home.state("camera.porch") == "idle", 15)
        await wait_for(lambda: not porch.sessions, 15)
    assert porch.counters.refused == 0


async def undecodable(home: Home, camera: Any) -> Any:
    """Add a camera that restarts, so that nothing is known of its pictures, and have it back without any.

    Of one that sleeps nobody would know so soon that it cannot be asked.
    """
    await home.set_up()
    camera.reboot(600, refused=True)
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": camera.link}
    for _ in range(2):
        assert (await home.submit(flow, values))["errors"] == {"base": "dial_not_here"}
    result = await home.submit(flow, values | {"save_unproven": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await wait_for(lambda: home.state("sensor.porch_connection") == "not_here", 15)
    camera.resume()
    camera.freeze()
    return home.entry.runtime_data.coordinator.watched(_key(home))


@pytest.mark.timeout(180)
async def test_automatic_goes_over_to_go2rtc_only_if_that_sees_more(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """The relay was let in twice and saw nothing; go2rtc, then asked, brings a picture: so it stays."""
    camera = simulator.cameras["porch"]
    watched = await undecodable(home, camera)
    coordinator = home.entry.runtime_data.coordinator
    await (await view(coordinator.server.restream_url(_key(home)).reveal())).wait()
    await wait_for(lambda: home.state("sensor.porch_connection") == "no_media", 30)
    assert home.state("camera.porch") == "unavailable", "the right key alone is no picture"
    await wait_for(lambda: watched.tried_own, 60)
    camera.resume()
    await wait_for(lambda: not coordinator.watched(_key(home)).settings.relayed, 60)
    await wait_for(lambda: home.state("camera.porch") in ("idle", "streaming"), 30)
    assert home.entry.subentries[next(iter(home.entry.subentries))].data["fallback"]
    assert home.entry.runtime_data.shared.relaying.cameras == frozenset(), "its session is go2rtc's now"


@pytest.mark.timeout(180)
async def test_automatic_stays_with_the_relay_if_go2rtc_sees_nothing_either(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """A camera without pictures is no reason to give its keys to another program."""
    camera = simulator.cameras["porch"]
    watched = await undecodable(home, camera)
    coordinator = home.entry.runtime_data.coordinator
    await (await view(coordinator.server.restream_url(_key(home)).reveal())).wait()
    await wait_for(lambda: watched.tried_own, 60)
    await wait_for(lambda: home.entry.runtime_data.shared.relaying.cameras, 60)
    assert watched.settings.relayed
    camera.resume()
    coordinator.async_look_again(_key(home), watched)
    await wait_for(lambda: home.state("camera.porch") == "idle", 30)


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize("simulator", [[CameraSpec("porch", session_limit=1)]], indirect=True)
async def test_other_firmware_is_a_reason_to_try_the_relay_again(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """What go2rtc was left to for one firmware is the relay's again with another; with the same it stays."""
    camera = simulator.cameras["porch"]
    await home.set_up()
    subentry = await home.add(camera.link)
    coordinator = home.entry.runtime_data.coordinator

    async def left_for(firmware: str) -> None:
        data = {**home.entry.subentries[subentry.subentry_id].data, "fallback": firmware}
        hass.config_entries.async_update_subentry(
            home.entry, home.entry.subentries[subentry.subentry_id], data=data
        )
        await hass.async_block_till_done()
        watched = coordinator.watched(_key(home))
        assert watched is not None
        await wait_for(lambda: watched.firmware_at > 0, 30)
        await hass.async_block_till_done()

    def fallback() -> str:
        return str(home.entry.subentries[subentry.subentry_id].data["fallback"])

    await left_for(camera.spec.firmware)
    assert fallback() == camera.spec.firmware
    assert not coordinator.watched(_key(home)).settings.relayed
    await left_for("?")
    assert fallback() == camera.spec.firmware, "now it is known, and nothing says that it changed"
    await left_for("4.36.10.0001")
    assert fallback() == ""
    await wait_for(lambda: coordinator.watched(_key(home)).settings.relayed, 10)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 20)
    assert camera.counters.refused == 0


def _key(home: Home) -> str:
    (subentry,) = home.entry.subentries.values()
    return str(subentry.data["camera_key"])


@pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("hall")]], indirect=True)
async def test_counters_are_read_as_long_as_they_matter(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """go2rtc is asked every two seconds for cameras that it holds, and no longer once there are none."""
    await home.set_up()
    subentries = [await home.add(simulator.cameras[name].link, name.title()) for name in ("porch", "hall")]
    coordinator = home.entry.runtime_data.coordinator
    assert coordinator.update_interval is None
    data = {**subentries[0].data, "engine": "go2rtc"}
    hass.config_entries.async_update_subentry(home.entry, subentries[0], data=data)
    await wait_for(lambda: coordinator.update_interval is not None)
    assert hass.config_entries.async_remove_subentry(home.entry, subentries[0].subentry_id)
    await wait_for(lambda: coordinator.update_interval is None)


async def test_who_looks_at_a_camera_that_go2rtc_holds_waits_for_its_turn(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """Many that are opened at once are dialled one after the other, with whatever the relay dials."""
    subentry = next(iter(home.entry.subentries.values()))
    data = {**subentry.data, "engine": "go2rtc"}
    hass.config_entries.async_update_subentry(home.entry, subentry, data=data)
    coordinator = home.entry.runtime_data.coordinator
    await wait_for(lambda: coordinator.update_interval is not None)
    await wait_for(lambda: coordinator.verdict(_key(home)).connection == "ready", 20)
    await wait_for(lambda: not porch.sessions, 20)
    async with asyncio.timeout(10):
        while (await coordinator.server.streams())[_key(home)].running:
            await asyncio.sleep(0.05)
    coordinator.server._turns.forget(_key(home))
    others = [hass.async_create_task(coordinator.shared.relaying.async_turn()) for _ in range(8)]
    await asyncio.sleep(0)
    assert await hass.data["camera"].get_entity("camera.porch").stream_source()
    assert all(other.done() for other in others)
