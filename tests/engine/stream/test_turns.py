"""go2rtc dials a camera once for all who come at once; one after the other they wait for its turn."""

import asyncio

from engine.stream.turns import TOGETHER, Turns
from tests.support.clock import FakeClock, settle


class Gate:
    """The gate of all dials; the test lets them pass."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[None]] = []
        self.came = 0
        self.cameras: list[str] = []

    async def take(self, camera_key: str) -> None:
        self.came += 1
        self.cameras.append(camera_key)
        self.waiting.append(asyncio.get_running_loop().create_future())
        await self.waiting[-1]


async def test_who_wants_the_same_camera_waits_along() -> None:
    """A dashboard's card, the player and its HLS come at once, and cost one dial."""
    clock, gate = FakeClock(), Gate()
    turns = Turns(clock, gate.take)
    porch = [asyncio.ensure_future(turns.of("porch")) for _ in range(3)]
    hall = asyncio.ensure_future(turns.of("hall"))
    await settle()
    assert gate.came == 2
    assert gate.cameras == ["porch", "hall"]
    gate.waiting[0].set_result(None)
    await settle()
    assert all(one.done() for one in porch)
    assert not hall.done()
    await turns.of("porch")
    assert gate.came == 2, "it is just being dialled"
    await clock.advance(TOGETHER)
    later = asyncio.ensure_future(turns.of("porch"))
    await settle()
    assert gate.came == 3
    for one in (later, hall):
        one.cancel()


async def test_who_leaves_takes_nobodys_turn() -> None:
    clock, gate = FakeClock(), Gate()
    turns = Turns(clock, gate.take)
    first, second = (asyncio.ensure_future(turns.of("porch")) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    assert not second.done()
    assert gate.came == 2, "nobody has dialled yet"
    gate.waiting[1].set_result(None)
    await second


async def test_a_camera_that_is_gone_leaves_nothing() -> None:
    clock, gate = FakeClock(), Gate()
    turns = Turns(clock, gate.take)
    for one in ("first", "again"):
        coming = asyncio.ensure_future(turns.of("porch"))
        await settle()
        gate.waiting[-1].set_result(None)
        await coming
        turns.forget("porch")
        assert gate.came == 1 + (one == "again")
