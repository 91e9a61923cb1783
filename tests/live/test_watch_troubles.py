# mypy: disable-error-code="import-not-found"
"""What goes wrong with one camera's stream costs its watch no more than it must, and no other camera's."""

from collections.abc import AsyncIterator

import pytest

from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene, Simulator
from engine.model import WatchMode
from engine.relay import Relay
from engine.watch import MotionBegan, MotionEnded, WatchPhase, WatchSettings
from tests.support.relay import relay_of
from tests.support.streaming import simulated
from tests.support.watching import Spoiler, running_worker, until

pytestmark = pytest.mark.live

KEY = "ab" * 16
FULL = WatchSettings(WatchMode.FULL)
YARD = Picture(scene=Scene.YARD, seconds=8, gop=15)
PICTURES = 96
"""The payload type of a relay's pictures."""


@pytest.fixture
async def cameras() -> AsyncIterator[Simulator]:
    async with simulated([CameraSpec("yard", Framing.CC51, audio=Audio.PCMU, picture=YARD)]) as made:
        yield made


@pytest.fixture
async def relay(cameras: Simulator) -> AsyncIterator[Relay]:
    async with relay_of(cameras, {"yard": KEY}) as made:
        yield made


class Blindfold:
    """Lets no picture pass while it is on; sound goes on."""

    def __init__(self) -> None:
        self.on = False

    def __call__(self, packet: bytes) -> bytes:
        return b"" if self.on and packet[1] & 0x7F == PICTURES else packet


async def test_pictures_that_stop_are_missed_though_the_sound_goes_on(
    cameras: Simulator, relay: Relay
) -> None:
    blindfold = Blindfold()
    async with (
        Spoiler(relay.url(KEY, watch=True), blindfold) as spoiler,
        running_worker() as (worker, heard),
    ):
        await worker.add(KEY, spoiler.url, FULL)
        await until(lambda: worker.states[KEY].phase is WatchPhase.WATCHING)
        cameras.cameras["yard"].motion(60.0)
        await until(lambda: heard.of(MotionBegan))
        blindfold.on = True
        packets = spoiler.packets
        await until(lambda: worker.states[KEY].phase is WatchPhase.STALLED, 40)
        assert worker.states[KEY].reason == "timeout"
        assert spoiler.packets > packets + 50, "the sound went on"
        await until(lambda: heard.of(MotionEnded))
        blindfold.on = False
        await until(lambda: worker.states[KEY].phase in (WatchPhase.WARMING, WatchPhase.WATCHING), 40)
