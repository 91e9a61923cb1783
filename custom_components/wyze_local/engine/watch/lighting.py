"""Two pictures of one scene, compared as if they had the same light.

Light is divided out: each part of a picture is compared at the brightness that it has now, so a cloud, a lamp
or the exposure moves nothing, as long as it changes all of a neighbourhood alike.
"""

import numpy as np

from .cells import Plane, around, means, pixels, smoothed

_NEIGHBOURHOOD = 4
"""How far the neighbourhood of a cell reaches, in cells, in which light is taken to be one."""
_DOUBT = np.float32(0.65)
"""How far the light may be wrong in places, as a share of its change."""
_DARK = 8.0
"""Grey levels that are added before brightness is divided, so that black says nothing."""
_WHITE, _NEARLY_WHITE = 255.0, 245.0
_LEAST_LIGHT, _MOST_LIGHT = 0.33, 3.0
_ENOUGH = np.float32(4.0)
"""Cells' worth of pixels that can still become brighter, from which on they alone tell the light."""


def distance(picture: Plane, usual: Plane) -> tuple[Plane, Plane]:
    """Return how far each pixel is from the usual picture under this light, with its sign, and the doubt.

    The doubt is not 0 where the light is not the usual one. Both in grey levels.
    """
    lit = pixels(_light(picture, usual)) * usual
    far = picture - np.minimum(lit, _WHITE)
    # What was as bright as a pixel can be may have been brighter still, so it may dim less than the rest.
    far = np.where(usual < _NEARLY_WHITE, far, np.minimum(far, 0))
    return far.astype(np.float32), _DOUBT * np.abs(lit - usual)


def _light(picture: Plane, usual: Plane) -> Plane:
    """Return for each cell how many times brighter its neighbourhood is than usual.

    A white wall cannot become brighter, so beside one a lamp would seem weaker than it is, and all that is
    not white would have moved: what is white, or is now, is asked only where there is nothing else.
    """
    tells = ((usual < _NEARLY_WHITE) & (picture < _NEARLY_WHITE)).astype(np.float32)
    share = _summed(tells)
    some = np.maximum(share, _ENOUGH)
    here, before = _summed(picture * tells) / some, _summed(usual * tells) / some
    light = (here + _DARK) / (before + _DARK)
    if (few := share < _ENOUGH).any():
        whole = (smoothed(means(picture), _NEIGHBOURHOOD) + _DARK) / (
            smoothed(means(usual), _NEIGHBOURHOOD) + _DARK
        )
        light = np.where(few, whole, light)
    return np.asarray(np.clip(light, _LEAST_LIGHT, _MOST_LIGHT), np.float32)


def _summed(plane: Plane) -> Plane:
    return around(means(plane), _NEIGHBOURHOOD)
