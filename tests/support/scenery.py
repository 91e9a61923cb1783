"""Small pictures as the detector sees them: a textured scene, what disturbs it, and who walks through it."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from engine.watch.detector import Detector
from engine.watch.look import Look
from engine.watch.picture import HEIGHT, WIDTH, Picture

type Plane = np.ndarray
type Stroke = Callable[[Plane, float], Plane]
COLOURFUL = 9.0


@dataclass
class Scenery:
    """A scene of a seed; strokes are painted over it in order."""

    seed: int
    strokes: list[Stroke] = field(default_factory=list)
    colour: Callable[[float], float] = lambda _at: COLOURFUL

    def __post_init__(self) -> None:
        rng = self.rng = np.random.default_rng(self.seed)
        coarse = rng.uniform(40, 190, (12, 21)).repeat(8, 0).repeat(8, 1)[:HEIGHT, :WIDTH]
        fine = rng.normal(0, 12, (HEIGHT, WIDTH))
        self.ground = np.clip(coarse + fine, 15, 235)

    def noise(self, strength: float) -> Scenery:
        """Noise of a sensor, in grey levels after shrinking."""
        self.strokes.append(lambda luma, _at: luma + self.rng.normal(0, strength, luma.shape))
        return self

    def dark(self, share: float) -> Scenery:
        """So much of the light is left."""
        self.strokes.append(lambda luma, _at: luma * share + 6)
        return self

    def rain(self, drops: int) -> Scenery:
        """Streaks at new places in each picture."""

        def paint(luma: Plane, _at: float) -> Plane:
            for row, column in zip(
                self.rng.integers(0, HEIGHT - 6, drops), self.rng.integers(0, WIDTH, drops), strict=True
            ):
                luma[row : row + 6, column] += self.rng.uniform(8, 22)
            return luma

        self.strokes.append(paint)
        return self

    def wind(self, reach: float) -> Scenery:
        """A tree: a quarter of the picture swings by so many pixels, in gusts."""
        phases = self.rng.uniform(0, 7, HEIGHT)

        def paint(luma: Plane, at: float) -> Plane:
            strength = reach * (0.5 + 0.5 * abs(math.sin(at / 3)))
            for row in range(10, 60):
                shift = round(strength * math.sin(2 * math.pi * 0.9 * at + phases[row // 8]))
                luma[row, 20:70] = np.roll(luma[row, 12:78], shift)[8:58]
            return luma

        self.strokes.append(paint)
        return self

    def light(self, gain: Callable[[float], float], *, slope: float = 0.0) -> Scenery:
        """Light as a function of time; it is that much stronger on the right as the slope says."""
        across = 1 + slope * (np.arange(WIDTH) / WIDTH - 0.5)
        self.strokes.append(lambda luma, at: luma * (1 + (gain(at) - 1) * across))
        return self

    def side_light(self, gain: Callable[[float], float]) -> Scenery:
        """Light from the right, of this strength at that side, that reaches to the middle."""
        across = np.clip(2 * np.arange(WIDTH) / WIDTH - 1, 0, 1)
        self.strokes.append(lambda luma, at: luma * (1 + (gain(at) - 1) * across))
        return self

    def infrared(self, start: float, end: float) -> Scenery:
        """Night vision in this time: no colour, other shades, lit from the middle, black while it clicks."""
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        beam = np.exp(-(((rows - 44) / 60) ** 2) - ((columns - 80) / 90) ** 2)
        other = self.rng.uniform(-40, 40, (11, 20)).repeat(8, 0).repeat(8, 1)

        def paint(luma: Plane, at: float) -> Plane:
            if start <= at < end:
                luma = (0.5 * luma + 70 + other) * beam
            return luma * 0.1 if any(0 <= at - click < 0.5 for click in (start, end)) else luma

        self.strokes.append(paint)
        self.colour = lambda at: 0.4 if start <= at < end else COLOURFUL
        return self

    def visitor(
        self, start: float, *, row: int = 50, size: int = 16, contrast: float = 45.0, seconds: float = 8.0
    ) -> Scenery:
        """Somebody, half as wide as high, who walks through from left to right from this time on."""
        coat = self.rng.normal(0, 10, (size, size // 2))

        def paint(luma: Plane, at: float) -> Plane:
            left = round((at - start) / seconds * (WIDTH + size) - size / 2)
            first, last = max(0, left), min(WIDTH, left + size // 2)
            if not start <= at <= start + seconds or last <= first:
                return luma
            body = luma[row : row + size, first:last]
            body[:] = body.mean() + contrast + coat[: body.shape[0], first - left : last - left]
            return luma

        self.strokes.append(paint)
        return self

    def thing(self, of: Callable[[float], tuple[slice, slice] | None], shade: float) -> Scenery:
        """Something of one shade, where a function of time says."""

        def paint(luma: Plane, at: float) -> Plane:
            if (area := of(at)) is not None:
                luma[area] = shade
            return luma

        self.strokes.append(paint)
        return self

    def pictures(self, seconds: float, every: float = 0.2) -> Iterator[tuple[float, Picture]]:
        """Return what a camera sends, with times."""
        for number in range(round(seconds / every)):
            at = number * every
            luma = self.ground.copy()
            for stroke in self.strokes:
                luma = stroke(luma, at)
            yield at, Picture(np.clip(luma, 0, 255).astype(np.uint8), self.colour(at))


def watched(
    detector: Detector, scenery: Scenery, seconds: float, every: float = 0.2
) -> list[tuple[float, Look]]:
    """Let a detector watch, and return its looks."""
    return [(at, detector.look(picture, at)) for at, picture in scenery.pictures(seconds, every)]


def moments(looks: list[tuple[float, Look]]) -> list[float]:
    """Return when something moved."""
    return [round(at, 1) for at, look in looks if look.moving]
