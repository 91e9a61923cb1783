"""The engine and simulated cameras of every kind, which share no line, understand each other."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
import itertools
from dataclasses import dataclass

import pytest
import pytest_socket

from dev.simulator import Audio, CameraSpec, Counters, Framing, Picture, Scene, Sent, Simulator, Video
from engine.lan import CameraInfo, Codec, Kind, LanError, LanSession, LinkStats, MediaFrame, Prover
from engine.model import CameraNetworks, Credentials, SystemClock

pytestmark = pytest.mark.live

PICTURES = 30
KINDS = list(itertools.product(Framing, Video, Audio))
WAYS_IN = [(1, 16), (3, 16), (3, 32), (6, 32)]
"""Kind of challenge, and length of the key."""
CODECS = {Audio.PCMU: Codec.PCMU, Audio.PCMA: Codec.PCMA, Audio.PCM: Codec.PCM, Audio.AAC: Codec.AAC}
LOOPBACK = CameraNetworks.parse(["127.0.0.0/8"])


@dataclass
class Seen:
    """What a session saw of one camera."""

    spec: CameraSpec
    info: CameraInfo
    stats: LinkStats
    frames: list[MediaFrame]
    ends: list[LanError]
    sent: list[Sent]
    counters: Counters
    heard: int
    """Bytes that the camera's speaker got."""


def name(*kind: str) -> str:
    """Return the camera's name."""
    return "-".join(kind)


def credentials(simulator: Simulator, key: str) -> Credentials:
    """Return a camera's credentials as the engine takes them."""
    found = simulator.cameras[key].credentials
    return Credentials.parse(
        address=found.address, port=found.port, uid=found.uid, enr=found.enr, mac=found.mac, model=found.model
    )


@pytest.fixture(scope="module")
def seen() -> dict[str, Seen]:
    """Watch all kinds of cameras, several at a time."""
    pytest_socket.enable_socket()
    return asyncio.run(watch_all())


async def watch_all() -> dict[str, Seen]:
    """Run a camera of each kind and look at each, with each way in and with and without a cookie."""
    picture = Picture(scene=Scene.PORCH)
    specs = []
    for index, kind in enumerate(KINDS):
        status, size = WAYS_IN[index % 4]
        enr = f"Key0{index:02}".ljust(size, "x")
        cookie = bool(index // 2 % 2)
        specs.append(
            CameraSpec(name(*kind), *kind, picture=picture, status=status, enr=enr, verify_hello=cookie)
        )
    turn = asyncio.Semaphore(5)
    async with Simulator(specs) as simulator:

        async def look(spec: CameraSpec) -> Seen:
            async with turn:
                return await watch(simulator, spec)

        found = await asyncio.gather(*map(look, specs))
    return {entry.spec.name: entry for entry in found}


async def watch(simulator: Simulator, spec: CameraSpec) -> Seen:
    """Watch one camera until there were enough pictures, then say something to it."""
    camera = simulator.cameras[spec.name]
    frames: list[MediaFrame] = []
    ends: list[LanError] = []
    enough = asyncio.Event()

    def on_frame(frame: MediaFrame) -> None:
        frames.append(frame)
        if sum(entry.kind is Kind.VIDEO for entry in frames) == PICTURES:
            enough.set()

    await Prover().prove(credentials(simulator, spec.name), LOOPBACK)
    session = await LanSession.open(
        credentials(simulator, spec.name), clock=SystemClock(), on_frame=on_frame, on_end=ends.append,
        networks=LOOPBACK,
    )  # fmt: skip
    async with asyncio.timeout(20):
        await enough.wait()
        sent = camera.sent()[:PICTURES]
        # One that sends no sound does not show what its speaker takes, and is sent none.
        with contextlib.suppress(LanError) if spec.audio is Audio.NONE else contextlib.nullcontext():
            async with session.talk() as talk:
                talk.send(bytes(1000))
                while camera.counters.talk_bytes < 1000:
                    await asyncio.sleep(0.01)
        await session.command(10030)
    await session.close()
    stats, counters = session.stats, camera.counters
    return Seen(spec, session.info, stats, frames, ends, sent, counters, camera.counters.talk_bytes)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: name(*kind))
def test_every_kind_is_understood(seen: dict[str, Seen], kind: tuple[Framing, Video, Audio]) -> None:
    """Pictures in order and none missing, sound as announced, talk-back heard, nothing odd on either side."""
    outcome = seen[name(*kind)]
    pictures = [frame for frame in outcome.frames if frame.kind is Kind.VIDEO][:PICTURES]
    sounds = [frame for frame in outcome.frames if frame.kind is Kind.AUDIO]
    assert outcome.info.framing.value == kind[0].value
    assert {frame.codec.value for frame in pictures} == {kind[1].value}
    first = pictures[0].number
    assert [frame.number for frame in pictures] == list(range(first, first + PICTURES))
    assert [frame.key for frame in pictures] == [entry.key for entry in outcome.sent]
    assert pictures[0].key
    assert all(frame.data.startswith(b"\0\0\0\1") for frame in pictures)
    assert {frame.codec for frame in sounds} == ({CODECS[kind[2]]} if kind[2] in CODECS else set())
    stats = outcome.stats
    assert (stats.malformed, stats.rejected, stats.given_up, stats.missing, stats.late) == (0, 0, 0, 0, 0)
    counters = outcome.counters
    # One handshake was the proof, and did no more than that.
    assert (counters.handshakes, counters.logins, counters.failed_handshakes) == (2, 1, 0)
    heard = 0 if kind[2] is Audio.NONE else 1000
    assert (counters.malformed, outcome.heard, outcome.ends) == (0, heard, [])
