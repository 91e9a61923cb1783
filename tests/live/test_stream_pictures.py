"""Pictures through the real go2rtc from simulated cameras: dialled, watched, healed, and let go."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator

import pytest

from dev.simulator import Audio, CameraSpec, Framing, Picture, Refusal, Simulator, Video, WrongKey
from engine.model import Secret
from engine.stream import (
    ApiError,
    DialFailure,
    StillFailure,
    StreamInfo,
    StreamServer,
    WebRtcAnswer,
    WebRtcCandidate,
    WebRtcClosed,
    WebRtcFailed,
    WebRtcMessage,
)
from tests.support import streaming
from tests.support.streaming import decode, let_go, new_token, running, source_of, until, watching

pytestmark = pytest.mark.live

SHORT = Picture(gop=15)
CAMERAS = [
    CameraSpec("porch", picture=SHORT),
    CameraSpec("hall", framing=Framing.CC51, audio=Audio.AAC, picture=SHORT),
    CameraSpec("shed", video=Video.H265, audio=Audio.NONE, picture=SHORT),
]
TOKENS = {spec.name: new_token() for spec in CAMERAS}


@pytest.fixture
async def cameras() -> AsyncIterator[Simulator]:
    async with streaming.simulated(CAMERAS) as simulator:
        yield simulator


@pytest.fixture
async def server(cameras: Simulator) -> AsyncIterator[StreamServer]:
    async with running() as made:
        for name, camera in cameras.cameras.items():
            await made.add(name, TOKENS[name], source_of(camera.link))
        yield made


def sound(stream: StreamInfo) -> int:
    """Return how many packets of sound have come."""
    return sum(track.packets for part in stream.producers for track in part.tracks if track.kind == "audio")


async def failure(server: StreamServer, source: Secret, seconds: float = 12.0) -> str:
    with pytest.raises(DialFailure) as caught:
        await server.dial(source, timeout=seconds)
    return str(caught.value.reason)


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        (
            "porch",
            [("video", "recvonly", "H264"), ("audio", "recvonly", "PCMU"), ("audio", "sendonly", "PCMU")],
        ),
        (
            "hall",
            [("video", "recvonly", "H264"), ("audio", "recvonly", "MPEG4"), ("audio", "sendonly", "MPEG4")],
        ),
        ("shed", [("video", "recvonly", "H265")]),
    ],
)
async def test_a_dial_says_what_a_camera_offers_and_hangs_up(
    cameras: Simulator, server: StreamServer, name: str, offered: list[tuple[str, str, str]]
) -> None:
    camera = cameras.cameras[name]
    medias = (await server.dial(source_of(camera.link))).medias
    assert [
        (media.kind, media.direction, media.codecs[0][: len(codec)])
        for media, (*_, codec) in zip(medias, offered, strict=True)
    ] == offered
    assert camera.counters.talks == 0, "to look is not to open the speaker"
    await let_go(camera)


async def test_each_thing_that_can_be_wrong_has_its_reason(cameras: Simulator, server: StreamServer) -> None:
    camera = cameras.cameras["porch"]
    source = source_of(camera.link)
    loop = asyncio.get_running_loop()
    camera.change_key(WrongKey.ALERT)
    started = loop.time()
    assert await failure(server, source) == "wrong_key"
    assert loop.time() - started < 3
    camera.resume()
    camera.sleep()
    assert await failure(server, source) == "no_answer"
    camera.resume()
    camera.slow(6)
    assert await failure(server, source) == "busy"
    camera.resume()
    assert (await server.dial(source)).medias


async def test_a_closed_port_is_told_from_a_silent_camera(server: StreamServer) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.9", 0))
        port = silent.getsockname()[1]
        fields = "uid=ABCDEFGHIJ0123456789&enr=abcdefghijklmnop&mac=AABBCCDDEEFF&dtls=true"
        source = Secret(f"wyze://127.0.0.9:{port}?{fields}")
        assert await failure(server, source) == "no_answer"
    assert await failure(server, source) == "port_closed"


async def test_a_source_that_go2rtc_does_not_know_is_refused(server: StreamServer) -> None:
    for text in ("echo:id", "exec:id", "expr:1", "nonsense", "hass://x", "http://a b"):
        with pytest.raises(ApiError) as caught:
            await server.add("odd", new_token(), Secret(text))
        assert caught.value.reason == "refused_source"
    assert "odd" not in await server.streams()
    assert await failure(server, Secret("wyze://127.0.0.1")) == "no_dtls"


async def test_dials_that_never_end_take_a_camera_no_more_than_one_session(
    cameras: Simulator, server: StreamServer
) -> None:
    """go2rtc waits for announced sound for ever; each new dial would take one more of few sessions."""
    camera = cameras.cameras["porch"]
    source = source_of(camera.link)
    camera.silence_audio()
    for _ in range(3):
        assert await failure(server, source, 1.5) == "timeout"
    assert len(camera.sessions) <= 2
    camera.resume()
    assert (await server.dial(source, timeout=10)).medias
    await let_go(camera)


async def test_a_camera_that_takes_no_more_viewers_sends_no_picture(
    cameras: Simulator, server: StreamServer
) -> None:
    camera = cameras.cameras["hall"]
    camera.limit_sessions(0)
    assert await failure(server, source_of(camera.link), 15.5) == "no_media"
    camera.limit_sessions(0, Refusal.SILENCE)
    other = Secret(source_of(camera.link).reveal() + "&again=1")
    assert await failure(server, other) == "no_answer"


async def test_many_dials_at_once_are_made_one_after_the_other(
    cameras: Simulator, server: StreamServer
) -> None:
    sources = [source_of(camera.link) for camera in cameras.cameras.values()]
    results = await asyncio.gather(*(server.dial(sources[number % 3]) for number in range(12)))
    assert all(result.medias for result in results)
    assert all(len(camera.sessions) <= 2 for camera in cameras.cameras.values())


@pytest.mark.parametrize("name", ["porch", "hall", "shed"])
async def test_a_still_is_a_picture(server: StreamServer, name: str) -> None:
    still = await server.still(name)
    assert still.startswith(b"\xff\xd8\xff")
    assert still.rstrip(b"\0").endswith(b"\xff\xd9")
    assert len(still) > 2000


async def test_a_still_that_cannot_be_had_is_a_failure(cameras: Simulator, server: StreamServer) -> None:
    cameras.cameras["porch"].change_key(WrongKey.ALERT)
    with pytest.raises(StillFailure) as caught:
        await server.still("porch")
    assert caught.value.reason == "no_still"
    with pytest.raises(ApiError) as unknown:
        await server.still("nobody")
    assert unknown.value.reason == "unknown_camera"


async def test_three_viewers_share_one_connection_and_counters_grow(
    cameras: Simulator, server: StreamServer
) -> None:
    camera = cameras.cameras["porch"]
    url = server.restream_url("porch")
    async with watching(url) as picture:
        # Somebody is there all along: of three programs one may have seen enough before another has begun.
        await picture.readline()
        frames = await asyncio.gather(*(decode(url, frames=20) for _ in range(3)))
        assert list(frames) == [20, 20, 20]
        assert camera.counters.handshakes == 1
    async with watching(url) as picture:
        for _ in range(5):
            await picture.readline()
        first = (await server.streams())["porch"]
        assert first.running
        assert [consumer.kind for consumer in first.consumers] == ["rtsp"]
        assert first.consumers[0].bytes_sent > 0
        assert first.video_packets > 0
        assert sound(first) > 0
        # A key frame alone has that many packets, and may come between two of sound.
        async with asyncio.timeout(15):
            while True:
                second = (await server.streams())["porch"]
                if second.video_packets >= first.video_packets + 10 and sound(second) > sound(first):
                    break
                await picture.readline()
    await let_go(camera)
    # The camera's side ends first; go2rtc forgets the source only after its own last step.
    async with asyncio.timeout(8):
        while (idle := (await server.streams())["porch"]).running:
            await asyncio.sleep(0.05)
    assert (idle.consumers, idle.video_packets) == ((), 0)


async def test_a_dead_source_is_healed_for_whoever_comes(cameras: Simulator, server: StreamServer) -> None:
    camera = cameras.cameras["porch"]
    url = server.restream_url("porch")
    async with watching(url) as picture:
        await picture.readline()
        camera.reboot(away=1)
        await until(lambda: not camera.faults.away)
        await asyncio.sleep(1)
        before = (await server.streams())["porch"].video_packets
        await asyncio.sleep(1)
        assert (await server.streams())["porch"].video_packets == before > 0, "go2rtc notices nothing"
        await server.heal("porch")
        assert await decode(url, frames=5) == 5


async def test_another_source_is_taken_even_by_a_stream_that_is_up(
    cameras: Simulator, server: StreamServer
) -> None:
    url = server.restream_url("porch")
    async with watching(url) as picture:
        await picture.readline()
        await server.add("porch", TOKENS["porch"], source_of(cameras.cameras["hall"].link))
        assert await decode(url, frames=5) == 5
        assert cameras.cameras["hall"].counters.handshakes == 1
        assert server.restream_url("porch") == url


async def test_a_removed_camera_cannot_be_played_any_more(cameras: Simulator, server: StreamServer) -> None:
    url = server.restream_url("porch")
    await server.remove("porch")
    await server.remove("porch")
    assert await decode(url, seconds=5) == 0
    assert set(await server.streams()) == {"hall", "shed"}
    for work in (server.still("porch"), server.heal("porch")):
        with pytest.raises(ApiError):
            await work
    with pytest.raises(ApiError):
        server.restream_url("porch")
    assert cameras.cameras["porch"].counters.handshakes == 0


async def test_a_browser_gets_an_answer_and_a_way_in(server: StreamServer) -> None:
    heard: list[WebRtcMessage] = []
    session = await server.webrtc("porch", "viewer-1", streaming.offer(), heard.append)
    await until(lambda: any(isinstance(message, WebRtcCandidate) for message in heard))
    assert isinstance(heard[0], WebRtcAnswer)
    assert "m=video" in heard[0].sdp
    assert "a=candidate" not in heard[0].sdp.replace("127.0.0.1", "")
    candidates = [message.candidate for message in heard if isinstance(message, WebRtcCandidate)]
    assert all("127.0.0.1" in candidate and "typ host" in candidate for candidate in candidates)
    await session.candidate("candidate:1 1 udp 2130706431 127.0.0.1 9 typ host")
    await session.candidate("nonsense")
    kinds = [consumer.kind for consumer in (await server.streams())["porch"].consumers]
    assert kinds == ["rtsp"], "viewers share one hop, and hang on no source that dies in silence"
    await session.close()
    await session.close()


async def test_a_browser_hears_why_there_is_no_picture(cameras: Simulator, server: StreamServer) -> None:
    cameras.cameras["porch"].change_key(WrongKey.ALERT)
    heard: list[WebRtcMessage] = []
    await server.webrtc("porch", "viewer-1", streaming.offer(), heard.append)
    await until(lambda: WebRtcClosed() in heard)
    assert heard == [WebRtcFailed("no_such_stream"), WebRtcClosed()]
    heard.clear()
    await server.webrtc("porch", "viewer-2", "v=0 nonsense", heard.append)
    await until(lambda: WebRtcClosed() in heard)
    assert isinstance(heard[0], WebRtcFailed)


async def test_a_browser_is_told_when_the_server_dies(server: StreamServer) -> None:
    heard: list[WebRtcMessage] = []
    await server.webrtc("porch", "viewer-1", streaming.offer(), heard.append)
    await until(lambda: bool(heard))
    await server.stop()
    assert WebRtcClosed() not in heard, "who stops it himself need not be told"
    await server.start()
    heard.clear()
    await server.webrtc("porch", "viewer-1", streaming.offer(), heard.append)
    await until(lambda: bool(heard))
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await until(lambda: heard[-1] == WebRtcClosed())
