# mypy: disable-error-code="import-not-found"
"""The watch worker on real parts: a simulated camera, the relay, the worker's process."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene
from engine.model import SystemClock, WatchMode
from engine.watch import (
    MotionBegan,
    MotionEnded,
    WatchNews,
    WatchPhase,
    WatchSettings,
    WatchState,
    WatchWorker,
)
from tests.support.relay import relay_of
from tests.support.streaming import simulated

KEY = "ab" * 16
YARD = Picture(scene=Scene.YARD, seconds=8, gop=15)


class Heard:
    """What a worker has told."""

    def __init__(self) -> None:
        self.news: list[tuple[str, WatchNews]] = []
        self.states: list[tuple[str, WatchState]] = []

    def of(self, kind: type) -> list[Any]:
        """Return the news of a kind."""
        return [news for _, news in self.news if isinstance(news, kind)]


@asynccontextmanager
async def running() -> AsyncIterator[tuple[WatchWorker, Heard]]:
    """Run a worker."""
    heard = Heard()
    worker = WatchWorker(
        clock=SystemClock(),
        rng=random.Random(5),
        on_news=lambda key, news: heard.news.append((key, news)),
        on_state=lambda key, state: heard.states.append((key, state)),
    )
    await worker.start()
    try:
        yield worker, heard
    finally:
        await worker.stop()


async def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def test_somebody_who_walks_by_is_told_of() -> None:
    async with (
        simulated([CameraSpec("yard", Framing.CC51, audio=Audio.NONE, picture=YARD)]) as cameras,
        relay_of(cameras, {"yard": KEY}) as relay,
        running() as (worker, heard),
    ):
        await worker.add(KEY, relay.url(KEY, watch=True), WatchSettings(WatchMode.FULL))
        await until(lambda: worker.states[KEY].phase is WatchPhase.WATCHING)
        assert not heard.of(MotionBegan)
        cameras.cameras["yard"].motion(2.0)
        await until(lambda: heard.of(MotionBegan))
        await until(lambda: heard.of(MotionEnded), 30)
        still = await worker.still(KEY)
        assert still.jpeg.startswith(b"\xff\xd8")
