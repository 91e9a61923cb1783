"""A camera is asked for a still at most once a minute; the last one is there at once."""

import asyncio
from collections.abc import Awaitable

import pytest

from engine.model import EngineError
from engine.stream.stills import StillKeeper
from tests.support.clock import FakeClock, settle


class Lens:
    """Counts how often it is asked, and can fail or hang."""

    def __init__(self) -> None:
        """Start well."""
        self.asked = 0
        self.broken = False
        self.hold: asyncio.Event | None = None

    async def fetch(self) -> bytes:
        """Return a numbered picture."""
        self.asked += 1
        if self.hold:
            await self.hold.wait()
        if self.broken:
            raise EngineError(reason="no_answer")
        return b"\xff\xd8" + bytes([self.asked])


def spawn(work: Awaitable[None]) -> asyncio.Task[None]:
    """Run work in the background, beginning at once, as Home Assistant does."""
    return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)  # type: ignore[arg-type]


@pytest.fixture
def rig() -> tuple[StillKeeper, Lens, FakeClock]:
    """Return a keeper on a fake clock."""
    lens, clock = Lens(), FakeClock()
    return StillKeeper(lens.fetch, clock, spawn=spawn), lens, clock


async def test_a_hundred_cards_cost_one_dial_a_minute(rig: tuple[StillKeeper, Lens, FakeClock]) -> None:
    """Ten cards that poll every second for ten minutes cause at most one fetch per minute."""
    keeper, lens, clock = rig
    for _ in range(600):
        stills = await asyncio.gather(*(keeper.get(live=False, wait=1) for _ in range(10)))
        assert all(stills)
        await clock.advance(1)
    assert 9 <= lens.asked <= 11


async def test_a_failure_that_needs_no_waiting_is_not_the_last_try(
    rig: tuple[StillKeeper, Lens, FakeClock],
) -> None:
    """While the stream server is down a fetch fails before anybody could wait for it; later ones work."""
    keeper, lens, clock = rig
    lens.broken = True
    assert await keeper.get(live=False, wait=1) is None
    assert await keeper.take() is None
    lens.broken = False
    await clock.advance(61)
    assert await keeper.get(live=False, wait=1) is not None


async def test_the_last_still_is_there_at_once(rig: tuple[StillKeeper, Lens, FakeClock]) -> None:
    """A renewal that hangs keeps nobody waiting."""
    keeper, lens, clock = rig
    first = await keeper.get(live=False, wait=1)
    assert first is not None
    lens.hold = asyncio.Event()
    await clock.advance(61)
    async with asyncio.timeout(0.2):
        assert await keeper.get(live=False, wait=5) is first
    lens.hold.set()
    await settle()
    renewed = await keeper.get(live=False, wait=0)
    assert renewed is not None
    assert renewed.jpeg != first.jpeg
    assert renewed.taken_at > first.taken_at


async def test_a_failure_keeps_the_old_picture_with_its_age(rig: tuple[StillKeeper, Lens, FakeClock]) -> None:
    """When the camera is away the last picture stays, and does not pretend to be new."""
    keeper, lens, clock = rig
    first = await keeper.get(live=False, wait=1)
    lens.broken = True
    await clock.advance(61)
    await keeper.get(live=False, wait=1)
    await settle()
    assert keeper.last is first
    assert await keeper.take() is None


async def test_no_picture_is_no_picture(rig: tuple[StillKeeper, Lens, FakeClock]) -> None:
    """A camera that never gave one yields None, and is not asked again within the minute."""
    keeper, lens, clock = rig
    lens.broken = True
    for _ in range(30):
        assert await keeper.get(live=False, wait=1) is None
        await clock.advance(1)
    assert lens.asked == 1


async def test_a_live_camera_may_be_asked_more_often(rig: tuple[StillKeeper, Lens, FakeClock]) -> None:
    """While the stream runs anyway a still costs no dial."""
    keeper, lens, clock = rig
    for _ in range(60):
        await keeper.get(live=True, wait=1)
        await clock.advance(1)
    assert 5 <= lens.asked <= 7
