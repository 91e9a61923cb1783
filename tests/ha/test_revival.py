"""Players that lost their peer for good are made anew, by their camera's state going away and coming back."""

import os
import signal
from datetime import timedelta
from typing import Any

import pytest

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.wyze_local import revival
from custom_components.wyze_local.shared import DATA_SHARED
from dev.simulator import CameraSpec, Simulator

from .rigging import OFFER, Home, wait_for

CANDIDATE = {"candidate": "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host", "sdpMid": "0"}
BOTH = [CameraSpec("porch"), CameraSpec("garden")]


@pytest.fixture
async def gone(hass: HomeAssistant, home: Home, simulator: Simulator) -> list[str]:
    """Set the cameras up; notes whose state goes away from then on."""
    await home.set_up()
    for name, camera in simulator.cameras.items():
        await home.add(camera.link, name.capitalize())
    await wait_for(lambda: all(home.state(f"camera.{name}") == "idle" for name in simulator.cameras))
    found: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["new_state"] is None:
            found.append(event.data["entity_id"])

    hass.bus.async_listen("state_changed", note)
    return found


async def offer(client: Any, *, introduced: bool, sdp: str = OFFER) -> str:
    """Offer as the frontend does; returns the session's id once it is answered."""
    if introduced:
        await client.send_json_auto_id(
            {"type": "camera/webrtc/get_client_config", "entity_id": "camera.porch"}
        )
        assert (await client.receive_json())["success"]
    await client.send_json_auto_id({"type": "camera/webrtc/offer", "entity_id": "camera.porch", "offer": sdp})
    session_id = ""
    while True:
        event = (await client.receive_json()).get("event", {})
        session_id = event.get("session_id", session_id)
        if event.get("type") == "answer":
            return session_id


async def later(hass: HomeAssistant) -> None:
    """Let so much time pass that whoever is doubted has had his chance."""
    await hass.async_block_till_done()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2 * revival.DOUBT_SECONDS))
    await hass.async_block_till_done()


@pytest.mark.parametrize("simulator", [BOTH], indirect=True)
async def test_after_a_death_of_go2rtc_those_with_viewers_are_made_anew(
    hass: HomeAssistant, home: Home, gone: list[str], hass_ws_client: WebSocketGenerator
) -> None:
    """A camera that nobody watches keeps its state, and with it its history."""
    await offer(await hass_ws_client(hass), introduced=True)
    pid = getattr(hass.data[DATA_SHARED].server, "pid", None)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await wait_for(lambda: gone)
    await wait_for(lambda: home.state("camera.porch") is not None)
    assert gone == ["camera.porch"]


async def test_an_old_offer_that_comes_again_after_a_restart_makes_its_player_anew(
    hass: HomeAssistant, home: Home, gone: list[str], hass_ws_client: WebSocketGenerator
) -> None:
    """Once: a program that offers in this way again is no frontend."""
    client = await hass_ws_client(hass)
    await offer(client, introduced=False)
    await wait_for(lambda: gone)
    await wait_for(lambda: home.state("camera.porch") is not None)
    await offer(client, introduced=False, sdp=OFFER.replace("o=- 1 2", "o=- 2 2"))
    await later(hass)
    assert gone == ["camera.porch"]


@pytest.mark.parametrize("how", ["introduced", "candidate later", "candidate in the offer", "left"])
async def test_who_is_there_is_left_alone(
    hass: HomeAssistant, home: Home, gone: list[str], hass_ws_client: WebSocketGenerator, how: str
) -> None:
    client = await hass_ws_client(hass)
    sdp = f"{OFFER}a={CANDIDATE['candidate']}\r\n" if how == "candidate in the offer" else OFFER
    session_id = await offer(client, introduced=how == "introduced", sdp=sdp)
    if how == "candidate later":
        named = {"entity_id": "camera.porch", "session_id": session_id, "candidate": CANDIDATE}
        await client.send_json_auto_id({"type": "camera/webrtc/candidate", **named})
        while (await client.receive_json())["type"] != "result":
            pass
    elif how == "left":
        await client.close()
    await later(hass)
    assert gone == []


async def test_an_offer_that_comes_again_without_a_restart_leaves_the_player_alone(
    hass: HomeAssistant, home: Home, gone: list[str], hass_ws_client: WebSocketGenerator
) -> None:
    """Only the line to Home Assistant was gone for a moment; the pictures went on."""
    first = await hass_ws_client(hass)
    await offer(first, introduced=True)
    await first.close()
    await offer(await hass_ws_client(hass), introduced=False)
    await later(hass)
    assert gone == []
