"""Talking through a camera from Home Assistant's own page: what the microphone hears comes out there."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from dev.home import ApiError, HomeAssistantRig
from dev.home.browser import Browser, close_dialog
from dev.ports import free_port
from dev.simulator import Audio, Camera, CameraSpec, Picture, Simulator
from tests.support.tones import listen, tone

pytestmark = [pytest.mark.live, pytest.mark.alone]

DOMAIN = "wyze_local"
SPEAKER = "media_player.porch_speaker"
LOCAL = "media-source://media_source/local"
START = "Start talking"
FREQUENCY, ANNOUNCED = 600, 1100
"""Hertz of what the microphone hears, and of the announcement."""

OPEN = """() => document.querySelector("home-assistant").dispatchEvent(
  new CustomEvent("hass-more-info", { detail: { entityId: "camera.porch" } }))"""


@pytest.fixture
async def porch() -> AsyncIterator[Camera]:
    async with Simulator([CameraSpec("porch", picture=Picture(gop=15))]) as simulator:
        yield simulator.cameras["porch"]


@pytest.fixture
async def home(tmp_path: Path, porch: Camera) -> AsyncIterator[HomeAssistantRig]:
    """Set a camera up, with Home Assistant's preview of two-way audio, and a sound to announce."""
    config = tmp_path / "config"
    (config / "media").mkdir(parents=True)
    (config / "media" / "announced.wav").write_bytes(tone(ANNOUNCED, 0.6))
    async with HomeAssistantRig(config) as made:
        client = made.client
        await client.command("labs/update", domain="camera", preview_feature="two_way_audio", enabled=True)
        flow = await client.flow(DOMAIN)
        await flow.choose("local")
        await flow.submit(networks=["127.0.0.0/8"], stream_server={"webrtc_port": free_port()})
        result = await flow.submit()
        await client.rest("DELETE", f"/api/config/config_entries/subentries/flow/{result['next_flow'][1]}")
        flow = await client.flow([result["result"]["entry_id"], "camera"], "subentry")
        await flow.choose("link")
        await flow.submit(name="Porch", link=porch.link)
        await client.wait_for_state(SPEAKER, "idle")
        yield made


async def until(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


async def announce(home: HomeAssistantRig) -> None:
    """Announce something until it was said; raises ApiError."""
    media = {"media_content_id": f"{LOCAL}/announced.wav", "media_content_type": "audio/wav"}
    await home.client.call("media_player", "play_media", entity_id=SPEAKER, media=media)


async def talk(page: Any, camera: Camera) -> tuple[float, float]:
    """Begin to talk; returns after how many seconds it was heard, and the bytes that come a second."""
    heard, began = camera.counters.talk_bytes, time.monotonic()
    await page.get_by_role("button", name=START).click()
    await until(lambda: camera.counters.talk_bytes > heard)
    took, before, since = time.monotonic() - began, camera.counters.talk_bytes, time.monotonic()
    await until(lambda: camera.counters.talk_bytes > before + 8000)
    return took, 8000 / (time.monotonic() - since)


async def seen(page: Any) -> int:
    """Return how many pictures a person has seen."""
    return int(await page.evaluate("playback.visibleFrames()"))


async def show(page: Any) -> None:
    """Open the camera's dialog, and wait until the picture moves."""
    await page.evaluate("playback.arm()")
    await page.evaluate(OPEN)
    await page.wait_for_function("playback.visibleFrames() > 5")


async def look(browser: Browser, home: HomeAssistantRig) -> Any:
    """Open the camera's dialog in a browser of its own."""
    page = await browser.sign_in(home.url)
    await show(page)
    return page


async def test_one_talks_and_the_others_are_told(
    tmp_path: Path, home: HomeAssistantRig, porch: Camera
) -> None:
    microphone = tmp_path / "microphone.wav"
    microphone.write_bytes(tone(FREQUENCY, 2, rate=48000))
    async with Browser(microphone=microphone) as browser:
        anna, ben = await look(browser, home), await look(browser, home)
        assert porch.counters.talks == 0, "to look is not to talk"
        took, rate = await talk(anna, porch)
        frequency, _ = listen(bytes(porch.speaker.heard[-4000:]), Audio.PCMU)
        print(f"heard {took:.2f} s after the click, {rate:.0f} bytes a second, {frequency:.1f} Hz")
        assert frequency == pytest.approx(FREQUENCY, abs=10)

        await ben.get_by_role("button", name=START).click()
        await ben.get_by_text("Somebody else talks through this camera").first.wait_for()
        # And sees on.
        await ben.wait_for_function("seen => playback.visibleFrames() > seen + 5", arg=await seen(ben))
        with pytest.raises(ApiError, match="Somebody talks through this camera"):
            await announce(home)
        assert porch.counters.talks == 1

        await anna.get_by_role("button", name="Stop talking").click()
        await until(lambda: porch.sessions[0].talk is None)
        await announce(home)
        frequency, _ = listen(bytes(porch.speaker.heard[-4000:]), Audio.PCMU)
        assert frequency == pytest.approx(ANNOUNCED, abs=10), "who is silent is in nobody's way"

        await close_dialog(anna)
        await talk(ben, porch)
        assert not browser.problems
