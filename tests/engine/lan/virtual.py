"""Time that jumps: tests of many seconds run in milliseconds, on real sockets, and leave nothing behind."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

GRACE = 0.001
"""Seconds of real time that datagrams have before time jumps; on loopback they need none of it."""
STUCK = 5.0
"""Seconds of real time without a timer or a datagram after which a test is stuck."""
EPOCH = 1_790_000_000.0


class _Selector(selectors.DefaultSelector):
    """Lets time jump instead of passing it."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            events = super().select(STUCK)
            assert events, "nothing will ever happen any more"
            return events
        events = super().select(min(timeout, GRACE))
        if not events:
            self.loop.now += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is as late as its next timer."""

    def __init__(self) -> None:
        self.now = 1000.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Return the present moment."""
        return self.now

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for threads in real time: a limit would be over before they have had a moment of it."""
        await super().shutdown_default_executor()

    def left_behind(self) -> list[object]:
        """Return timers that would still fire."""
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        return [timer for timer in timers if not timer.cancelled()]


class LoopClock:
    """The engine's Clock, by the running loop."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def time(self) -> float:
        return EPOCH + self.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def virtual[**P](test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test in virtual time. No timer, no task and no unseen exception may outlive it."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        unseen: list[dict[str, Any]] = []
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, VirtualLoop)
            loop.set_exception_handler(lambda _, context: unseen.append(context))
            runner.run(test(*args, **kwargs))
            behind = [*asyncio.all_tasks(loop), *loop.left_behind()]
            assert not behind, f"left behind: {behind}"
        assert not unseen, unseen

    return run
