"""How a scene looks when nothing happens: for each pixel its usual value, and how far it usually strays."""

import numpy as np
from numpy.typing import NDArray

type Plane = NDArray[np.float32]
type Mask = NDArray[np.bool_]

_FLOOR = 2.0
"""The least deviation of a pixel, in grey levels."""


class Background:
    """Means and absolute deviations of all pixels, as moving averages."""

    def __init__(self, first: Plane) -> None:
        self.mean = first.copy()
        self.deviation: Plane = np.full_like(first, _FLOOR)

    def distance(self, picture: Plane) -> Plane:
        """Return how far each pixel is from its mean, in grey levels, with its sign."""
        return picture - self.mean

    def learn(self, distance: Plane, rate: Plane | float) -> None:
        """Take a picture in; the rate is the share of it, for all pixels or for each, 0 to 1."""
        self.mean += rate * distance
        self.deviation += rate * (np.maximum(np.abs(distance), _FLOOR) - self.deviation)
