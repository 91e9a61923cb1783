"""What a child is asked: each by itself, answered once, stopped when nobody waits any more."""

import asyncio
import inspect

from engine.child import Answer, Errands, Failure
from engine.model import EngineError


class Mouth:
    """A pipe of which only what was said is looked at."""

    limit = 4096

    def __init__(self) -> None:
        self.said: list[object] = []

    def send(self, message: object) -> None:
        self.said.append(message)


async def _return(payload: bytes) -> bytes:
    return payload


async def _refuse() -> bytes:
    raise EngineError(reason="busy")


async def _break() -> bytes:
    raise ZeroDivisionError


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_each_errand_ends_with_what_came_of_it() -> None:
    mouth = Mouth()
    errands = Errands(mouth, "our_fault")  # type: ignore[arg-type]
    errands.begin(1, _return(b"done"))
    errands.begin(2, _refuse())
    errands.begin(3, _break())
    errands.begin(4, _return(bytes(3072)))
    await _settle()
    assert mouth.said == [
        Answer(1, b"done"),
        Failure(2, "busy"),
        Failure(3, "our_fault"),
        Failure(4, "too_large"),
    ]


async def test_a_forgotten_errand_stops_and_says_nothing() -> None:
    mouth, stopped = Mouth(), asyncio.Event()
    errands = Errands(mouth, "our_fault")  # type: ignore[arg-type]

    async def endless() -> bytes:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return b""

    errands.begin(1, endless())
    errands.begin(2, endless())
    await _settle()
    errands.forget(1)
    errands.forget(77)
    await asyncio.wait_for(stopped.wait(), 5)
    stopped.clear()
    await errands.close()
    assert stopped.is_set(), "an end leaves nothing running"
    assert mouth.said == []


async def test_an_errand_that_is_forgotten_before_it_began_is_put_away() -> None:
    """The question and that nobody waits any more may come in one gulp; Python warns of work never begun."""
    mouth = Mouth()
    errands = Errands(mouth, "our_fault")  # type: ignore[arg-type]
    forgotten, closed = _return(b"one"), _return(b"two")
    errands.begin(1, forgotten)
    errands.forget(1)
    await _settle()
    errands.begin(2, closed)
    await errands.close()
    await _settle()
    assert {inspect.getcoroutinestate(work) for work in (forgotten, closed)} == {inspect.CORO_CLOSED}
    assert mouth.said == []
