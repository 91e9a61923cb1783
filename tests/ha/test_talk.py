"""Talking through a camera: offered exactly where it works, and no speaker opens for who only looks."""

import asyncio

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from dev.simulator import Audio, CameraSpec, Simulator

from .rigging import OFFER, Home, wait_for

MICROPHONE = """m=audio 9 UDP/TLS/RTP/SAVPF 0
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 FINGERPRINT
a=setup:actpass
a=mid:1
a=sendrecv
a=rtcp-mux
a=rtpmap:0 PCMU/8000
""".replace("\n", "\r\n").replace("FINGERPRINT", ":".join(["A7"] * 32))


@pytest.mark.parametrize(
    ("simulator", "speaks"),
    [
        ([CameraSpec("porch")], True),
        ([CameraSpec("porch", audio=Audio.AAC)], False),
        ([CameraSpec("porch", two_way=False)], False),
    ],
    indirect=["simulator"],
)
async def test_who_has_a_speaker_for_a_browser_can_be_talked_to(
    hass: HomeAssistant, home: Home, simulator: Simulator, hass_ws_client: WebSocketGenerator, speaks: bool
) -> None:
    """The button is there exactly where the camera takes what a browser sends."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert await async_setup_component(hass, "labs", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "labs/update", "domain": "camera", "preview_feature": "two_way_audio", "enabled": True}
    )
    assert (await client.receive_json())["success"]
    await client.send_json_auto_id({"type": "camera/capabilities", "entity_id": "camera.porch"})
    assert (await client.receive_json())["result"]["two_way_audio"] is speaks
    offer = OFFER.replace("a=group:BUNDLE 0\r\n", "a=group:BUNDLE 0 1\r\n") + MICROPHONE
    await client.send_json_auto_id(
        {"type": "camera/webrtc/offer", "entity_id": "camera.porch", "offer": offer}
    )
    async with asyncio.timeout(15):
        while (message := await client.receive_json())["type"] != "event" or (
            message["event"]["type"] != "answer"
        ):
            pass
    assert simulator.cameras["porch"].counters.talks == 0
