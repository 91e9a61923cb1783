"""What happens before a camera without anybody being there: noise, rain, light, wind, night vision."""

import math

import numpy as np

from .footage import HEIGHT, WIDTH
from .scene import Canvas, Plane, Scene, Span, Stroke, grid


def noise(rng: np.random.Generator, strength: float) -> Stroke:
    """Noise of the sensor, of so many grey levels."""

    def paint(canvas: Canvas, _at: float) -> None:
        canvas.luma += rng.standard_normal(canvas.luma.shape, np.float32) * np.float32(strength)

    return paint


def rain(rng: np.random.Generator, drops: int, brightness: float) -> Stroke:
    """Falling drops, new ones in each frame, as bright streaks of 8 to 34 pixels."""

    def paint(canvas: Canvas, _at: float) -> None:
        for _ in range(int(rng.poisson(drops))):
            length = int(rng.integers(8, 34))
            row, column = int(rng.integers(0, HEIGHT - length)), int(rng.integers(2, WIDTH - 4))
            lean = rng.uniform(-0.1, 0.25)
            rows = np.arange(row, row + length)
            columns = np.clip(column + ((rows - row) * lean).astype(int), 0, WIDTH - 2)
            canvas.luma[rows, columns] += brightness * rng.uniform(0.4, 1)
            canvas.luma[rows, columns + 1] += brightness * 0.4

    return paint


def drift(rng: np.random.Generator, strength: float) -> Stroke:
    """The slow drift of the exposure: so large a share up and down, within a minute or two."""
    period, phase = rng.uniform(40, 90), rng.uniform(0, 2 * math.pi)

    def paint(canvas: Canvas, at: float) -> None:
        canvas.luma *= np.float32(1 + strength * math.sin(2 * math.pi * at / period + phase))

    return paint


def exposure_steps(rng: np.random.Generator, times: list[float], strength: float) -> Stroke:
    """Steps of the exposure, each over half a second, up and down in turn."""
    factors = [1 + rng.choice((-1, 1)) * rng.uniform(0.5, 1) * strength for _ in times]

    def paint(canvas: Canvas, at: float) -> None:
        gain = 1.0
        for time, factor in zip(times, factors, strict=True):
            share = min(1.0, max(0.0, (at - time) / 0.5))
            gain = gain * (1 - share) + factor * share
        canvas.luma *= np.float32(gain)

    return paint


def lamp(rng: np.random.Generator, spans: list[Span], strength: float) -> Stroke:
    """A lamp that goes on and off: brightest in one place, felt in all the picture."""
    rows, columns = grid()
    row, column = rng.uniform(0, HEIGHT), rng.uniform(0, WIDTH)
    far = np.hypot(rows - row, columns - column) / WIDTH
    glow = (strength * (0.45 + 0.55 * np.exp(-((far / 0.55) ** 2)))).astype(np.float32)

    def paint(canvas: Canvas, at: float) -> None:
        if any(start <= at < end for start, end in spans):
            canvas.luma *= 1 + glow

    return paint


def clouds(rng: np.random.Generator, strength: float) -> Stroke:
    """Shadows of clouds: soft, wide, over the ground within 10 to 20 seconds."""
    rows, columns = grid()
    angle, speed = rng.uniform(0, 2 * math.pi), rng.uniform(25, 60)
    along = (columns * math.cos(angle) + rows * math.sin(angle)).astype(np.float32)
    lengths = rng.uniform(400, 900, 3)
    phases = rng.uniform(0, 2 * math.pi, 3)

    def paint(canvas: Canvas, at: float) -> None:
        waves = sum(
            np.sin(2 * math.pi * (along - speed * at) / length + phase)
            for length, phase in zip(lengths, phases, strict=True)
        )
        shade = 1 / (1 + np.exp(-2 * np.asarray(waves, np.float32)))
        canvas.luma *= 1 - np.float32(strength) * shade

    return paint


