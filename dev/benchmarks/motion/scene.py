"""A scene: pictures that follow each other, and what is true of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .footage import HEIGHT, WIDTH, Planes

type Plane = NDArray[np.float32]


class Span(NamedTuple):
    """A stretch of time, in seconds from the beginning."""

    start: float
    end: float


@dataclass
class Canvas:
    """A picture being painted: brightness and two colours, as numbers that may leave 0 to 255 meanwhile."""

    luma: Plane
    blue: Plane
    red: Plane

    @classmethod
    def of(cls, planes: Planes) -> Canvas:
        """Begin with a picture."""
        return cls(*(plane.astype(np.float32) for plane in planes))

    def planes(self) -> Planes:
        """Return the picture as a camera would have it."""
        luma, blue, red = (
            np.clip(plane, 0, 255).astype(np.uint8) for plane in (self.luma, self.blue, self.red)
        )
        return luma, blue, red

    def grey(self) -> None:
        """Take the colours away."""
        self.blue[:] = 128
        self.red[:] = 128


type Stroke = Callable[[Canvas, float], None]
"""Paints what there is to see at a time, in seconds."""


@dataclass
class Scene:
    """Something that a camera might see."""

    seconds: float
    frame: Callable[[float], Planes]
    """The picture of a time, before anything is painted on it."""
    strokes: list[Stroke] = field(default_factory=list)
    truth: list[Span] = field(default_factory=list)
    """When something moves that a person wants to know of."""
    ignored: list[Span] = field(default_factory=list)
    """When nobody could say: neither a hit nor a false alarm."""
    rate: int = 10
    """Frames in a second."""

    def frames(self) -> Iterator[Planes]:
        """Paint all frames in order."""
        for number in range(round(self.seconds * self.rate)):
            at = number / self.rate
            canvas = Canvas.of(self.frame(at))
            for stroke in self.strokes:
                stroke(canvas, at)
            yield canvas.planes()


def grid() -> tuple[Plane, Plane]:
    """Return the row and the column of every pixel of the brightness."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return rows, columns
