"""How a scene looks when nothing happens: for each pixel its usual value, and how far it usually strays.

Light is divided out: each part of the picture is compared at the brightness that it has now, so a cloud, a
lamp or the exposure moves nothing, as long as it changes all of a neighbourhood alike.
"""

import numpy as np

from .cells import Plane, means, pixels, smoothed

_FLOOR = 1.5
"""The least deviation of a pixel, in grey levels."""
_NEIGHBOURHOOD = 4
"""How far the neighbourhood of a cell reaches, in cells, in which light is taken to be one."""
_DOUBT = np.float32(0.65)
"""How far the light may be wrong in places, as a share of its change."""
_DARK = 8.0
"""Grey levels that are added before brightness is divided, so that black says nothing."""
_WHITE, _NEARLY_WHITE = 255.0, 245.0
_LEAST_LIGHT, _MOST_LIGHT = 0.33, 3.0


class Background:
    """Means and absolute deviations of all pixels, as moving averages."""

    def __init__(self, first: Plane) -> None:
        self.mean = first.copy()
        self.deviation: Plane = np.full_like(first, _FLOOR)

    def distance(self, picture: Plane, cells: Plane) -> tuple[Plane, Plane]:
        """Return how far each pixel is from its mean under this light, with its sign, and the doubt in it.

        The second is not 0 where the light is not the usual one. Both in grey levels; `cells` are the means
        of the picture's cells.
        """
        here = smoothed(cells, _NEIGHBOURHOOD) + _DARK
        usual = smoothed(means(self.mean), _NEIGHBOURHOOD) + _DARK
        light = np.clip(here / usual, _LEAST_LIGHT, _MOST_LIGHT)
        lit = pixels(light) * self.mean
        expected = np.minimum(lit, _WHITE)
        distance = picture - expected
        # What was as bright as a pixel can be may have been brighter still, so it may dim less than the rest.
        distance = np.where(self.mean < _NEARLY_WHITE, distance, np.minimum(distance, 0))
        return distance.astype(np.float32), _DOUBT * np.abs(lit - self.mean)

    def learn(self, picture: Plane, distance: Plane, rate: float | Plane, stray: float | Plane) -> None:
        """Take a picture in: its share in the means and in the deviations, for all pixels or each, 0 to 1."""
        self.mean += rate * (picture - self.mean)
        # One who walks by once says little about how far the pixel strays by itself.
        far = np.minimum(np.abs(distance), 8 + 4 * self.deviation)
        self.deviation += stray * (np.maximum(far, _FLOOR) - self.deviation)
