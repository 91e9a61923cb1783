"""The relay with simulated cameras: for the real go2rtc, and by the rules of Home Assistant's stream."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import time
from collections.abc import AsyncIterator

import av
import pytest

from homeassistant.components.stream.worker import TimestampValidator

from dev.simulator import Audio, CameraSpec, Framing, Picture, Simulator, Video
from engine.model import Secret, new_camera_key, parse_wyze_link
from engine.relay import Phase, Relay, RelayError
from engine.stream import StreamServer
from tests.support import streaming
from tests.support.relay import relay_of
from tests.support.rtsp import Viewer
from tests.support.streaming import decode, new_token, running, until, watching

pytestmark = pytest.mark.live

GOP = 4.0
SPEAK = {"Require": "www.onvif.org/ver20/backchannel"}
LONG = Picture(gop=int(GOP * 15))
CAMERAS = [
    CameraSpec("porch", picture=LONG),
    CameraSpec("hall", framing=Framing.CC51, audio=Audio.AAC, picture=LONG),
    CameraSpec("shed", video=Video.H265, audio=Audio.NONE, picture=LONG, two_way=False),
    CameraSpec("attic", audio=Audio.PCM, picture=LONG),
    CameraSpec("barn", audio=Audio.PCMA, picture=LONG),
]
KEYS = {spec.name: new_camera_key() for spec in CAMERAS}
CODECS = {
    "porch": ("h264", "pcm_mulaw", 8000),
    "hall": ("h264", "aac", 16000),
    "shed": ("hevc", "", 0),
    "attic": ("h264", "pcm_s16be", 16000),
    "barn": ("h264", "pcm_alaw", 8000),
}


@pytest.fixture
async def cameras() -> AsyncIterator[Simulator]:
    async with streaming.simulated(CAMERAS) as simulator:
        yield simulator


@pytest.fixture
async def relay(cameras: Simulator) -> AsyncIterator[Relay]:
    async with relay_of(cameras, KEYS) as made:
        yield made


@pytest.fixture
async def server(relay: Relay) -> AsyncIterator[StreamServer]:
    """Run a go2rtc with two streams per camera: who wants a picture at once has one of his own."""
    async with running() as made:
        for name, key in KEYS.items():
            for number in range(2):
                await made.add(f"{name}{number}", new_token(), relay.url(key, opus=True))
        yield made


async def first_key(url: Secret) -> float:
    """Return the seconds from the first word to a whole key frame."""
    started = time.monotonic()
    async with Viewer(url.reveal()) as viewer, asyncio.timeout(10):
        await viewer.play()
        async for picture in viewer.pictures():
            if picture.key:
                return time.monotonic() - started
    raise AssertionError("no key frame")


@pytest.mark.alone
async def test_the_first_picture_does_not_wait_for_a_key_frame(
    cameras: Simulator, server: StreamServer
) -> None:
    """Neither the first viewer's, behind go2rtc and before anything was known, nor the second one's."""
    first = await first_key(server.restream_url("porch0"))
    async with watching(server.restream_url("porch0")) as frames:
        await frames.readline()
        await until(lambda: cameras.cameras["porch"].counters.frames_sent > 30)
        second = await first_key(server.restream_url("porch1"))
    print(f"first {first * 1000:.0f} ms, second {second * 1000:.0f} ms, groups of {GOP} s")
    assert first < GOP / 2
    assert second < GOP / 2
    assert cameras.cameras["porch"].counters.handshakes == 1


async def test_three_readers_are_one_session(cameras: Simulator, relay: Relay, server: StreamServer) -> None:
    urls = [server.restream_url("porch0"), server.restream_url("porch1"), relay.url(KEYS["porch"])]
    assert await asyncio.gather(*(decode(url, frames=20) for url in urls)) == [20] * 3
    camera = cameras.cameras["porch"]
    assert (camera.counters.handshakes, len(camera.sessions)) == (1, 1)
    facts = relay.facts(KEYS["porch"])
    assert (facts.model, facts.talk) == (camera.spec.model, True)
    await relay.command(KEYS["porch"], 10020, b"\x01\x01")
    await relay.prove(parse_wyze_link(camera.link), relay._networks)
    assert camera.counters.logins == 1, "a proof logs in nowhere, a command uses what stands"
    assert relay.states[KEYS["porch"]].phase is Phase.LIVE


def codecs(url: Secret) -> tuple[str, str, int]:
    """Return codecs and rate of a stream once some of everything came."""
    with av.open(url.reveal(), options={"rtsp_transport": "tcp"}, timeout=10) as container:
        sound = container.streams.audio
        heard = seen = 0
        for packet in container.demux():
            seen += packet.stream.type == "video"
            heard += packet.stream.type == "audio"
            if seen >= 10 and (heard >= 5 or not sound):
                break
        video = container.streams.video[0].codec.name
        return (video, sound[0].codec.name, sound[0].rate) if sound else (video, "", 0)


async def test_every_codec_arrives_and_can_be_decoded(server: StreamServer, relay: Relay) -> None:
    async def look(name: str) -> None:
        through = server.restream_url(f"{name}0")
        for url in (relay.url(KEYS[name]), through):
            assert await asyncio.to_thread(codecs, url) == CODECS[name]
        assert await decode(through, frames=10) == 10

    async with asyncio.timeout(20):
        await asyncio.gather(*map(look, KEYS))


@pytest.mark.parametrize("warm", [False, True])
async def test_home_assistants_stream_takes_the_first_key_frame(
    cameras: Simulator, relay: Relay, warm: bool
) -> None:
    """Its rules drop a packet without a decoding time, which is the first one."""

    def look(url: Secret) -> float:
        started = time.monotonic()
        with av.open(url.reveal(), options={"rtsp_flags": "prefer_tcp"}, timeout=10) as container:
            video = container.streams.video[0]
            validator = TimestampValidator(int(1 / video.time_base), 1)
            accepted = 0.0
            for packet in container.demux(video):
                if validator.is_valid(packet):
                    assert packet.is_keyframe, "the key frame was lost"
                    accepted = time.monotonic() - started
                if accepted or time.monotonic() - started > GOP:
                    break
            return accepted

    if warm:
        assert await first_key(relay.url(KEYS["porch"])) < GOP
        await until(lambda: cameras.cameras["porch"].counters.frames_sent > 20)
    took = await asyncio.to_thread(look, relay.url(KEYS["porch"], twice=True))
    print(f"accepted after {took * 1000:.0f} ms")
    assert 0 < took < GOP


@pytest.mark.parametrize("through", [False, True])
async def test_talk_reaches_the_camera_and_looking_does_not(
    cameras: Simulator, relay: Relay, server: StreamServer, through: bool
) -> None:
    counters = cameras.cameras["porch"].counters
    url = relay.url(KEYS["porch"]).reveal()
    if through:
        url = f"{server.restream_url('porch0').reveal()}?video&audio&backchannel=1"
    async with Viewer(url) as viewer:
        await viewer.play("video", "audio", "talk", *(f"trackID={number}" for number in range(3)), **SPEAK)
        await anext(viewer.pictures())
        assert counters.talks == 0
        for number in range(25):
            head = bytes([0x80, 0]) + number.to_bytes(2) + (number * 160).to_bytes(4) + bytes(4)
            packet = head + bytes(160)
            viewer.writer.write(bytes([0x24, viewer.speaker]) + len(packet).to_bytes(2) + packet)
        await until(lambda: counters.talk_bytes == 25 * 160)
        await anext(viewer.pictures())
    assert (counters.talks, counters.handshakes) == (1, 1)


async def test_who_may_not_look_makes_nobody_dial(cameras: Simulator, relay: Relay) -> None:
    right = relay.url(KEYS["porch"]).reveal()
    for wrong in (right[:-1] + "x", right.partition("?")[0], right.replace(KEYS["porch"], KEYS["hall"])):
        async with Viewer(wrong) as viewer:
            assert (await viewer.ask("DESCRIBE")).status == 404
    with pytest.raises(RelayError) as caught:
        relay.url(new_camera_key())
    assert caught.value.reason == "unknown_camera"
    assert all(camera.counters.discoveries == 0 for camera in cameras.cameras.values())
