"""A stream of any make as a camera: stills, pictures, states; away, back, and shut out if it leads astray."""

import asyncio
import time

import pytest

from homeassistant.components.camera import CameraEntityFeature, async_get_image
from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.stream import Motion
from dev.simulator import CameraSpec, Picture, Simulator
from tests.support.foreign import Door, ForeignServer

from .foreign_rig import add_stream, door, foreign, typed
from .rigging import OFFER, Home, view, wait_for

__all__ = ["door", "foreign"]

SHORT = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", picture=Picture(gop=15))]], indirect=True, ids=["gop-1s"]
)


@SHORT
async def test_one_connection_however_many_watch(
    hass: HomeAssistant, home: Home, simulator: Simulator, door: Door
) -> None:
    """A still, Home Assistant's own stream and other programs: one connection, and none when all left."""
    entry = await home.set_up()
    subentry = await add_stream(home, typed(door.url))
    await wait_for(lambda: home.state("camera.yard") == "idle")
    assert (await async_get_image(hass, "camera.yard")).content.startswith(b"\xff\xd8")
    await wait_for(lambda: not door.inside)
    stream = await hass.data["camera"].get_entity("camera.yard").async_create_stream()
    await stream.start()
    await wait_for(lambda: home.state("camera.yard") == "streaming", 15)
    assert home.state("sensor.yard_connection") == "live"
    camera_key = subentry.data["camera_key"]
    viewers = [await view(restream(home, camera_key)) for _ in range(2)]
    server = entry.runtime_data.coordinator.server
    async with asyncio.timeout(15):
        while (await server.streams())[camera_key].viewers < 3:
            await asyncio.sleep(0.1)
    assert door.inside == 1
    await stream.stop()
    for viewer in viewers:
        viewer.kill()
        await viewer.wait()
    await wait_for(lambda: home.state("camera.yard") == "idle", 15)
    await wait_for(lambda: not door.inside)


@SHORT
async def test_tabs_share_it_too(home: Home, simulator: Simulator, door: Door) -> None:
    entry = await home.set_up()
    camera_key = (await add_stream(home, typed(door.url))).data["camera_key"]
    server = entry.runtime_data.coordinator.server
    tabs = [await server.webrtc(camera_key, f"tab-{number}", OFFER, lambda _: None) for number in range(2)]
    async with asyncio.timeout(15):
        while (await server.streams())[camera_key].viewers < 2:
            await asyncio.sleep(0.1)
    assert door.inside == 1
    for tab in tabs:
        await tab.close()


async def test_a_still_alone_is_nobody_watching(home: Home, simulator: Simulator, door: Door) -> None:
    """The checks fetch stills every few minutes: the state does not flutter for them.

    Between two key frames pictures arrive all the time, and the still waits for the next one. What arrives
    for it alone is no sign of life either: whether it becomes a picture is for the check to tell.
    """
    entry = await home.set_up()
    subentry = await add_stream(home, typed(door.url))
    await wait_for(lambda: home.state("camera.yard") == "idle", 20)
    seen: list[str] = []
    home.hass.bus.async_listen("state_changed", lambda event: seen.append(event.data["new_state"].state))
    coordinator = entry.runtime_data.coordinator
    camera_key = subentry.data["camera_key"]
    still = asyncio.create_task(coordinator.server.still(camera_key))
    packets: set[int] = set()
    motions: set[Motion] = set()
    while not still.done():
        packets.add((await coordinator.server.streams())[camera_key].video_packets)
        await coordinator.async_refresh()
        motions.add(coordinator.watched(camera_key).health.motion)
        await asyncio.sleep(0.05)
    assert (await still).startswith(b"\xff\xd8")
    assert len(packets) > 3, "pictures came meanwhile"
    assert "streaming" not in seen
    assert motions == {Motion.IDLE}


