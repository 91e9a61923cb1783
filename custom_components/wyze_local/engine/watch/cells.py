"""The picture's cells: squares of pixels in which motion is counted, so that single pixels say nothing."""

import numpy as np
from numpy.typing import NDArray

from ..model import Box
from .picture import HEIGHT, WIDTH

type Plane = NDArray[np.float32]
"""A number for each pixel, or for each cell."""
type Mask = NDArray[np.bool_]

SIDE = 4
"""Pixels along the side of a cell."""
ROWS = HEIGHT // SIDE
COLUMNS = WIDTH // SIDE


def means(plane: Plane) -> Plane:
    """Return for each cell the mean of its pixels."""
    return np.asarray(np.add.reduceat(_summed_down(plane), _COLUMN_STARTS, axis=1) / SIDE**2, np.float32)


def counts(mask: Mask) -> Plane:
    """Return for each cell how many of its pixels are set."""
    return np.add.reduceat(_summed_down(mask.astype(np.float32)), _COLUMN_STARTS, axis=1)


_COLUMN_STARTS = np.arange(0, WIDTH, SIDE)


def _summed_down(plane: Plane) -> Plane:
    return np.asarray(plane.reshape(ROWS, SIDE, WIDTH).sum(axis=1), np.float32)


def pixels(cells: Plane) -> Plane:
    """Return for each pixel the number of its cell."""
    return np.repeat(np.repeat(cells, SIDE, axis=0), SIDE, axis=1)


def around(cells: Plane, reach: int) -> Plane:
    """Return for each cell the sum over the square of cells that reaches so far to all sides."""
    total = np.zeros((ROWS + 2 * reach + 1, COLUMNS + 2 * reach + 1), np.float32)
    total[reach + 1 : reach + 1 + ROWS, reach + 1 : reach + 1 + COLUMNS] = cells
    total = total.cumsum(axis=0).cumsum(axis=1)
    side = 2 * reach + 1
    return np.asarray(
        total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side], np.float32
    )


def smoothed(cells: Plane, reach: int) -> Plane:
    """Return for each cell the mean over the square around it, as far as that is in the picture."""
    return np.asarray(around(cells, reach) / around(np.ones((ROWS, COLUMNS), np.float32), reach), np.float32)


def near(cells: Mask, reach: int) -> Mask:
    """Return which cells are set or have a set one so near."""
    return np.asarray(around(cells.astype(np.float32), reach) > 0.5, np.bool_)


def box_around(cells: Mask) -> Box:
    """Return the rectangle around the set cells, of which there is at least one."""
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    return Box(
        left / COLUMNS,
        top / ROWS,
        (int(columns[-1]) + 1 - left) / COLUMNS,
        (int(rows[-1]) + 1 - top) / ROWS,
    )
