"""What the detector sees of a decoded frame: a small grey picture, and how colourful the frame is.

160 by 88 pixels whatever the camera sends, each the mean of the frame's pixels under it, so that noise is
averaged away before anything is compared, and one look costs the same for every camera.
"""

from dataclasses import dataclass

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

WIDTH = 160
HEIGHT = 88
_NEUTRAL = 128
"""The value of a colourless pixel in a frame's colour planes."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One look's worth of a frame."""

    luma: NDArray[np.uint8]
    """Brightness, HEIGHT rows of WIDTH pixels."""
    colour: float
    """Mean distance from grey over both colour planes, 0 to 256: below 1.5 the frame is monochrome."""


def picture_of(frame: av.VideoFrame) -> Picture:
    """Shrink a decoded frame.

    Raises what PyAV raises for frames that it cannot convert (av.FFmpegError, ValueError).
    """
    small = frame.reformat(WIDTH, HEIGHT, "yuv420p", interpolation=Interpolation.AREA)
    luma, blue, red = (_plane(small.planes[number]) for number in range(3))
    colour = sum(float(np.abs(plane.astype(np.int16) - _NEUTRAL).mean()) for plane in (blue, red))
    return Picture(luma, colour)


def _plane(plane: VideoPlane) -> NDArray[np.uint8]:
    """Return the pixels of a plane, without the padding at the end of each of its lines."""
    lines = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return lines[:, : plane.width].copy()
