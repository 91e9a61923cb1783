"""What is written upon the pictures: the frame's number, the clock, a name, and what a camera does."""

import functools
import shutil
import subprocess

from . import barcode
from .boxes import Box, draw
from .look import Look
from .specs import Picture, Scene

_LAMP: Box = (0.02, 0.1, 0.03, 0.05, "black")
_ALARM = f"drawbox=x=0:y=ih*{barcode.ROW_HEIGHT:.4f}:w=iw:h=ih*{1 - barcode.ROW_HEIGHT:.4f}:color=red:t=ih/36"

# Which digits do not light a segment of a seven-segment display, and where the segment lies.
_SEGMENTS: tuple[tuple[tuple[int, ...], Box], ...] = (
    ((1, 4), (0, 0, 1, 0.14, "white")),
    ((5, 6), (0.78, 0, 0.22, 0.52, "white")),
    ((2,), (0.78, 0.48, 0.22, 0.52, "white")),
    ((1, 4, 7), (0, 0.86, 1, 0.14, "white")),
    ((1, 3, 4, 5, 7, 9), (0, 0.48, 0.22, 0.52, "white")),
    ((1, 2, 3, 7), (0, 0, 0.22, 0.52, "white")),
    ((0, 1, 7), (0, 0.43, 1, 0.14, "white")),
)


def _clock(picture: Picture, number: str) -> list[str]:
    """Return the filters that show the loop's seconds, with tenths, in the lower left corner."""
    fps = picture.fps
    digits = (
        f"mod(floor({number}/{fps * 10}),10)",
        f"mod(floor({number}/{fps}),10)",
        f"mod(floor({number}*10/{fps}),10)",
    )
    filters = [draw((0.02, 0.86, 0.19, 0.12, "black@0.6")), draw((0.132, 0.945, 0.01, 0.017, "white"))]
    for digit, left in zip(digits, (0.03, 0.085, 0.15), strict=True):
        for dark, segment in _SEGMENTS:
            when = "not(" + "+".join(f"eq({digit},{value})" for value in dark) + ")"
            filters.append(draw(segment, inside=(left, 0.88, 0.04, 0.08, ""), when=when))
    return filters


@functools.cache
def _font() -> str | None:
    """Return a font file if the machine has one that can be found."""
    if not shutil.which("fc-match"):
        return None
    found = subprocess.run(
        ["fc-match", "-f", "%{file}", "sans:bold"], capture_output=True, text=True, timeout=20, check=False
    )
    return found.stdout.strip() or None


def _title(text: str) -> list[str]:
    """Return the filter that writes a word into the lower right corner, if there is a font."""
    font = _font()
    if not font:
        return []
    place = "x=w*0.98-tw:y=h*0.97-th:fontsize=h*0.08:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=6"
    return [f"drawtext=fontfile='{font}':text='{text}':{place}"]


def signs(picture: Picture, look: Look, number: str) -> list[str]:
    """Return the filters that write upon the picture; `number` is the expression of the frame's number.

    Where nothing may move there is neither clock nor name. Asks the machine for a font, so it may block.
    """
    still = bool(picture.walk_from)
    filters = []
    if look.clock and not still:
        filters += _clock(picture, number)
    if look.title and not still:
        filters += _title((picture.scene or Scene.PORCH).value)
    return [
        *filters,
        *marks(look),
        barcode.drawing(barcode.LINE_HEIGHT if still else barcode.ROW_HEIGHT, number),
    ]


def marks(look: Look) -> list[str]:
    """Return the filters that show what a camera does: nothing in the usual state."""
    return [draw(_LAMP)] * (not look.lamp) + [_ALARM] * look.alarm
