# mypy: disable-error-code="import-not-found"
"""The watch worker on real parts: a simulated camera, the relay, the worker's process."""

from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene
from engine.model import WatchMode
from engine.watch import MotionBegan, MotionEnded, WatchPhase, WatchSettings
from tests.support.relay import relay_of
from tests.support.streaming import simulated
from tests.support.watching import running_worker, until

KEY = "ab" * 16
YARD = Picture(scene=Scene.YARD, seconds=8, gop=15)


async def test_somebody_who_walks_by_is_told_of() -> None:
    async with (
        simulated([CameraSpec("yard", Framing.CC51, audio=Audio.NONE, picture=YARD)]) as cameras,
        relay_of(cameras, {"yard": KEY}) as relay,
        running_worker() as (worker, heard),
    ):
        await worker.add(KEY, relay.url(KEY, watch=True), WatchSettings(WatchMode.FULL))
        await until(lambda: worker.states[KEY].phase is WatchPhase.WATCHING)
        assert not heard.of(MotionBegan)
        cameras.cameras["yard"].motion(2.0)
        await until(lambda: heard.of(MotionBegan))
        await until(lambda: heard.of(MotionEnded), 30)
        still = await worker.still(KEY)
        assert still.jpeg.startswith(b"\xff\xd8")
