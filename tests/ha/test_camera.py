"""The camera entity against real go2rtc and a simulated camera: pictures and the truth about them."""

import asyncio
from typing import Any

import pytest

from homeassistant.components.camera import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from dev.simulator import Audio, CameraSpec, Simulator, Video

from .rigging import DOMAIN, OFFER, Home, saw, view, wait_for


async def test_device(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """The device bears the user's name and no hardware address."""
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), home.entry.entry_id)
    assert device.name == "Porch"
    assert device.manufacturer == "Wyze"
    assert device.model_id == porch.spec.model
    assert not device.connections
    assert all(domain == DOMAIN for domain, _ in device.identifiers)


@pytest.mark.usefixtures("unasked")
async def test_still(hass: HomeAssistant, home: Home, porch: Any) -> None:
    """A still is a real picture; many requests cost no further connection."""
    image = await async_get_image(hass, "camera.porch")
    assert image.content.startswith(b"\xff\xd8")
    assert len(image.content) > 2_000
    before = porch.counters.dials
    images = await asyncio.gather(*(async_get_image(hass, "camera.porch") for _ in range(20)))
    assert all(other.content == image.content for other in images)
    assert porch.counters.dials == before


async def test_offer_gets_an_answer_and_both_kinds_of_players(
    hass: HomeAssistant, home: Home, porch: Any, hass_ws_client: WebSocketGenerator
) -> None:
    """WebRTC and HLS are offered, no ICE server is named, and an offer is answered."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "camera/capabilities", "entity_id": "camera.porch"})
    capabilities = (await client.receive_json())["result"]
    assert set(capabilities["frontend_stream_types"]) == {"hls", "web_rtc"}
    await client.send_json_auto_id({"type": "camera/webrtc/get_client_config", "entity_id": "camera.porch"})
    assert (await client.receive_json())["result"] == {"configuration": {}}
    await client.send_json_auto_id(
        {"type": "camera/webrtc/offer", "entity_id": "camera.porch", "offer": OFFER}
    )
    kinds: dict[str, Any] = {}
    async with asyncio.timeout(15):
        while "answer" not in kinds:
            message = await client.receive_json()
            if message["type"] == "event":
                kinds[message["event"]["type"]] = message["event"]
    assert "error" not in kinds
    assert "m=video" in kinds["answer"]["answer"]
    assert "stun" not in str(kinds)


async def test_an_offer_to_a_camera_that_is_away_says_why(
    hass: HomeAssistant, home: Home, porch: Any, hass_ws_client: WebSocketGenerator
) -> None:
    """The sensor says what is wrong; the viewer waits, and sees the camera when it is back."""
    porch.mute()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "camera/webrtc/offer", "entity_id": "camera.porch", "offer": OFFER}
    )
    async with asyncio.timeout(30):
        while (message := await client.receive_json())["type"] != "event" or (
            message["event"]["type"] != "answer"
        ):
            pass
    await wait_for(lambda: home.state("sensor.porch_connection") == "no_answer", 20)
    assert home.state("camera.porch") == "unavailable"
    porch.resume()
    await wait_for(lambda: home.state("camera.porch") in ("idle", "streaming"), 10)


async def test_a_picture_that_stands_still_is_not_called_live(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """A camera that goes silent while watched becomes unavailable, and is live again by itself."""
    url = home.entry.runtime_data.coordinator.server.restream_url(_key(home)).reveal()
    viewer = await view(url)
    try:
        await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
        porch.freeze()
        await wait_for(lambda: home.state("sensor.porch_connection") == "stalled", 20)
        assert home.state("camera.porch") == "unavailable"
        porch.resume()
        await wait_for(lambda: home.state("camera.porch") in ("streaming", "idle"), 40)
    finally:
        viewer.kill()
        await viewer.wait()


async def offer(hass: HomeAssistant, ws: WebSocketGenerator, sdp: str) -> str:
    """Offer a viewer's session and return the message of the error that comes back."""
    client = await ws(hass)
    await client.send_json_auto_id({"type": "camera/webrtc/offer", "entity_id": "camera.porch", "offer": sdp})
    async with asyncio.timeout(30):
        while True:
            message = await client.receive_json()
            if message["type"] == "event" and message["event"]["type"] == "error":
                return str(message["event"]["message"])


@pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", video=Video.H265, audio=Audio.NONE)]], indirect=True
)
async def test_what_one_browser_cannot_play_is_not_the_cameras_fault(
    hass: HomeAssistant, home: Home, porch: Any, hass_ws_client: WebSocketGenerator
) -> None:
    """A viewer without the codec, or with a senseless offer, changes nothing for all others."""
    assert "cannot play" in await offer(hass, hass_ws_client, OFFER)
    await offer(hass, hass_ws_client, "v=0 garbage")
    await hass.async_block_till_done()
    assert home.state("camera.porch") in ("idle", "streaming")
    assert home.state("sensor.porch_connection") in ("ready", "live")


@pytest.mark.parametrize("simulator", [[CameraSpec("porch", model="WVOD1")]], indirect=True)
async def test_a_battery_camera_can_always_be_looked_at(
    hass: HomeAssistant, home: Home, simulator: Simulator, hass_ws_client: WebSocketGenerator
) -> None:
    """Asleep, or after a restart of the stream server, it stays available: looking is what wakes it."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("sensor.porch_connection") == "on_demand")
    simulator.cameras["porch"].mute()
    assert "does not answer" in await offer(hass, hass_ws_client, OFFER)
    await wait_for(lambda: home.state("sensor.porch_connection") == "asleep")
    assert home.state("camera.porch") == "idle"
    server = home.entry.runtime_data.coordinator.server
    await server.stop()
    assert home.state("sensor.porch_connection") == "server_down"
    assert home.state("camera.porch") == "unavailable"
    await server.start()
    # As it was left: asleep, until the relay has let go of whoever wanted it.
    await wait_for(lambda: home.state("sensor.porch_connection") in ("asleep", "on_demand"))
    # Gone for a moment, so that the dialog of the one who asked begins anew.
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_other_networks_cost_a_camera_inside_them_nothing(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """Whoever watches goes on watching while a network is added for another camera."""
    url = home.entry.runtime_data.coordinator.server.restream_url(_key(home)).reveal()
    viewer = await view(url, frames=90)
    await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
    dials = porch.counters.dials
    hass.config_entries.async_update_entry(home.entry, options={"networks": ["127.0.0.0/8", "192.0.2.0/24"]})
    await hass.async_block_till_done()
    assert home.state("camera.porch") == "streaming"
    async with asyncio.timeout(30):
        assert await saw(viewer) == 90
    assert porch.counters.dials == dials


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize("simulator", [[CameraSpec("porch", session_limit=1)]], indirect=True)
async def test_one_camera_connection_however_many_viewers(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """Three viewers of a camera that takes one session all get pictures."""
    url = home.entry.runtime_data.coordinator.server.restream_url(_key(home)).reveal()
    before = porch.counters.dials
    viewers = [await view(url, frames=20) for _ in range(3)]
    async with asyncio.timeout(40):
        assert await asyncio.gather(*map(saw, viewers)) == [20, 20, 20]
    assert porch.counters.dials - before <= 1, "at most one, as the session of the still may linger"
    assert porch.counters.refused == 0


async def test_a_broken_hls_worker_does_not_make_the_camera_unavailable(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """Availability is the coordinator's verdict alone."""
    camera = hass.data["camera"].get_entity("camera.porch")
    stream = await camera.async_create_stream()
    assert stream is not None
    stream._available = False
    assert camera.available
    stream._available = True


def _key(home: Home) -> str:
    (subentry,) = home.entry.subentries.values()
    return str(subentry.data["camera_key"])