def dark(level: float, floor: float = 8.0) -> Stroke:
    """Night: a share of the light is left."""

    def paint(canvas: Canvas, _at: float) -> None:
        canvas.luma *= np.float32(level)
        canvas.luma += np.float32(floor)
        canvas.blue += (128 - canvas.blue) * np.float32(0.7)
        canvas.red += (128 - canvas.red) * np.float32(0.7)

    return paint


def infrared(spans: list[Span]) -> Stroke:
    """Night vision: no colour, lit from the camera, leaves bright; black for a moment as it clicks."""
    rows, columns = grid()
    far = np.hypot(rows - HEIGHT / 2, columns - WIDTH / 2) / WIDTH
    beam: Plane = np.exp(-((far / 0.6) ** 2)).astype(np.float32)

    def paint(canvas: Canvas, at: float) -> None:
        for start, end in spans:
            if start <= at < start + 0.4 or end <= at < end + 0.4:
                canvas.luma *= np.float32(0.15)
            if start <= at < end:
                # What is dark by day (leaves) may be bright in infrared.
                leaves = (128 - canvas.blue).repeat(2, 0).repeat(2, 1)
                canvas.luma[:] = (60 + 0.55 * canvas.luma + 0.5 * leaves) * beam
                canvas.grey()

    return paint


def wind(rng: np.random.Generator, bushes: int, reach: float) -> Stroke:
    """Foliage: round parts of the picture that swing by up to so many pixels, in gusts."""
    rows, columns = grid()
    parts = []
    for _ in range(bushes):
        size = rng.uniform(40, 110)
        row, column = rng.uniform(40, HEIGHT - 40), rng.uniform(40, WIDTH - 40)
        top, bottom = max(0, int(row - size)), min(HEIGHT, int(row + size))
        left, right = max(0, int(column - size)), min(WIDTH, int(column + size))
        area = np.s_[top:bottom, left:right]
        far = np.hypot(rows[area] - row, columns[area] - column) / size
        weight = np.clip(1.2 - far, 0, 1).astype(np.float32)
        parts.append((area, weight, rng.uniform(0.5, 1.6), rng.uniform(0, 7), rng.uniform(6, 15)))

    def paint(canvas: Canvas, at: float) -> None:
        whole = canvas.luma.copy()
        for area, weight, pace, phase, gust in parts:
            swing = 0.35 + 0.65 * abs(math.sin(math.pi * at / gust + phase))
            across = reach * swing * math.sin(2 * math.pi * pace * at + phase)
            down = 0.4 * reach * swing * math.sin(2 * math.pi * 1.3 * pace * at + 2 * phase)
            ripple = 0.5 * reach * swing * np.sin(rows[area] / 9 + 2 * math.pi * pace * at)
            row = np.clip(rows[area] + weight * down, 0, HEIGHT - 1).astype(np.intp)
            column = np.clip(columns[area] + weight * (across + ripple), 0, WIDTH - 1).astype(np.intp)
            canvas.luma[area] = whole[row, column]

    return paint


def add_random(scene: Scene, rng: np.random.Generator) -> str:
    """Paint one or two nuisances that chance picks over a scene; returns their names."""
    chosen = rng.choice(["noise", "rain", "drift", "night", "clouds", "wind", "steps"], 2, replace=False)
    for name in chosen:
        if name == "rain":
            scene.strokes.append(rain(rng, int(rng.integers(20, 90)), rng.uniform(30, 70)))
        elif name == "drift":
            scene.strokes.append(drift(rng, rng.uniform(0.1, 0.25)))
        elif name == "night":
            scene.strokes.append(dark(rng.uniform(0.3, 0.5)))
        elif name == "clouds":
            scene.strokes.append(clouds(rng, rng.uniform(0.1, 0.3)))
        elif name == "wind":
            scene.strokes.insert(0, wind(rng, int(rng.integers(1, 4)), rng.uniform(2, 6)))
        elif name == "steps":
            times = sorted(rng.uniform(8, scene.seconds - 8, 2))
            scene.strokes.append(exposure_steps(rng, [float(time) for time in times], 0.3))
    scene.strokes.append(noise(rng, rng.uniform(2, 9) if "noise" in chosen or "night" in chosen else 1.5))
    return " and ".join(str(name) for name in chosen)