@SHORT
async def test_away_and_back(home: Home, simulator: Simulator, door: Door) -> None:
    """Shown as standing still, then live again for the same viewer, without anybody's help."""
    await home.set_up()
    subentry = await add_stream(home, typed(door.url))
    viewer = await view(restream(home, subentry.data["camera_key"]))
    try:
        await wait_for(lambda: home.state("sensor.yard_connection") == "live", 15)
        await door.shut()
        gone = time.monotonic()
        await wait_for(lambda: home.state("sensor.yard_connection") == "stalled", 16)
        shown = time.monotonic() - gone
        assert home.state("camera.yard") == "unavailable"
        await door.open()
        back = time.monotonic()
        # go2rtc tries every five seconds by then, and waits for a key frame; then its counters are read.
        await wait_for(lambda: home.state("sensor.yard_connection") == "live", 20)
        print(f"shown after {shown:.1f} s, live {time.monotonic() - back:.1f} s after it answered")
        assert viewer.returncode is None
        assert door.inside == 1
    finally:
        viewer.kill()
        await viewer.wait()


@SHORT
async def test_a_server_by_http_that_falls_silent_is_opened_anew(
    home: Home, simulator: Simulator, foreign: ForeignServer
) -> None:
    """go2rtc waits for ever on a connection that only says nothing more; whoever watches sees it again."""
    await home.set_up()
    async with Door(foreign.http_port, scheme="open") as door:
        subentry = await add_stream(home, typed(f"http://127.0.0.1:{door.port}/api/stream.ts?src=camera"))
        server = home.entry.runtime_data.coordinator.server
        session = await server.webrtc(subentry.data["camera_key"], "tab", OFFER, lambda _: None)
        await wait_for(lambda: home.state("sensor.yard_connection") == "live", 15)
        door.abandon()
        await wait_for(lambda: home.state("sensor.yard_connection") == "stalled", 16)
        await wait_for(lambda: home.state("sensor.yard_connection") == "live", 25)
        await session.close()


@SHORT
async def test_single_pictures_by_http(
    hass: HomeAssistant, home: Home, simulator: Simulator, foreign: ForeignServer
) -> None:
    """Motion JPEG: no browser plays it as a film, so Home Assistant shows one still after the other."""
    await home.set_up()
    subentry = await add_stream(home, typed(foreign.http_url("stream.mjpeg", "mjpeg")))
    assert subentry.data["kind"] == "stills"
    await wait_for(lambda: home.state("camera.yard") == "idle")
    entity = hass.data["camera"].get_entity("camera.yard")
    assert entity.supported_features == CameraEntityFeature(0)
    assert not entity.camera_capabilities.frontend_stream_types
    assert (await async_get_image(hass, "camera.yard")).content.startswith(b"\xff\xd8")


@SHORT
async def test_a_camera_that_leads_elsewhere_later_is_shut_out(
    home: Home, simulator: Simulator, foreign: ForeignServer, door: Door
) -> None:
    """A hostile or broken server may send go2rtc anywhere: it is cut off, not dialled again, and named."""
    entry = await home.set_up("127.0.0.0/24")
    subentry = await add_stream(home, typed(door.url))
    async with Door(foreign.rtsp_port, host="127.0.9.9") as far:
        door.elsewhere = far.url
        viewer = await view(restream(home, subentry.data["camera_key"]))
        try:
            await wait_for(lambda: home.state("sensor.yard_connection") == "outside_networks", 15)
            assert home.state("camera.yard") == "unavailable"
            assert subentry.data["camera_key"] not in entry.runtime_data.coordinator.server.cameras
        finally:
            viewer.kill()
            await viewer.wait()
        await wait_for(lambda: not far.inside)


@SHORT
async def test_a_restart_finds_the_camera_again(
    hass: HomeAssistant, home: Home, simulator: Simulator, door: Door
) -> None:
    """From the vault alone."""
    entry = await home.set_up()
    await add_stream(home, typed(door.url))
    await wait_for(lambda: home.state("camera.yard") == "idle")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await wait_for(lambda: home.state("camera.yard") == "idle", 15)
    assert (await async_get_image(hass, "camera.yard")).content.startswith(b"\xff\xd8")


def restream(home: Home, camera_key: str) -> str:
    return str(home.entry.runtime_data.coordinator.server.restream_url(camera_key).reveal())
