"""A camera's speaker as a media player: what is played is heard at the camera, and by nobody else's leave."""

import asyncio
from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from dev.simulator import Audio, CameraSpec, Simulator
from tests.support.tones import listen, tone

from .rigging import Home, wait_for

SPEAKER = "media_player.porch_speaker"


async def prepared(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """Set up the camera, and media that Home Assistant keeps."""
    folder = Path(hass.config.path("media"))
    folder.mkdir()
    (folder / "tone.wav").write_bytes(tone(1000, 1.5))
    assert await async_setup_component(hass, "media_source", {})
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state(SPEAKER) == "idle")


async def play(hass: HomeAssistant, media: str = "tone.wav") -> None:
    """Play something that lies in the media folder, until it was said."""
    data = {
        "entity_id": SPEAKER,
        "media": {
            "media_content_id": f"media-source://media_source/local/{media}",
            "media_content_type": "audio/wav",
        },
    }
    await hass.services.async_call("media_player", "play_media", data, blocking=True)


@pytest.mark.parametrize(
    ("simulator", "audio"),
    [([CameraSpec("porch", audio=audio)], audio) for audio in (Audio.PCMU, Audio.PCMA, Audio.PCM, Audio.AAC)],
    indirect=["simulator"],
)
async def test_a_sound_comes_out_as_it_is(
    hass: HomeAssistant, home: Home, simulator: Simulator, audio: Audio
) -> None:
    """A tone of a file is the same tone at the camera, coded as the camera codes its own sound."""
    camera = simulator.cameras["porch"]
    await prepared(hass, home, simulator)
    assert camera.counters.talks == 0
    loop = asyncio.get_running_loop()
    began = loop.time()
    await play(hass)
    took = loop.time() - began
    frequency, seconds = listen(bytes(camera.heard), audio)
    assert frequency == pytest.approx(1000, abs=5)
    assert seconds == pytest.approx(1.5, abs=0.2)
    assert took > 1.4, "in real time"
    assert camera.counters.talks == 1
    assert home.state(SPEAKER) == "idle"
