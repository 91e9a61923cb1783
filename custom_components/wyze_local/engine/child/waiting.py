"""Waiting for something with a limit, by a clock that can be replaced."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from ..model import Clock


async def wait_for(
    clock: Clock, what: Coroutine[Any, Any, Any] | asyncio.Future[Any], seconds: float | None
) -> bool:
    """Wait until something is done; returns False when it was not within so many seconds.

    A coroutine is cancelled then; a future stays as it is. The result is not taken.
    """
    done: asyncio.Future[Any] = asyncio.ensure_future(what)
    waiting = {done}
    alarm: asyncio.Task[None] | None = None
    if seconds is not None:
        alarm = asyncio.create_task(clock.sleep(seconds))
        waiting.add(alarm)
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return done.done()
    finally:
        if alarm is not None:
            alarm.cancel()
        if done is not what:
            done.cancel()
