"""How a scene looks when nothing happens: for each pixel its usual value, and how far it usually strays."""

import numpy as np

from .cells import Plane
from .lighting import distance

_FLOOR = 1.5
"""The least deviation of a pixel, in grey levels."""


class Background:
    """Means and absolute deviations of all pixels, as moving averages."""

    def __init__(self, first: Plane) -> None:
        self.mean = first.copy()
        self.deviation: Plane = np.full_like(first, _FLOOR)

    def distance(self, picture: Plane) -> tuple[Plane, Plane]:
        """Return how far each pixel is from its mean under this light, and the doubt in it: `lighting.py`."""
        return distance(picture, self.mean)

    def learn(self, picture: Plane, distance: Plane, rate: float | Plane, stray: float | Plane) -> None:
        """Take a picture in: its share in the means and in the deviations, for all pixels or each, 0 to 1."""
        self.mean += rate * (picture - self.mean)
        # One who walks by once says little about how far the pixel strays by itself.
        far = np.minimum(np.abs(distance), 8 + 4 * self.deviation)
        self.deviation += stray * (np.maximum(far, _FLOOR) - self.deviation)
