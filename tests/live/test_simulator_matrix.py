"""The unmodified go2rtc streams from simulated cameras of every kind."""

import asyncio
import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_socket

from dev.simulator import Audio, CameraSpec, Counters, Framing, Picture, Scene, Sent, Simulator, Video
from tests.simulator.judge import Seen, go2rtc

pytestmark = pytest.mark.live

PICTURES = 30
KINDS = list(itertools.product(Framing, Video, Audio))
STATUSES = (1, 3, 6)
CODECS = {
    Audio.PCMU: "pcm_mulaw",
    Audio.PCMA: "pcm_alaw",
    Audio.PCM: "pcm_s16be",
    Audio.AAC: "aac",
    Audio.NONE: "",
}


@dataclass(frozen=True)
class Outcome:
    """What was sent and what was seen of one camera."""

    seen: Seen
    sent: list[Sent]
    counters: Counters


def name(framing: Framing, video: Video, audio: Audio) -> str:
    """Return the camera's name."""
    return f"{framing.value}-{video.value}-{audio.value}"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Watch all kinds of cameras, several at a time."""
    pytest_socket.enable_socket()
    return asyncio.run(watch_all(tmp_path_factory.mktemp("matrix")))


async def watch_all(folder: Path) -> dict[str, Outcome]:
    """Run a camera of each kind and one go2rtc, and look at each."""
    picture = Picture(scene=Scene.PORCH)
    specs = [
        CameraSpec(
            name(*kind), *kind, picture=picture, status=STATUSES[index % 3], verify_hello=bool(index % 2)
        )
        for index, kind in enumerate(KINDS)
    ]
    turn = asyncio.Semaphore(10)
    async with Simulator(specs) as simulator:
        cameras = simulator.cameras
        async with go2rtc({key: camera.link for key, camera in cameras.items()}, folder) as judge:

            async def look(key: str) -> Outcome:
                async with turn:
                    seen = await judge.watch(key, pictures=PICTURES)
                    return Outcome(seen, cameras[key].sent(), cameras[key].counters)

            found = await asyncio.gather(*map(look, cameras))
    return dict(zip(cameras, found, strict=True))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: name(*kind))
def test_every_kind_streams(outcomes: dict[str, Outcome], kind: tuple[Framing, Video, Audio]) -> None:
    """Pictures arrive in order, none missing, in time; sound comes in the announced codec."""
    outcome = outcomes[name(*kind)]
    seen = outcome.seen
    assert seen.video == ("h264" if kind[1] is Video.H264 else "hevc")
    assert seen.audio == CODECS[kind[2]]
    assert bool(seen.sounds) is (kind[2] is not Audio.NONE)
    assert len(seen.numbers) == PICTURES
    first = seen.numbers[0]
    assert seen.numbers == list(range(first, first + PICTURES))
    sent = {entry.frame: entry.monotonic_ns for entry in outcome.sent}
    latencies = [(at - sent[frame]) / 1e9 for frame, at in zip(seen.numbers, seen.times, strict=True)]
    assert 0 < min(latencies) < 1.0
    assert (outcome.counters.handshakes, outcome.counters.failed_handshakes, outcome.counters.malformed) == (
        1,
        0,
        0,
    )
