"""The picture's cells: squares of pixels in which motion is counted, so that single pixels say nothing."""

import numpy as np
from numpy.typing import NDArray

from ..model import Box
from .background import Mask, Plane
from .picture import HEIGHT, WIDTH

SIDE = 8
"""Pixels along the side of a cell."""
ROWS = HEIGHT // SIDE
COLUMNS = WIDTH // SIDE


def shares(mask: Mask) -> Plane:
    """Return for each cell the share of its pixels that are set, 0 to 1."""
    counts = mask.reshape(ROWS, SIDE, COLUMNS, SIDE).sum(axis=(1, 3), dtype=np.float32)
    return np.asarray(counts / (SIDE * SIDE), np.float32)


def neighbours(cells: Mask) -> NDArray[np.int8]:
    """Return for each cell how many of the eight around it are set."""
    wide = np.pad(cells.astype(np.int8), 1)
    around = sum(
        wide[1 + down : 1 + down + ROWS, 1 + right : 1 + right + COLUMNS]
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
        if down or right
    )
    return np.asarray(around, np.int8)


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
