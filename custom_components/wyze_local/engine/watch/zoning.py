"""Where motion counts: a person's zones on the grid of cells."""

from collections.abc import Sequence

import numpy as np

from ..model import Zone
from .cells import COLUMNS, ROWS, Mask


class Zoning:
    """The zones of one camera."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._masks = {zone.name: _cells_of(zone) for zone in zones}
        self.wanted: Mask = (
            np.logical_or.reduce(list(self._masks.values())) if zones else np.ones((ROWS, COLUMNS), np.bool_)
        )
        """Cells in which motion counts: all where there is no zone."""

    def names(self, cells: Mask) -> tuple[str, ...]:
        """Return the zones to which any of these cells belongs, in their order."""
        return tuple(name for name, mask in self._masks.items() if bool((mask & cells).any()))


def _cells_of(zone: Zone) -> Mask:
    """Return the cells whose middle lies in a zone; the nearest one where it is too small for any."""
    rows = _covered(zone.top, zone.height, ROWS)
    columns = _covered(zone.left, zone.width, COLUMNS)
    return np.asarray(rows[:, None] & columns[None, :], np.bool_)


def _covered(start: float, length: float, cells: int) -> Mask:
    middles = (np.arange(cells) + 0.5) / cells
    inside = (middles >= start) & (middles < start + length)
    if not inside.any():
        inside[np.abs(middles - (start + length / 2)).argmin()] = True
    return np.asarray(inside, np.bool_)
