"""Many cameras that go2rtc holds itself, opened at once, take turns; a lone one does not wait."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from dev.simulator import CameraSpec, Picture, Simulator
from engine.relay import Relay
from engine.stream import StreamServer, WebRtcMessage, WebRtcSession
from tests.support import streaming
from tests.support.relay import running_relay
from tests.support.streaming import decode, new_token, offer, running, source_of, until, watching

pytestmark = pytest.mark.live

CAMERAS = 10
AT_ONCE, WINDOW, SPACING = 5, 2.0, 0.4
"""So many handshakes within a time after a quiet while; afterwards one after the other."""

SLACK = 1
"""What comes through the gate in time takes its own time to the camera."""


@pytest.fixture
async def cameras() -> AsyncIterator[Simulator]:
    picture = Picture(gop=15)
    async with streaming.simulated(
        [CameraSpec(f"camera {number}", picture=picture) for number in range(CAMERAS)]
    ) as simulator:
        yield simulator


@pytest.fixture
async def relay(cameras: Simulator) -> AsyncIterator[Relay]:
    async with running_relay() as made:
        yield made


@pytest.fixture
async def server(cameras: Simulator, relay: Relay) -> AsyncIterator[StreamServer]:
    async with running(turn=relay.turn) as made:
        for name, camera in cameras.cameras.items():
            await made.add(name, new_token(), source_of(camera.link), shared=True)
        yield made


class Witness:
    """Notes when cameras are dialled."""

    def __init__(self, cameras: Simulator) -> None:
        self._cameras = cameras
        self.moments: list[float] = []

    async def watch(self) -> None:
        while True:
            dials = sum(camera.counters.dials for camera in self._cameras.cameras.values())
            self.moments += [time.monotonic()] * (dials - len(self.moments))
            await asyncio.sleep(0.005)

    @property
    def most(self) -> int:
        """How many there were within the window at most."""
        return max(sum(start <= moment < start + WINDOW for moment in self.moments) for start in self.moments)


@pytest.mark.alone
async def test_ten_cameras_opened_at_once_take_turns(cameras: Simulator, server: StreamServer) -> None:
    """A page with ten cameras: each has a viewer by WebRTC, a card's still, and one for another player."""
    witness = Witness(cameras)
    watching = asyncio.create_task(witness.watch())
    heard: list[WebRtcMessage] = []
    names = list(cameras.cameras)
    opened = await asyncio.gather(
        *(server.webrtc(name, f"tab {name}", offer(), heard.append) for name in names),
        *(server.still(name) for name in names),
        *(server.turn(name) for name in names),
    )
    watching.cancel()
    began = witness.moments[0]
    print("dials, s after the first:", *(f"{moment - began:.2f}" for moment in witness.moments))
    assert len(witness.moments) == CAMERAS, "one connection for all who watch a camera"
    assert witness.most <= AT_ONCE + SLACK
    lasted = witness.moments[-1] - began
    assert lasted >= (CAMERAS - AT_ONCE - SLACK) * SPACING
    for one in opened:
        if isinstance(one, WebRtcSession):
            await one.close()


@pytest.mark.alone
async def test_a_lone_camera_does_not_wait_and_one_that_streams_asks_nobody(
    cameras: Simulator, server: StreamServer, relay: Relay
) -> None:
    name, camera = next(iter(cameras.cameras.items()))
    began = time.monotonic()
    await server.turn(name)
    alone = time.monotonic() - began
    began = time.monotonic()
    session = await server.webrtc(name, "tab", offer(), lambda _: None)
    await until(lambda: camera.counters.dials)
    print(
        f"its turn took {alone * 1000:.1f} ms; dialled {(time.monotonic() - began) * 1000:.0f} ms after that"
    )
    assert alone < 0.3
    # Whoever else dials now has to wait; but not for a camera that is up.
    waiting = [asyncio.create_task(relay.turn()) for _ in range(20)]
    async with asyncio.timeout(10):
        while not (await server.streams())[name].running:
            await asyncio.sleep(0.02)
    for _ in range(3):
        # As somebody who comes later.
        server._turns.forget(name)
        began = time.monotonic()
        await server.turn(name)
        assert time.monotonic() - began < 0.3
    assert not all(task.done() for task in waiting), "the gate is crowded"
    for task in waiting:
        task.cancel()
    await session.close()


async def test_a_picture_that_is_back_when_its_turn_comes_is_not_cut(
    cameras: Simulator, server: StreamServer, relay: Relay
) -> None:
    """It stood still when its turn was asked for; who comes now shares the connection that is there."""
    name, camera = next(iter(cameras.cameras.items()))
    stands_still = True
    async with watching(server.restream_url(name)) as picture:
        await picture.readline()
        crowd = [asyncio.create_task(relay.turn()) for _ in range(10)]
        healing = asyncio.create_task(server.heal(name, lambda: stands_still))
        await asyncio.sleep(0)
        stands_still = False
        await asyncio.gather(healing, *crowd)
        assert await decode(server.restream_url(name), frames=5) == 5
        assert camera.counters.dials == 1
        await server.heal(name)
        assert await decode(server.restream_url(name), frames=5) == 5
        assert camera.counters.dials == 2, "one that stands still is opened anew"
