"""Cells that move again and again by themselves: leaves, water, a flag. They are learnt and left out."""

import numpy as np

from .cells import COLUMNS, ROWS, Mask, Plane, around
from .modes import Mode

_AROUND = 0.85
"""How often a cell and those around it move in the mean, as a share of the same bar: a gust reaches farther
than the wind before it."""


class Restless:
    """How often each cell moves."""

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._often: Plane = np.zeros((ROWS, COLUMNS), np.float32)
        self._seen = mode.calm_before

    def learn(self, moving: Mask, passed: float) -> None:
        """Take in which cells moved in the picture that stands for so many seconds."""
        # At first all pictures count alike, so that a tree is known soon after the start.
        self._seen = min(self._seen + passed, self._mode.restless)
        rate = np.float32(min(1.0, passed / self._seen)) if passed else np.float32(0)
        self._often += rate * (moving - self._often)

    def calm(self) -> Mask:
        """Return the cells in which motion means something."""
        return np.asarray(
            (self._often < self._mode.often) & (around(self._often, 1) / 9 < _AROUND * self._mode.often),
            np.bool_,
        )
