"""What people want of one camera: one thing after the other, and of wishes for one feature the last.

Who wishes while others wait for their turn is heard instead of them, and what came of it is told to all of
them. Who gives up before that is as one who never wished. Turns from where a camera looks add up, so of them
none is heard instead of another; but only some wait, however slow the camera is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .control_state import OVERTAKEN, ControlFailed
from .engine.control import Feature, GoTo, Home, Move, Value

MOST_TURNS = 4
"""How many turns wait, besides the one that is being said; of more the oldest is given up."""


@dataclass(slots=True, eq=False)
class _Wish[T]:
    """What somebody waits for."""

    value: T
    done: bool = False
    failure: str = ""
    """Why it was in vain."""


type _Say[T] = Callable[[T], Awaitable[None]]
type _Pick[T] = Callable[[list[_Wish[T]]], _Wish[T]]
"""Says which of those that wait, the oldest first, is to be said next; it counts for all before it."""


class Wishes:
    """The wishes for one camera."""

    def __init__(self) -> None:
        """Begin with none."""
        self.lock = asyncio.Lock()
        """One change at a time: what is read back must be one's own doing."""
        self._waiting: dict[Feature, list[_Wish[Value]]] = {}
        self._turns: list[_Wish[Move]] = []

    async def async_fulfil(self, feature: Feature, value: Value, say: _Say[Value]) -> None:
        """Have a wish said, or the last one for the same feature; raises ControlFailed as `say` did."""
        await self._async_wait(_Wish(value), self._waiting.setdefault(feature, []), _newest, say)

    def waits(self, feature: Feature) -> bool:
        """Tell whether somebody wishes for a feature now."""
        return bool(self._waiting.get(feature))

    async def async_turn(self, move: Move, say: _Say[Move]) -> None:
        """Have a turn said when those before it were, or a later one to a place, where all of them end.

        Raises ControlFailed as `say` did, or when too many newer ones came.
        """
        # The first may be the one that is being said.
        waiting = [turn for turn in self._turns[1:] if not _leads_to_a_place(turn)]
        if len(waiting) >= MOST_TURNS:
            oldest = waiting[0]
            self._turns.remove(oldest)
            oldest.done, oldest.failure = True, OVERTAKEN
        await self._async_wait(_Wish(move), self._turns, _next_turn, say)

    async def _async_wait[T](
        self, wish: _Wish[T], waiting: list[_Wish[T]], pick: _Pick[T], say: _Say[T]
    ) -> None:
        """Wait until a wish was said, by oneself or by another; raises ControlFailed."""
        waiting.append(wish)
        try:
            async with self.lock:
                while not wish.done:
                    await _async_say_next(waiting, pick, say)
        finally:
            if not wish.done:
                waiting.remove(wish)
        if wish.failure:
            raise ControlFailed(wish.failure)


def _newest[T](waiting: list[_Wish[T]]) -> _Wish[T]:
    return waiting[-1]


def _next_turn(waiting: list[_Wish[Move]]) -> _Wish[Move]:
    return next((turn for turn in reversed(waiting) if _leads_to_a_place(turn)), waiting[0])


def _leads_to_a_place(turn: _Wish[Move]) -> bool:
    """Tell whether the camera looks to the same place afterwards, wherever it looked before."""
    return isinstance(turn.value, GoTo | Home)


async def _async_say_next[T](waiting: list[_Wish[T]], pick: _Pick[T], say: _Say[T]) -> None:
    """Say what counts for all who wished before; if this is cancelled, the next who waits says it."""
    last, failure = pick(waiting), ""
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
