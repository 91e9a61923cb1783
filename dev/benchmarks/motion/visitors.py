"""What a person wants to know of: bodies that come into the picture, cross it and leave."""

import math
from dataclasses import dataclass

import numpy as np

from .footage import HEIGHT, LAWN, WIDTH, Planes, film, ground
from .scene import Canvas, Plane, Span, Stroke, grid

LEAST_SEEN = 0.35
"""A body counts as there while so much of it is in the picture."""


@dataclass
class Body:
    """A made visitor: an upright shape of its own texture, on a straight way with a bob in it."""

    height: float
    width: float
    start: tuple[float, float]
    """Where its middle is at first: column, row."""
    end: tuple[float, float]
    span: Span
    shade: float
    """Grey levels above or below what is behind it."""
    texture: Plane
    colour: tuple[float, float]

    def middle(self, at: float) -> tuple[float, float]:
        """Return where it is."""
        share = (at - self.span.start) / (self.span.end - self.span.start)
        column = self.start[0] + share * (self.end[0] - self.start[0])
        row = self.start[1] + share * (self.end[1] - self.start[1])
        return column, row + 0.04 * self.height * math.sin(2 * math.pi * 1.7 * at)

    def seen(self, at: float) -> float:
        """Return the share of it that is in the picture."""
        column, row = self.middle(at)
        across = min(WIDTH, column + self.width / 2) - max(0, column - self.width / 2)
        down = min(HEIGHT, row + self.height / 2) - max(0, row - self.height / 2)
        return max(0.0, across) * max(0.0, down) / (self.width * self.height)

    def truth(self) -> Span:
        """Return from when to when enough of it is in the picture."""
        times = np.arange(self.span.start, self.span.end, 0.05)
        there = [float(at) for at in times if self.seen(float(at)) >= LEAST_SEEN]
        return Span(there[0], there[-1])

    def paint(self, canvas: Canvas, at: float) -> None:
        """Paint it at a time; nothing while it is not there."""
        if not self.span.start <= at <= self.span.end:
            return
        column, row = self.middle(at)
        top, bottom = int(max(0, row - self.height / 2)), int(min(HEIGHT, row + self.height / 2 + 1))
        left, right = int(max(0, column - self.width / 2)), int(min(WIDTH, column + self.width / 2 + 1))
        if bottom - top < 2 or right - left < 2:
            return
        rows, columns = np.mgrid[top:bottom, left:right].astype(np.float32)
        down, across = (rows - row) / (self.height / 2), (columns - column) / (self.width / 2)
        # Narrower at the top, and legs that open and close below.
        stride = 0.5 + 0.5 * math.sin(2 * math.pi * 1.7 * at)
        edge = np.where(down < -0.6, 0.45, 1.0) - np.where(down > 0.3, 0.3 * stride, 0.0)
        inside = (np.abs(across) < edge) & (np.abs(down) < 1)
        grain = self.texture[(rows - row).astype(int) % 64, (columns - column).astype(int) % 64]
        area = canvas.luma[top:bottom, left:right]
        behind = float(area.mean())
        area[inside] = np.clip(behind + self.shade + 14 * grain, 6, 250)[inside]
        half = np.s_[top // 2 : (bottom + 1) // 2, left // 2 : (right + 1) // 2]
        small = inside[top % 2 :: 2, left % 2 :: 2]
        for plane, tint in ((canvas.blue, self.colour[0]), (canvas.red, self.colour[1])):
            part = plane[half]
            rows_, columns_ = min(part.shape[0], small.shape[0]), min(part.shape[1], small.shape[1])
            part[:rows_, :columns_][small[:rows_, :columns_]] = tint


def random_body(rng: np.random.Generator, begin: float, longest: float) -> Body:
    """Let chance make a body that crosses the picture from this second on."""
    height = float(np.exp(rng.uniform(math.log(0.12), math.log(0.6)))) * HEIGHT
    width = height * rng.uniform(0.35, 1.6)
    row = rng.uniform(height / 2, HEIGHT - height / 3)
    from_left = rng.random() < 0.5
    start = (-width / 2 if from_left else WIDTH + width / 2, row)
    column = (
        rng.uniform(0.3, 0.7) * WIDTH
        if rng.random() < 0.3
        else (WIDTH + width / 2 if from_left else -width / 2)
    )
    end = (column, row + rng.uniform(-0.25, 0.25) * HEIGHT)
    way = abs(end[0] - start[0])
    seconds = min(longest, max(3.0, way / (height * rng.uniform(0.5, 1.6))))
    if 0 < column < WIDTH:
        # It turns round half way; a second body of the same looks walks back.
        seconds = min(seconds, longest / 2)
    shade = rng.choice((-1, 1)) * rng.uniform(22, 90)
    texture = rng.standard_normal((64, 64)).astype(np.float32)
    colour = (128 + rng.uniform(-30, 30), 128 + rng.uniform(-30, 30))
    return Body(height, width, start, end, Span(begin, begin + seconds), float(shade), texture, colour)


def visit(rng: np.random.Generator, begin: float, longest: float) -> tuple[Stroke, Span]:
    """Return a visit that begins at this second and takes at most so long."""
    body = random_body(rng, begin, longest)
    truth = body.truth()
    if not 0 < body.end[0] < WIDTH:
        return body.paint, truth
    back = Span(body.span.end, body.span.end + (body.span.end - body.span.start))
    home = Body(body.height, body.width, body.end, body.start, back, body.shade, body.texture, body.colour)

    def paint(canvas: Canvas, at: float) -> None:
        (body if at < body.span.end else home).paint(canvas, at)

    return paint, Span(truth.start, home.truth().end)


def walkers(rng: np.random.Generator, begin: float) -> tuple[Stroke, Span]:
    """Return real people, cut out of the campus film, who walk through another picture from here on."""
    first, last = 530, 660
    frames, empty = film("campus", LAWN), ground("lawn")
    scale, mirrored = rng.uniform(0.45, 1.0), bool(rng.random() < 0.5)
    top, left = (1 - scale) * HEIGHT, rng.uniform(0, 1 - scale) * WIDTH
    rows, columns = grid()
    inside = (rows >= top) & (columns >= left) & (columns < left + scale * WIDTH)
    row = np.clip((rows - top) / scale, 0, HEIGHT - 1).astype(np.intp)
    column = np.clip((columns - left) / scale, 0, WIDTH - 1).astype(np.intp)
    if mirrored:
        column = WIDTH - 1 - column

    def paint(canvas: Canvas, at: float) -> None:
        number = first + round((at - begin) * 10)
        if not first <= number < last:
            return
        mask = (_matte(frames[number], empty)[row, column] > 0) & inside
        canvas.luma[mask] = frames[number][0][row, column][mask]
        small = mask[::2, ::2]
        for plane, source in ((canvas.blue, frames[number][1]), (canvas.red, frames[number][2])):
            plane[small] = source[row[::2, ::2] // 2, column[::2, ::2] // 2][small]

    return paint, Span(begin, begin + (last - first) / 10)


def _matte(frame: Planes, empty: Planes) -> Plane:
    """Return where people are: what differs from the empty lawn, smoothed so that holes close."""
    far = np.abs(frame[0].astype(np.float32) - empty[0])
    far = np.maximum(far, np.abs(frame[2].astype(np.float32) - empty[2]).repeat(2, 0).repeat(2, 1) * 2)
    hit = (far > 22).astype(np.float32)
    for axis in (0, 1):
        hit = sum(np.roll(hit, shift, axis) for shift in range(-3, 4))
    return np.asarray(hit > 16, np.float32)
