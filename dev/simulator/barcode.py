"""The frame number burned into every picture, so that a viewer can say which picture it shows.

Layout, in fractions of the picture so that it survives scaling:

- a row of 32 cells across the whole width, from the top edge down to 1/15 of the height;
- cell i reaches from i/32 to (i + 1)/32 of the width; white is 1, black is 0;
- cells 0–3: the marker 1 0 1 0;
- cells 4–27: the number, 24 bits, most significant first;
- cells 28–31: the check nibble, the exclusive-or of the number's six nibbles.

A picture in which nothing may move bears the same cells in a row of `LINE_HEIGHT` only.

Read the mean brightness of the middle half of each cell. The threshold lies half-way between the
marker's white and black cells; a row with less than 25 % of full contrast between them, a wrong
marker or a wrong check nibble is no number. `barcode.js` is the same reader for a browser.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

CELLS = 32
ROW_HEIGHT = 1 / 15
"""Height of the row as a fraction of the picture's."""
LINE_HEIGHT = 1 / 90
"""Height of the row in pictures in which nothing may move: a detector that shrinks them sees one pixel."""
BITS = 24
MARKER = (1, 0, 1, 0)
MIN_CONTRAST = 64
_LUMA = np.array((0.299, 0.587, 0.114))


def cells(number: int) -> list[int]:
    """Return the 32 cells of a number as ones and zeros."""
    bits = [number >> (BITS - 1 - i) & 1 for i in range(BITS)]
    check = [sum(bits[i::4]) & 1 for i in range(4)]
    return [*MARKER, *bits, *check]


def _brightness(picture: npt.NDArray[Any], share: float) -> list[float]:
    """Return the mean brightness of the middle half of each cell."""
    height, width = picture.shape[:2]
    top, bottom = int(height * share * 0.25), max(1, int(height * share * 0.75))
    row = picture[top:bottom].astype(np.float64)
    if row.ndim == 3:
        row = row[..., :3] @ _LUMA
    profile = row.mean(axis=0)
    edges = [(width * (i + 0.25) / CELLS, width * (i + 0.75) / CELLS) for i in range(CELLS)]
    return [float(profile[int(left) : max(int(left) + 1, int(right))].mean()) for left, right in edges]


def decode_frame_number(picture: npt.NDArray[Any], share: float = ROW_HEIGHT) -> int | None:
    """Return the number in a picture, or None when there is none.

    `picture` is an array of bytes: height × width (luma or grey) or height × width × 3 or 4 (RGB);
    `share` the height of the row as a fraction of the picture's.
    """
    if picture.ndim < 2 or picture.shape[1] < CELLS or picture.shape[0] < 1:
        return None
    levels = _brightness(picture, share)
    white, black = min(levels[0], levels[2]), max(levels[1], levels[3])
    if white - black < MIN_CONTRAST:
        return None
    threshold = (white + black) / 2
    seen = [int(level > threshold) for level in levels]
    number = int("".join(map(str, seen[len(MARKER) : len(MARKER) + BITS])), 2)
    return number if seen == cells(number) else None


def drawing(share: float = ROW_HEIGHT, number: str = "n") -> str:
    """Return the ffmpeg filters that burn the number of each frame into a row of that height.

    `number` is its expression; `n` counts the frames.
    """
    parts = [f"drawbox=x=0:y=0:w=iw:h=ih*{share:.6f}:color=black:t=fill"]
    for cell, expression in enumerate(_expressions(number)):
        if expression != "0":
            parts.append(
                f"drawbox=x=iw*{cell}/{CELLS}:y=0:w=iw/{CELLS}:h=ih*{share:.6f}"
                f":color=white:t=fill:enable='{expression}'"
            )
    return ",".join(parts)


def _expressions(number: str) -> list[str]:
    """Return for each cell the expression of the frame's number that is 1 where it is white."""
    bits = [f"floor({number}/{1 << (BITS - 1 - i)})" for i in range(BITS)]
    checks = ["+".join(bits[i::4]) for i in range(4)]
    return [
        *(str(bit) for bit in MARKER),
        *(f"mod({bit},2)" for bit in bits),
        *(f"mod({c},2)" for c in checks),
    ]
