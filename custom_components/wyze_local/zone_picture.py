"""The picture on which a person sees a camera's zones: an SVG that carries the still as it is.

Nothing is decoded for it here: the browser draws the picture, and the rectangles over it.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from html import escape

from .engine.model import Zone

USUAL_SIZE = 1600, 900
"""Of a camera that has sent no picture yet."""
MAX_SIDE = 16_384
COLOURS = ("#ff3b30", "#34c759", "#0a84ff", "#ffcc00")
"""One for each zone: strong enough by day and by night."""
_SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of JPEG after which height and width follow."""


def jpeg_size(jpeg: bytes) -> tuple[int, int] | None:
    """Return width and height as the header says, without decoding; None for what is no JPEG."""
    at = 2 if jpeg[:2] == b"\xff\xd8" else len(jpeg)
    while at + 9 <= len(jpeg) and jpeg[at] == 0xFF:
        if jpeg[at + 1] in _SIZED:
            height, width = (int.from_bytes(jpeg[at + n : at + n + 2]) for n in (5, 7))
            return (width, height) if 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE else None
        at += 2 + max(2, int.from_bytes(jpeg[at + 2 : at + 4]))
    return None


def draw_zones(jpeg: bytes | None, zones: Iterable[Zone]) -> str:
    """Return an SVG of a still, a grid in percent and the zones; only the grid where there is no still."""
    size = jpeg_size(jpeg) if jpeg else None
    width, height = size or USUAL_SIZE
    font = max(width, height) // 45
    size_of_it = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size_of_it} font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#303030"/>',
    ]
    if jpeg and size:
        data = b64encode(jpeg).decode()
        parts.append(f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{data}"/>')
    parts += _grid(width, height, font)
    for zone, colour in zip(zones, COLOURS, strict=False):
        parts += _zone(zone, colour, width, height, font)
    return "".join([*parts, "</svg>"])


def _grid(width: int, height: int, font: int) -> Iterator[str]:
    for percent in range(10, 100, 10):
        x, y = width * percent / 100, height * percent / 100
        dash = f'stroke="#fff" stroke-opacity="0.45" stroke-width="{font / 12:.1f}"'
        yield f'<path d="M{x:.1f} 0V{height}M0 {y:.1f}H{width}" {dash}/>'
        yield _text(x, font, font, f"{percent}", "middle")
        yield _text(font / 4, y + font / 3, font, f"{percent}", "start")


def _zone(zone: Zone, colour: str, width: int, height: int, font: int) -> Iterator[str]:
    x, y = zone.left * width, zone.top * height
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{zone.width * width:.1f}" height="{zone.height * height:.1f}"'
        f' fill="{colour}" fill-opacity="0.2" stroke="{colour}" stroke-width="{font / 4:.1f}"/>'
    )
    yield _text(x + font / 2, y + font * 2.6, font * 1.4, zone.name, "start")


def _text(x: float, y: float, font: float, text: str, anchor: str) -> str:
    # The outline keeps it readable over whatever the camera sees.
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{font:.1f}" text-anchor="{anchor}" fill="#fff"'
        f' stroke="#000" stroke-width="{font / 6:.1f}" paint-order="stroke">{escape(text)}</text>'
    )
