"""All searches together never send faster than they may."""

import asyncio

from engine.lan.pace import RATE, Pace
from tests.support.clock import FakeClock


async def test_many_searches_share_one_pace_and_save_nothing_up() -> None:
    """In no second are there more than the rate allows, also not after a quiet while."""
    clock = FakeClock()
    pace = Pace(clock)
    sent: list[float] = []

    async def search(count: int) -> None:
        for _ in range(count):
            await pace.turn(2)
            sent.extend([clock.monotonic()] * 2)

    for _ in range(2):
        await clock.advance(60)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(search(60)) for _ in range(5)]
            while not all(task.done() for task in tasks):
                await clock.advance(0.005)
    assert len(sent) == 1200
    for first, moment in enumerate(sent):
        within = [one for one in sent[first:] if one < moment + 1 - 1e-6]
        assert len(within) <= RATE
    # It is a pace and no brake: the searches take as long as they must.
    assert 2.9 < sent[599] - sent[0] < 3.2


async def test_who_gives_up_costs_the_others_nothing() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    await pace.turn(RATE)
    given_up, patient = asyncio.create_task(pace.turn()), asyncio.create_task(pace.turn())
    await clock.advance(0.5)
    given_up.cancel()
    await clock.advance(0.499)
    assert not patient.done()
    await clock.advance(0.002)
    assert patient.done()
