"""Each trouble of a simulated camera has, on the unmodified go2rtc, the effect it promises.

All scenes are played at the same time, each with a camera of its own, because each waits a lot.
"""

import asyncio
import math
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp.web
import pytest
import pytest_socket

from dev.simulator import Camera, CameraSpec, Framing, Picture, Refusal, Scene, Simulator, WrongKey
from tests.simulator.judge import Judge, Seen, go2rtc
from tests.simulator.viewer import Viewer

pytestmark = pytest.mark.live

RATE = 15
DISCOVERY = "discovery timeout"


@dataclass(frozen=True)
class Stage:
    """What a scene is played with: its camera, and go2rtc, which knows it under two names."""

    camera: Camera
    judge: Judge
    name: str
    again: str
    """A second stream with the same link: go2rtc dials afresh for it."""
    speech: str
    """URL of a second of sound."""

    def viewer(self) -> Viewer:
        """Return a viewer of our own beside go2rtc."""
        return Viewer(self.camera.credentials, self.camera.spec.framing)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Keep go2rtc watching for a while, pictures already flowing."""
        task = asyncio.create_task(self.judge.watch(self.name, pictures=10_000, patience=30))
        try:
            await self.flowing()
            yield
        finally:
            self.camera.mute()
            self.camera.stop()
            await task

    async def flowing(self) -> None:
        """Wait until pictures have been sent for longer than go2rtc needs to look at the stream."""
        before = self.camera.counters.frames_sent
        async with asyncio.timeout(15):
            while self.camera.counters.frames_sent < before + 3 * RATE:
                await asyncio.sleep(0.05)

    async def received(self, seconds: float) -> int:
        """Return how many bytes of pictures go2rtc gets in that time."""
        counts = []
        for pause in (seconds, 0):
            async with self.judge.api.get("/api/streams", params={"src": self.name}) as answer:
                (producer,) = (await answer.json())["producers"]
            counts.append(sum(track.get("bytes", 0) for track in producer.get("receivers", [])))
            await asyncio.sleep(pause)
        return counts[1] - counts[0]

    async def silence(self) -> None:
        """Wait until what was on its way has come to go2rtc."""
        async with asyncio.timeout(10):
            while await self.received(0.3):
                pass


type Play = Callable[[Stage], Coroutine[None, None, None]]


async def freeze(stage: Stage) -> None:
    """Frozen: nothing comes, but another viewer's command is answered; then pictures come again."""
    async with stage.watching(), stage.viewer() as viewer:
        assert await stage.received(1) > 0
        stage.camera.freeze()
        await stage.silence()
        assert await stage.received(1.5) == 0
        await viewer.dial()
        assert await viewer.ask(10030)
        stage.camera.resume()
        assert await stage.received(1) > 0


async def mute(stage: Stage) -> None:
    """Muted: nothing comes, and a fresh dial finds nobody."""
    async with stage.watching():
        stage.camera.mute()
        await stage.silence()
        assert await stage.received(1) == 0
        assert DISCOVERY in str(await stage.judge.dial(stage.again))


async def sleep(stage: Stage) -> None:
    """Asleep: nobody is found; awake: there it is."""
    stage.camera.sleep()
    assert DISCOVERY in str(await stage.judge.dial(stage.name))
    stage.camera.resume()
    assert await stage.judge.dial(stage.again) is None


async def reboot(stage: Stage) -> None:
    """Rebooted: go2rtc's old session stays dead after the camera is back, a fresh dial works."""
    async with stage.watching():
        stage.camera.reboot(1.0)
        await stage.received(1.5)
        assert not stage.camera.faults.away
        assert await stage.received(1) == 0
        assert await stage.judge.dial(stage.again) is None


async def move(stage: Stage) -> None:
    """Moved: the old link finds nobody, the new one the camera."""
    old = stage.camera.link
    stage.camera.move("127.0.0.77")
    assert stage.camera.link != old
    assert DISCOVERY in str(await stage.judge.dial(stage.name))
    async with stage.judge.api.patch("/api/streams", params={"name": "moved", "src": stage.camera.link}):
        assert await stage.judge.dial("moved") is None


ANY_NUMBER = 1_000_000
"""Pictures that no simulated camera of these tests has sent yet."""


def gaps(seen: Seen) -> int:
    """Return at how many places a picture does not follow the one before.

    A picture that lost a part may show any number, mostly a larger one than any of a camera's.
    """
    told = [number for number in seen.numbers if number < ANY_NUMBER]
    return sum(after != before + 1 for before, after in pairwise(told))


async def lose(stage: Stage) -> None:
    """Loss: pictures are missing at go2rtc."""
    stage.camera.lose(0.03)
    seen = await stage.judge.watch(stage.name, pictures=75, patience=20)
    assert stage.camera.counters.lost > 5
    assert gaps(seen) > 0


async def reorder(stage: Stage) -> None:
    """Reordering: pictures are missing at go2rtc, although no datagram is lost."""
    stage.camera.reorder(0.05, 0.05)
    seen = await stage.judge.watch(stage.name, pictures=75, patience=20)
    assert stage.camera.counters.delayed > 5
    assert stage.camera.counters.lost == 0
    assert gaps(seen) > 0


async def healthy(stage: Stage) -> None:
    """For comparison: without trouble nothing is missing in the same time."""
    seen = await stage.judge.watch(stage.name, pictures=75, patience=20)
    assert len(seen.numbers) == 75
    assert gaps(seen) == 0


