"""Changes of the whole picture: night vision, a lamp, the exposure, another view. None of them is motion."""

from collections import deque

import numpy as np

from .cells import Mask, Plane
from .look import Change
from .modes import Mode

_MONOCHROME, _COLOURED = 1.5, 2.5
"""A picture with less colour than the first has none, with more than the second some; in between, as before.
A grey day must not look like night vision that goes on and off.
"""
_SPAN = 0.7
"""Seconds over which brightness is compared."""
_SAME_WAY = 0.55
"""Share of the cells that must have become brighter, or darker, to call it the light."""
_TOO_MUCH = 0.5
"""Share of the cells that seem to move at once from which on it is the picture that changed."""
_SOME = 0.1
"""Share of a sixteenth of the picture that must seem to move to count for another view."""
_ANY_WAY = 0.75
"""Share of the cells that must have changed, either way, to call it another view."""
_PATIENCE = 5.0
"""Seconds of unsteady light after which it is the usual thing here: a television, a flickering lamp."""
_FORGOTTEN = 30.0
"""Seconds of steady light after which it is not any more."""


class Light:
    """Tells changes of the light from what happens in it, and how long to look away."""

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._before: deque[tuple[float, Plane]] = deque()
        self._monochrome: bool | None = None
        self._until = 0.0
        self._looks = 0
        self._change = Change.NONE
        self._since = 0.0
        """When the light began to change that is changing."""
        self._unsteady_until = float("-inf")

    def judge(self, cells: Plane, colour: float, moving: Mask, at: float) -> Change:
        """Say what holds for the picture with these means of its cells: none, or why not to look.

        `moving` are the cells that seem to move.
        """
        self._looks = max(0, self._looks - 1)
        monochrome = colour < (_COLOURED if self._monochrome else _MONOCHROME)
        if self._monochrome is not None and monochrome != self._monochrome:
            self._hold(Change.INFRARED, at + self._mode.hold_infrared, self._mode.hold_looks)
        elif (self._other(moving) or self._shifted(cells, at)) and self._change is not Change.INFRARED:
            self._hold(Change.LIGHT, at + self._mode.hold_light, 1)
        self._monochrome = monochrome
        self._remember(cells, at)
        if at >= self._until and not self._looks:
            self._change = Change.NONE
        return self._change

    def _hold(self, change: Change, until: float, looks: int) -> None:
        if self._change is not change:
            self._since = until
        elif until - self._since > _PATIENCE:
            self._unsteady_until = until + _FORGOTTEN
        self._change, self._until, self._looks = change, max(self._until, until), max(self._looks, looks)

    def _other(self, moving: Mask) -> bool:
        """Tell whether so much seems to move, or in so many places at once, that it is another picture."""
        if float(moving.mean()) > _TOO_MUCH:
            return True
        if self._mode.another_view is None:
            return False
        parts = (part for rows in np.array_split(moving, 4) for part in np.array_split(rows, 4, axis=1))
        return sum(float(part.mean()) > _SOME for part in parts) >= self._mode.another_view

    def _shifted(self, cells: Plane, at: float) -> bool:
        """Tell whether most of the picture became brighter or darker, where that is not so all the time."""
        if not self._before:
            return False
        shift = cells - self._before[0][1]
        brighter, darker = float((shift > self._mode.shift).mean()), float((shift < -self._mode.shift).mean())
        found = max(brighter, darker) > _SAME_WAY or brighter + darker > _ANY_WAY
        if found and at < self._unsteady_until:
            self._unsteady_until = at + _FORGOTTEN
            return False
        return found

    def _remember(self, cells: Plane, at: float) -> None:
        self._before.append((at, cells))
        while len(self._before) > 1 and at - self._before[1][0] >= _SPAN:
            self._before.popleft()
