"""Boxes, of which everything in a drawn picture is made: they need neither fonts nor libraries."""

type Box = tuple[float, float, float, float, str]
"""x, y, width, height, colour; in fractions of the picture, or of another box."""


def draw(box: Box, *, inside: Box = (0, 0, 1, 1, ""), when: str = "") -> str:
    """Return the filter that draws a box whose fractions refer to another box."""
    x, y, width, height, colour = box
    left, top, across, down, _ = inside
    enable = f":enable='{when}'" if when else ""
    return (
        f"drawbox=x=iw*{left + x * across:.4f}:y=ih*{top + y * down:.4f}"
        f":w=iw*{width * across:.4f}:h=ih*{height * down:.4f}:color={colour}:t=fill{enable}"
    )