async def wrong_key(stage: Stage) -> None:
    """Another key: the handshake ends in the alert that go2rtc names."""
    stage.camera.change_key()
    assert "BadRecordMac" in str(await stage.judge.dial(stage.name))
    stage.camera.resume()
    assert await stage.judge.dial(stage.again) is None


async def wrong_key_silence(stage: Stage) -> None:
    """Another key, the other way: nobody is found."""
    stage.camera.change_key(WrongKey.SILENCE)
    assert DISCOVERY in str(await stage.judge.dial(stage.name))


async def slow(stage: Stage) -> None:
    """Slow answers: the dial lasts as long as its four answers, and works."""
    stage.camera.slow(0.5)
    before = asyncio.get_running_loop().time()
    assert await stage.judge.dial(stage.name) is None
    assert asyncio.get_running_loop().time() - before > 2.0


async def silent_audio(stage: Stage) -> None:
    """Sound announced and silent: go2rtc waits for it until it comes."""
    stage.camera.silence_audio()
    dial = asyncio.create_task(stage.judge.dial(stage.name))
    done, _ = await asyncio.wait([dial], timeout=4)
    assert not done
    assert stage.camera.counters.frames_sent > RATE
    stage.camera.resume()
    assert await dial is None


async def second_refused(stage: Stage) -> None:
    """Second session refused: the fresh dial gets no picture, the first session goes on."""
    stage.camera.limit_sessions(1)
    async with stage.watching():
        with pytest.raises(TimeoutError):
            await stage.judge.dial(stage.again, patience=4)
        assert stage.camera.counters.refused == 1
        assert await stage.received(1) > 0


async def second_ignored(stage: Stage) -> None:
    """Second session refused by silence: as if nobody were there."""
    stage.camera.limit_sessions(1, Refusal.SILENCE)
    async with stage.watching():
        assert DISCOVERY in str(await stage.judge.dial(stage.again))


async def talk(stage: Stage) -> None:
    """Two-way sound: every byte that is said arrives, pictures go on, and it ends."""
    async with stage.watching():
        params = {"dst": stage.name, "src": stage.speech}
        async with stage.judge.api.post("/api/streams", params=params) as answer:
            assert answer.status == 200, await answer.text()
        async with asyncio.timeout(10):
            while stage.camera.counters.talk_bytes < len(SPEECH):
                await asyncio.sleep(0.05)
        assert stage.camera.counters.talks == 1
        assert stage.camera.counters.talk_bytes == len(SPEECH)
        assert await stage.received(1) > 0


BOTH = tuple(Framing)
OLD, NEW = ((framing,) for framing in Framing)
SCENES: tuple[tuple[Play, tuple[Framing, ...]], ...] = (
    (freeze, BOTH),
    (mute, NEW),
    (sleep, OLD),
    (reboot, BOTH),
    (move, NEW),
    (lose, BOTH),
    (reorder, BOTH),
    (healthy, BOTH),
    (wrong_key, BOTH),
    (wrong_key_silence, BOTH),
    (slow, OLD),
    (silent_audio, NEW),
    (second_refused, OLD),
    (second_ignored, NEW),
    (talk, BOTH),
)
PLAYS = {f"{play.__name__}-{framing}": (play, framing) for play, framings in SCENES for framing in framings}

SPEECH = bytes(int(128 + 100 * math.sin(i / 5)) for i in range(16_000))
"""Two seconds of G.711."""


def wav() -> bytes:
    """Return the speech as a WAV file."""
    header = struct.pack("<4sI4s4sIHHIIHHH", b"RIFF", 0, b"WAVE", b"fmt ", 18, 7, 1, 8000, 8000, 1, 8, 0)
    return header + struct.pack("<4sI", b"data", len(SPEECH)) + SPEECH


@asynccontextmanager
async def speaker() -> AsyncIterator[str]:
    """Serve the speech; yield its URL."""

    async def serve(_: aiohttp.web.Request) -> aiohttp.web.Response:
        return aiohttp.web.Response(body=wav(), content_type="audio/wav")

    app = aiohttp.web.Application()
    app.router.add_get("/speech.wav", serve)
    runner = aiohttp.web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/speech.wav"
    await runner.cleanup()


async def play_all(folder: Path) -> dict[str, BaseException | None]:
    """Play all scenes at once; return how each ended."""
    picture = Picture(scene=Scene.PORCH)
    specs = [CameraSpec(name, framing, picture=picture) for name, (_, framing) in PLAYS.items()]
    async with Simulator(specs) as simulator, speaker() as speech:
        links = {name: camera.link for name, camera in simulator.cameras.items()}
        links |= {f"{name}-again": link for name, link in links.items()}
        async with go2rtc(links, folder) as judge:
            ends = await asyncio.gather(
                *(
                    play(Stage(simulator.cameras[name], judge, name, f"{name}-again", speech))
                    for name, (play, _) in PLAYS.items()
                ),
                return_exceptions=True,
            )
    return dict(zip(PLAYS, ends, strict=True))


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BaseException | None]:
    """Play all scenes."""
    pytest_socket.enable_socket()
    return asyncio.run(play_all(tmp_path_factory.mktemp("troubles")))


@pytest.mark.parametrize("name", PLAYS)
def test_trouble(ends: dict[str, BaseException | None], name: str) -> None:
    """The scene ended well."""
    if error := ends[name]:
        raise error
