"""The last pictures, as they were: what looked like that a moment ago does not move now.

Who looks at one picture in seconds knows of leaves, of a lamp that goes on and off, and of what somebody hid
while the light changed, long before a mean has learnt it.
"""

from collections import deque

import numpy as np

from .cells import Mask, Plane
from .lighting import distance

_ALIKE = 0.8
"""How much closer than what counts as a change a pixel must be to one of before, as a share."""


class Recent:
    """So many pictures; none is fine, and changes nothing."""

    def __init__(self, count: int) -> None:
        """Begin without any."""
        self._pictures: deque[Plane] = deque(maxlen=count)

    def add(self, picture: Plane) -> None:
        """Take in a picture."""
        self._pictures.append(picture)

    def unlike(self, picture: Plane, bar: Plane) -> Mask:
        """Return the pixels that none of them shows so; `bar` is what counts as a change, in grey levels."""
        found = np.ones(picture.shape, np.bool_)
        for before in self._pictures:
            far, doubt = distance(picture, before)
            found &= np.abs(far) > _ALIKE * (bar + doubt)
        return found
