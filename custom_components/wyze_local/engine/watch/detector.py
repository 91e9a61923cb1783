"""Sees motion in a camera's pictures. Pure: pictures and their times go in, looks come out.

A pixel has changed when it is further from its usual value than it usually strays; a cell moves when
enough of its pixels have changed; motion is at least two cells side by side.
"""

import numpy as np

from ..model import Sensitivity, Zone
from .background import Background, Mask
from .cells import box_around, neighbours, shares
from .look import Change, Look, still
from .picture import Picture
from .zoning import Zoning

WARM_UP = 3.0
"""Seconds after the first picture in which nothing counts as motion."""
_LEAST = 10.0
"""Grey levels that a pixel must change by, at least."""
_TIMES = {Sensitivity.LOW: 7.0, Sensitivity.MEDIUM: 5.0, Sensitivity.HIGH: 4.0}
"""How many times its usual deviation it must change by."""
_SHARE = 0.25
"""Share of a cell's pixels that must have changed."""
_RATE = 0.05


class Detector:
    """The memory of one camera's scene."""

    def __init__(
        self, sensitivity: Sensitivity, zones: tuple[Zone, ...] = (), *, key_frames: bool = False
    ) -> None:
        self._times = _TIMES[sensitivity]
        self._zoning = Zoning(zones)
        self._key_frames = key_frames
        self._background: Background | None = None
        self._began = 0.0

    def look(self, picture: Picture, at: float) -> Look:
        """Look at a picture of this time, in seconds on a clock that never goes back."""
        luma = picture.luma.astype(np.float32)
        if self._background is None:
            self._background, self._began = Background(luma), at
            return still(Change.WARMING)
        distance = self._background.distance(luma)
        cells = self._moving_cells(distance)
        self._background.learn(distance, _RATE)
        if at - self._began < WARM_UP:
            return still(Change.WARMING)
        cells &= self._zoning.wanted
        if not cells.any():
            return still()
        score = min(1.0, float(cells.mean()) * 5)
        return Look(
            moving=True,
            score=score,
            box=box_around(cells),
            zones=self._zoning.names(cells),
            change=Change.NONE,
        )

    def _moving_cells(self, distance: np.ndarray) -> Mask:
        assert self._background is not None
        changed = np.abs(distance) > np.maximum(_LEAST, self._times * self._background.deviation)
        cells = shares(changed) >= _SHARE
        return np.asarray(cells & (neighbours(cells) > 0), np.bool_)
