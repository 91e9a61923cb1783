"""What people want of one camera: one thing after the other, and of wishes for one feature the last.

Who wishes while others wait for their turn is heard instead of them, and what came of it is told to all of
them. Who gives up before that is as one who never wished.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .control_state import ControlFailed
from .engine.control import Feature, Value


@dataclass(slots=True, eq=False)
class _Wish:
    """What somebody waits for."""

    value: Value
    done: bool = False
    failure: str = ""
    """Why it was in vain."""


class Wishes:
    """The wishes for one camera."""

    def __init__(self) -> None:
        """Begin with none."""
        self.lock = asyncio.Lock()
        """One change at a time: what is read back must be one's own doing."""
        self._waiting: dict[Feature, list[_Wish]] = {}

    async def async_fulfil(
        self, feature: Feature, value: Value, say: Callable[[Value], Awaitable[None]]
    ) -> None:
        """Have a wish said, or the last one for the same feature; raises ControlFailed as `say` did."""
        wish = _Wish(value)
        waiting = self._waiting.setdefault(feature, [])
        waiting.append(wish)
        try:
            async with self.lock:
                while not wish.done:
                    await _async_say_last(waiting, say)
        finally:
            if not wish.done:
                waiting.remove(wish)
        if wish.failure:
            raise ControlFailed(wish.failure)


async def _async_say_last(waiting: list[_Wish], say: Callable[[Value], Awaitable[None]]) -> None:
    """Say the last wish, for all who wished before; if this is cancelled, the next who waits says it."""
    last, failure = waiting[-1], ""
    try:
        await say(last.value)
    except ControlFailed as err:
        failure = err.reason
    # Whoever gave up meanwhile decides nothing for the others.
    if last in waiting:
        heard = waiting[: waiting.index(last) + 1]
        del waiting[: len(heard)]
        for one in heard:
            one.done, one.failure = True, failure
