"""A camera's speaker as a media player: what is played is heard at the camera, one sound at a time."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import psutil
import pytest

from homeassistant.components.tts.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.wyze_local.engine.relay import RelayPhase
from dev.ports import free_port
from dev.simulator import Audio, Camera, CameraSpec, Simulator
from tests.support.rtsp import Viewer
from tests.support.tones import listen, tone
from tests.support.voices import talking

from .rigging import Home, wait_for
from .voice import FREQUENCY, Voice

SPEAKER = "media_player.porch_speaker"
LONG = "long.wav"
ASKED = 30.0
"""Seconds in which a camera has a speaker: it is asked what it has once its first picture has come."""
SPOKEN = (Audio.PCMU, Audio.PCMA, Audio.PCM, Audio.AAC)


@pytest.fixture
async def porch(hass: HomeAssistant, home: Home, simulator: Simulator) -> AsyncIterator[Camera]:
    """Set up a camera with a speaker, and sounds that Home Assistant keeps."""
    await fill_shelf(hass)
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state(SPEAKER) == "idle", ASKED)
    yield simulator.cameras["porch"]
    assert not coders(), "no ffmpeg is left"


async def fill_shelf(hass: HomeAssistant) -> None:
    """Put sounds where Home Assistant keeps media."""
    folder = Path(hass.config.path("media"))
    folder.mkdir()
    # As Home Assistant does with each of its media folders.
    hass.config.allowlist_external_dirs = {str(folder), hass.config.path("www")}
    (folder / "tone.wav").write_bytes(tone(1000, 0.6))
    (folder / LONG).write_bytes(tone(700, 30))
    (folder / "text.wav").write_text("This is no sound. " * 100)
    assert await async_setup_component(hass, "media_source", {})


def coders() -> list[int]:
    """Return the programs that make sound for cameras."""
    return [one.pid for one in psutil.Process().children(recursive=True) if "mulaw" in command(one)]


def command(process: psutil.Process) -> list[str]:
    """Return how a program was started; nothing of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def play(
    hass: HomeAssistant, media: str = "tone.wav", *, speaker: str = SPEAKER, **more: Any
) -> asyncio.Task[Any]:
    """Play something that lies in the media folder; done when it was said."""
    data = {
        "entity_id": speaker,
        "media": {
            "media_content_id": f"media-source://media_source/local/{media}",
            "media_content_type": "audio/wav",
        },
        **more,
    }
    return hass.async_create_task(hass.services.async_call("media_player", "play_media", data, blocking=True))


def play_from(hass: HomeAssistant, address: str) -> Awaitable[Any]:
    """Play what lies at an address; done when it was said."""
    data = {"entity_id": SPEAKER, "media_content_id": address, "media_content_type": "music"}
    return hass.services.async_call("media_player", "play_media", data, blocking=True)


async def played(hass: HomeAssistant, camera: Camera) -> asyncio.Task[Any]:
    """Play something long, and return when it can be heard."""
    before = camera.counters.talk_bytes
    task = play(hass, LONG)
    await wait_for(lambda: camera.counters.talk_bytes > before + 2000)
    return task


def silent(camera: Camera) -> bool:
    """Tell whether nobody has the way to its speaker; the session with it ends a little later."""
    return all(one.talk is None for one in camera.sessions)


async def refused(task: Awaitable[Any]) -> str:
    """Return what a person is told of why it was not said."""
    with pytest.raises(HomeAssistantError) as caught:
        async with asyncio.timeout(15):
            await task
    return str(caught.value)


def voice(home: Home) -> AbstractAsyncContextManager[Viewer]:
    """Have somebody talk through the camera, as a browser does by way of go2rtc."""
    (subentry,) = home.entry.subentries.values()
    relaying = home.entry.runtime_data.shared.relaying
    return talking(relaying.source(subentry.data["camera_key"]).reveal())


