"""What a child was asked and has not answered yet."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from ..model import EngineError
from .messages import Answer, Failure
from .pipe import Pipe

_ROOM_TO_SPARE = 1024
"""Bytes of an answer's message that are not its payload."""

_LOGGER = logging.getLogger(__name__)


class Errands:
    """Runs what was asked, each by itself, and sends what came of it."""

    def __init__(self, pipe: Pipe, fault: str) -> None:
        """Answer through the pipe; `fault` is the reason when our own code was wrong."""
        self._pipe = pipe
        self._fault = fault
        self._running: dict[int, asyncio.Task[None]] = {}

    def begin(self, number: int, work: Coroutine[Any, Any, bytes]) -> None:
        """Do something and answer with what it returns, or with the reason of its EngineError."""
        task = self._running[number] = asyncio.create_task(self._answer(number, work))

        def end(_: asyncio.Task[None]) -> None:
            self._running.pop(number, None)
            # Forgotten before it began, nobody has awaited it, nor ever will.
            work.close()

        task.add_done_callback(end)

    def forget(self, number: int) -> None:
        """Stop what nobody waits for any more."""
        if (task := self._running.get(number)) is not None:
            task.cancel()

    async def close(self) -> None:
        """Stop everything."""
        tasks = tuple(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, number: int, work: Coroutine[Any, Any, bytes]) -> None:
        try:
            payload = await work
            if len(payload) * 4 // 3 >= self._pipe.limit - _ROOM_TO_SPARE:
                raise EngineError(reason="too_large")
            self._pipe.send(Answer(number, payload))
        except EngineError as err:
            self._pipe.send(Failure(number, err.reason))
        except Exception:
            # Whoever asked must hear something; what it was goes to the log.
            _LOGGER.exception("A request could not be served")
            self._pipe.send(Failure(number, self._fault))
