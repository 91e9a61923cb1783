"""Questions to a child process that are still open, and how its news are passed on."""

import asyncio
import itertools
import logging
from collections.abc import Callable

from .messages import Answer, Failure, Forget
from .pipe import Pipe
from .program import Program

SLACK = 1.0
"""Seconds that an answer may take longer than what it waits for."""

_LOGGER = logging.getLogger(__name__)

type Question = Callable[[int], object]
"""Makes the message, given the number under which the answer will come."""


class Questions:
    """Matches answers to questions by number."""

    def __init__(self, program: Program) -> None:
        """Begin with none; what cannot be answered is the program's error."""
        self._program = program
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[bytes]] = {}

    async def ask(self, pipe: Pipe, message: Question, within: float) -> bytes:
        """Ask and wait for the answer; `message` makes the question with its number.

        The child stops what nobody waits for any more. Raises the program's error.
        """
        number = next(self._numbers)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._open[number] = future
        try:
            pipe.send(message(number))
            async with asyncio.timeout(within + SLACK):
                return await future
        except TimeoutError:
            raise self._program.error("no answer in time", reason="timeout") from None
        finally:
            del self._open[number]
            if future.cancelled():
                pipe.send(Forget(number))

    def take(self, message: object) -> None:
        """Take an answer or a refusal; anything else is none of ours."""
        match message:
            case Answer(id=number, payload=payload):
                self.answered(number, payload)
            case Failure(id=number, reason=reason):
                self.failed(number, reason)

    def answered(self, number: int, payload: bytes) -> None:
        """Take an answer; one that nobody waits for any more is dropped."""
        if (future := self._open.get(number)) is not None and not future.done():
            future.set_result(payload)

    def failed(self, number: int, reason: str) -> None:
        """Take a refusal."""
        if (future := self._open.get(number)) is not None and not future.done():
            future.set_exception(self._program.error(reason, reason=reason))

    def nobody_there(self) -> None:
        """Let nobody wait for answers that cannot come."""
        for number in self._open:
            self.failed(number, self._program.down)


def say[*Values](hears: Callable[[*Values], None], *values: *Values) -> None:
    """Pass news on; a mistake of whoever hears them must not cost everybody the pictures."""
    try:
        hears(*values)
    except Exception:
        _LOGGER.exception("News of a child process could not be taken")