@pytest.mark.parametrize(
    "simulator", [[CameraSpec(str(audio), audio=audio) for audio in SPOKEN]], indirect=True
)
async def test_a_sound_comes_out_as_it_is(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """A tone of a file is the same tone at each camera, coded as the camera codes its own sound."""
    await fill_shelf(hass)
    await home.set_up()
    for name, camera in simulator.cameras.items():
        await home.add(camera.link, name)
    await asyncio.gather(*(comes_out(hass, home, simulator.cameras[str(audio)], audio) for audio in SPOKEN))
    await wait_for(lambda: not coders())


async def comes_out(hass: HomeAssistant, home: Home, camera: Camera, audio: Audio) -> None:
    """Play a tone and hear it."""
    speaker = f"media_player.{audio}_speaker"
    await wait_for(lambda: home.state(speaker) == "idle", ASKED)
    assert camera.counters.talks == 0
    loop = asyncio.get_running_loop()
    began = loop.time()
    await play(hass, speaker=speaker)
    took = loop.time() - began
    frequency, seconds = listen(bytes(camera.speaker.heard), audio)
    assert frequency == pytest.approx(1000, abs=5)
    assert seconds == pytest.approx(0.6, abs=0.15)
    assert took > 0.55, "in real time"
    assert camera.counters.talks == 1
    assert home.state(speaker) == "idle"


async def test_speech_is_heard_at_the_camera(hass: HomeAssistant, home: Home, porch: Camera) -> None:
    """`tts.speak` is over when all of it was said."""
    assert await async_setup_component(hass, "tts", {})
    await hass.data[DATA_COMPONENT].async_add_entities([Voice()])
    data = {
        "entity_id": "tts.voice",
        "media_player_entity_id": SPEAKER,
        "message": "Leave it at the door.",
    }
    await hass.services.async_call("tts", "speak", data, blocking=True)
    frequency, seconds = listen(bytes(porch.speaker.heard), Audio.PCMU)
    assert frequency == pytest.approx(FREQUENCY, abs=5)
    assert seconds == pytest.approx(2.1, abs=0.2)


async def test_what_comes_later_is_heard_until_it_is_told_to_stop(
    hass: HomeAssistant, home: Home, porch: Camera
) -> None:
    """A newer announcement takes the place of the older one; whoever asked for that goes on."""
    older = await played(hass, porch)
    assert home.state(SPEAKER) == "playing"
    await play(hass)
    await older
    frequency, _ = listen(bytes(porch.speaker.heard)[-4000:], Audio.PCMU)
    assert frequency == pytest.approx(1000, abs=5)
    assert home.state(SPEAKER) == "idle"

    stopped = await played(hass, porch)
    await hass.services.async_call("media_player", "media_stop", {"entity_id": SPEAKER}, blocking=True)
    await stopped
    assert home.state(SPEAKER) == "idle"
    await wait_for(lambda: silent(porch))
    assert not coders()

    given_up = await played(hass, porch)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    await wait_for(lambda: home.state(SPEAKER) == "idle" and silent(porch))


async def test_who_comes_second_is_told(hass: HomeAssistant, home: Home, porch: Camera) -> None:
    """While somebody talks nothing is announced; who begins to talk is heard, and the announcer is told."""
    async with voice(home):
        await wait_for(lambda: porch.counters.talk_bytes > 1000)
        assert "Somebody talks through this camera" in await refused(play(hass))
        assert porch.counters.talks == 1
    await wait_for(lambda: silent(porch))
    task = await played(hass, porch)
    async with voice(home):
        assert "was cut short" in await refused(task)
        await wait_for(lambda: porch.speaker.heard.endswith(b"\x2a" * 1600))
    assert home.state(SPEAKER) == "idle"


async def test_it_ends_with_the_entry(hass: HomeAssistant, home: Home, porch: Camera) -> None:
    """Unloaded in the middle of it, the camera is silent at once; nobody waits any more."""
    task = await played(hass, porch)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await task
    await wait_for(lambda: not coders())
    assert home.state(SPEAKER) == "unavailable"
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await wait_for(lambda: home.state(SPEAKER) == "idle")
    await play(hass)


def reboot(camera: Camera) -> None:
    """Let the camera lose everything, without a word."""
    camera.reboot(away=1)


def kill_relay(camera: Camera) -> None:
    """Kill the program that holds the camera."""
    relay = next(child for child in psutil.Process().children() if "relay" in command(child))
    os.kill(relay.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(reboot, "before all of it was said"), (kill_relay, "The server side failed")],
)
async def test_trouble_in_the_middle_of_it(
    hass: HomeAssistant, home: Home, porch: Camera, trouble: Callable[[Camera], None], told: str
) -> None:
    """Whoever announced something is told, nothing is left, and the next announcement is heard."""
    task = await played(hass, porch)
    trouble(porch)
    assert told in await refused(task)
    assert not coders()
    relaying = home.entry.runtime_data.shared.relaying
    await wait_for(lambda: relaying.state.phase is RelayPhase.READY and home.state(SPEAKER) == "idle", 20)
    before = porch.counters.talk_bytes
    await play(hass)
    assert porch.counters.talk_bytes >= before + 4800


