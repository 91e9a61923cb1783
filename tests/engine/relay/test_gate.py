"""The gate that all dials pass: how many, and who first."""

import asyncio

from hypothesis import given, strategies as st

from engine.relay.gate import PASSES, SPACING, WINDOW, Gate
from tests.support.clock import FakeClock, settle


@given(st.lists(st.one_of(st.just(0.0), st.floats(0, 0.3), st.floats(0, 3)), min_size=6, max_size=40))
def test_never_more_than_two_and_a_half_dials_per_second(arrivals: list[float]) -> None:
    async def scene() -> None:
        clock = FakeClock()
        gate = Gate(clock)
        passed: list[float] = []

        async def come() -> None:
            await gate.enter(urgent=False)
            passed.append(clock.monotonic())

        tasks = []
        for pause in arrivals:
            tasks.append(asyncio.create_task(come()))
            await clock.advance(pause)
        await clock.advance(60)
        await gate.close()
        assert len(passed) == len(tasks)
        assert PASSES / WINDOW <= 2.5
        for sooner, later in zip(passed, passed[PASSES:], strict=False):
            assert later - sooner >= WINDOW - 1e-9
        for first, begin in enumerate(passed):
            for count, end in enumerate(passed[first:], 1):
                assert count <= max(PASSES, 1 + (end - begin) * PASSES / WINDOW + 1e-6)

    asyncio.run(scene())


async def test_fifty_at_once_have_all_been_dialled_after_twenty_seconds() -> None:
    clock = FakeClock()
    gate = Gate(clock)
    waiting = [asyncio.create_task(gate.enter(urgent=True)) for _ in range(50)]
    await settle()
    assert sum(task.done() for task in waiting) == PASSES, "a few need not wait at all"
    await clock.advance(19)
    assert not all(task.done() for task in waiting)
    await clock.advance(0.7)
    assert all(task.done() for task in waiting)
    await gate.close()


async def test_the_watched_go_first_and_who_gave_up_takes_nobodys_turn() -> None:
    clock = FakeClock()
    gate = Gate(clock)
    order: list[str] = []

    async def come(name: str, *, urgent: bool) -> None:
        await gate.enter(urgent=urgent)
        order.append(name)

    names = ["", "", "", "", "", "idle", "gone", "watched", "watched too"]
    tasks = [asyncio.create_task(come(name, urgent=name not in {"idle", "gone"})) for name in names]
    await settle()
    tasks[6].cancel()
    await clock.advance(1.9)
    assert len(order) == PASSES
    await clock.advance(2 * SPACING + 0.2)
    assert order[PASSES:] == ["watched", "watched too", "idle"]
    await gate.close()


async def test_closed_it_lets_nobody_wait() -> None:
    gate = Gate(FakeClock())
    tasks = [asyncio.create_task(gate.enter(urgent=False)) for _ in range(9)]
    await settle()
    await gate.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(result, asyncio.CancelledError) for result in results) == 4
