"""How news of the watch worker become events: in whichever order they come, nothing is lost or told twice."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from custom_components.wyze_local.camera_news import CLIP_WAIT, CameraNews
from custom_components.wyze_local.engine.events import Fired
from custom_components.wyze_local.engine.model import (
    Box,
    ClipBegan,
    ClipFailed,
    ClipFinished,
    ClipStill,
    Sound,
    SystemClock,
    Trouble,
)
from custom_components.wyze_local.engine.watch import (
    MotionBegan,
    MotionEnded,
    MotionGrew,
    WatchPhase,
    WatchState,
)

NOON = 1_790_000_000.0
CLIP, NEXT = "20260921T151320-00000001", "20260921T151820-00000002"
BEGAN = MotionBegan("one", NOON, 0.4, ("Gate",), Box(0.1, 0.2, 0.3, 0.4))
CLIP_BEGAN = ClipBegan(CLIP, "one", NOON - 5, 1)


def finished(clip_id: str = CLIP, *, still: bool = True) -> ClipFinished:
    return ClipFinished(clip_id, "one", NOON - 5, NOON + 15, 1000, Sound.NONE, still)


class Porch:
    """A camera that is watched, and what is told of it."""

    def __init__(self) -> None:
        self.news = CameraNews(SystemClock(), self._spawn)
        self.news.makes_clips = True
        self.told: list[Fired] = []
        self.changes = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.news.async_listen_events(self.told.append)
        self.news.async_listen(self._changed)
        self.watch(WatchPhase.WATCHING)

    def _changed(self) -> None:
        self.changes += 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        return task

    def watch(self, phase: WatchPhase) -> None:
        self.news.async_take_state(WatchState(phase))

    async def rest(self) -> None:
        """Wait until nothing waits any more."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10 * CLIP_WAIT)


@pytest.fixture
async def porch() -> AsyncIterator[Porch]:
    """Watch a camera, and keep its motion as clips."""
    porch = Porch()
    yield porch
    await porch.rest()


async def test_told_with_its_clip(porch: Porch) -> None:
    """The name of the clip comes right after the motion; both are told together, and once."""
    porch.news.async_take(BEGAN)
    assert (porch.news.moving, porch.told) == (True, [])
    porch.news.async_take(CLIP_BEGAN)
    (fired,) = porch.told
    assert (fired.event.clip_id, fired.event.zones, fired.event.has_still) == (CLIP, ("Gate",), False)
    await porch.rest()
    assert len(porch.told) == 1


async def test_told_with_a_clip_that_was_first(porch: Porch) -> None:
    porch.news.async_take(CLIP_BEGAN)
    porch.news.async_take(BEGAN)
    assert [fired.event.clip_id for fired in porch.told] == [CLIP]


@pytest.mark.parametrize("fails", [True, False])
async def test_told_without_a_clip_all_the_same(porch: Porch, *, fails: bool) -> None:
    """A disk that is full, or a worker that says nothing of it, holds no event back."""
    porch.news.async_take(BEGAN)
    if fails:
        porch.news.async_take(ClipFailed(None, "one", Trouble.DISK_FULL))
    else:
        await porch.rest()
    assert [fired.event.clip_id for fired in porch.told] == [None]


async def test_told_at_once_where_no_clips_are_made(porch: Porch) -> None:
    porch.news.makes_clips = False
    porch.news.async_take(BEGAN)
    assert len(porch.told) == 1


async def test_moving_until_it_is_quiet(porch: Porch) -> None:
    porch.news.makes_clips = False
    porch.news.async_take(BEGAN)
    porch.news.async_take(MotionGrew("one", NOON + 3, 0.9, ("Gate", "Path"), None))
    assert porch.news.moving
    porch.news.async_take(MotionEnded("one", NOON + 5, 0.9, ("Gate", "Path"), None))
    assert not porch.news.moving
    event = porch.news.last
    assert event is not None
    assert (event.score, event.zones, event.ended) == (0.9, ("Gate", "Path"), NOON + 5)
    assert len(porch.told) == 1
    assert porch.changes >= 4


@pytest.mark.parametrize("phase", [WatchPhase.STALLED, WatchPhase.OPENING, WatchPhase.OFF])
async def test_nothing_moves_that_nobody_sees(porch: Porch, phase: WatchPhase) -> None:
    """Not for ever on because the camera went away in the middle of it."""
    porch.news.makes_clips = False
    porch.news.async_take(BEGAN)
    porch.watch(phase)
    assert (porch.news.watched, porch.news.moving) == (False, False)
    porch.watch(WatchPhase.WARMING)
    assert (porch.news.watched, porch.news.moving) == (True, False)


async def test_the_still_is_there_when_the_clip_is_whole(porch: Porch) -> None:
    porch.news.async_take(BEGAN)
    for news in (CLIP_BEGAN, ClipStill(CLIP, "one", NOON)):
        porch.news.async_take(news)
    assert porch.news.last is not None
    assert not porch.news.last.has_still
    porch.news.async_take(finished())
    assert porch.news.last.has_still


async def test_a_long_event_keeps_its_first_clip(porch: Porch) -> None:
    """Further parts are clips of their own."""
    for news in (BEGAN, CLIP_BEGAN, finished(), ClipBegan(NEXT, "one", NOON + 15, 2), finished(NEXT)):
        porch.news.async_take(news)
    assert porch.news.last is not None
    assert porch.news.last.clip_id == CLIP


async def test_what_somebody_asked_for_is_no_event(porch: Porch) -> None:
    porch.news.async_take(ClipBegan(CLIP, None, NOON, 1))
    porch.news.async_take(ClipFinished(CLIP, None, NOON, NOON + 9, 9, Sound.NONE, still=True))
    assert (porch.news.last, porch.told) == (None, [])