async def test_what_cannot_be_played(hass: HomeAssistant, home: Home, porch: Camera) -> None:
    """The person is told what is wrong with it. Nobody can read files here, and no address is named."""
    assert "no sound that can be read" in await refused(play(hass, "text.wav"))
    assert "could not be fetched (file)" in await refused(play(hass, "gone.wav"))
    talks = porch.counters.talks
    hass.config.internal_url = f"http://127.0.0.1:{free_port()}"
    os.mkfifo(hass.config.path("media", "pipe.wav"))
    assert "could not be fetched (file)" in await refused(play(hass, "pipe.wav"))
    Path(hass.config.path("media", "elsewhere.wav")).symlink_to("/dev/zero")
    assert "could not be fetched (connection)" in await refused(play(hass, "elsewhere.wav"))
    here = f"http://127.0.0.1:{free_port()}/secret.wav"
    for media, why in (
        ("file:/etc/passwd", "neither a file"),
        ("rtsp://127.0.0.1/secret", "neither a file"),
        ("concat:/etc/passwd", "neither a file"),
        (here, "could not be fetched (connection)"),
        ("http://[127.0.0.1/secret.wav", "neither a file"),
        ("http:///secret.wav", "neither a file"),
        ("http://127.0.0.1:secret/", "neither a file"),
        ("/local/../media/tone.wav", "could not be fetched"),
    ):
        told = await refused(play_from(hass, media))
        assert why in told
        assert media not in told
    assert porch.counters.talks == talks

    # What Home Assistant itself hands out needs no way over its web server.
    folder = Path(hass.config.path("www"))
    folder.mkdir()
    (folder / "tone.wav").write_bytes(tone(1000, 0.2))
    await play_from(hass, "/local/tone.wav")
    assert porch.counters.talks == talks + 1


async def test_a_camera_that_go2rtc_holds_keeps_its_speaker_and_cannot_use_it(
    hass: HomeAssistant, home: Home, porch: Camera
) -> None:
    """It does not vanish, with whatever was made of it, and is back with the relay."""

    def hold(engine: str) -> None:
        (subentry,) = home.entry.subentries.values()
        data = {**subentry.data, "engine": engine}
        hass.config_entries.async_update_subentry(home.entry, subentry, data=data)

    hold("go2rtc")
    await wait_for(lambda: home.state(SPEAKER) == "unavailable")
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    # Its picture is there, so nothing but that keeps the speaker away.
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert home.state(SPEAKER) == "unavailable"
    hold("relay")
    await wait_for(lambda: home.state(SPEAKER) == "idle")
    await play(hass)


@pytest.mark.parametrize("simulator", [[CameraSpec("porch", two_way=False)]], indirect=True)
async def test_a_camera_without_a_speaker_has_none_here(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """What it does not announce is not offered."""
    await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    # Sooner, nobody knows whether it has one.
    controls, key = home.entry.runtime_data.controls, subentry.data["camera_key"]
    await wait_for(lambda: controls.of(key).features, ASKED)
    await hass.async_block_till_done()
    assert er.async_get(hass).async_get(SPEAKER) is None
