"""Talking through a camera: offered exactly where it works, and no speaker opens for who only looks."""

import asyncio
import re
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from dev.simulator import Audio, Camera, CameraSpec, Simulator

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
    subentry = await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    # Its first picture makes it idle, its first sound says what it takes.
    relaying, key = home.entry.runtime_data.shared.relaying, subentry.data["camera_key"]
    await wait_for(lambda: relaying.facts(key).audio)
    assert await async_setup_component(hass, "labs", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "labs/update", "domain": "camera", "preview_feature": "two_way_audio", "enabled": True}
    )
    assert (await client.receive_json())["success"]
    await client.send_json_auto_id({"type": "camera/capabilities", "entity_id": "camera.porch"})
    assert (await client.receive_json())["result"]["two_way_audio"] is speaks
    assert (await offered(client, talking()))["type"] == "answer"
    assert simulator.cameras["porch"].counters.talks == 0


def talking(browser: int = 1) -> str:
    """Return what a browser offers that brings a microphone."""
    offer = OFFER.replace("a=group:BUNDLE 0\r\n", "a=group:BUNDLE 0 1\r\n") + MICROPHONE
    return re.sub(r"o=- \S+", f"o=- {browser}", offer)


async def offered(client: Any, offer: str) -> Any:
    """Send an offer and return what came of it: an answer or an error."""
    await client.send_json_auto_id(
        {"type": "camera/webrtc/offer", "entity_id": "camera.porch", "offer": offer}
    )
    async with asyncio.timeout(15):
        while True:
            message = await client.receive_json()
            if message["type"] == "event" and message["event"]["type"] in ("answer", "error"):
                return message["event"] | {"id": message["id"]}


async def answered(client: Any, offer: str) -> None:
    """Send an offer until it is answered."""
    async with asyncio.timeout(15):
        while (await offered(client, offer))["type"] != "answer":
            pass


async def test_the_second_browser_is_told_that_somebody_talks(
    hass: HomeAssistant, home: Home, porch: Camera, hass_ws_client: WebSocketGenerator
) -> None:
    """It may look all the same, and talk as soon as the first has left."""
    anna, ben = await hass_ws_client(hass), await hass_ws_client(hass)
    talks = await offered(anna, talking(1))
    assert talks["type"] == "answer"
    refused = await offered(ben, talking(2))
    assert refused["type"] == "error"
    assert "Somebody else talks through this camera" in refused["message"]
    assert (await offered(ben, OFFER))["type"] == "answer", "to look is not to talk"
    again = await offered(anna, talking(1))
    assert again["type"] == "answer", "the same browser may begin anew"
    for left in (talks, again):
        await anna.send_json_auto_id({"type": "unsubscribe_events", "subscription": left["id"]})
    await answered(ben, talking(2))
    await ben.close()
    await answered(anna, talking(1))
    assert porch.counters.talks == 0, "nobody has said anything"


async def test_who_may_only_look_does_not_talk(
    hass: HomeAssistant,
    home: Home,
    porch: Camera,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    """Nor by an offer that leaves unsaid that it sends, or ends its lines unusually."""
    reader = await hass_ws_client(hass, hass_read_only_access_token)
    for offer in (
        talking(),
        talking().replace("a=sendrecv\r\n", ""),
        talking().replace("\r\n", "\r"),
    ):
        refused = await offered(reader, offer)
        assert refused["type"] == "error"
        assert "not talk through it" in refused["message"]
    assert (await offered(reader, OFFER))["type"] == "answer"
    assert porch.counters.talks == 0
