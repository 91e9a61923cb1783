"""What the generated loops show, as ffmpeg filter graphs made of boxes.

Positions and sizes are fractions of the picture. Every movement has a period that divides the loop, so
that the loop has no visible seam.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from . import barcode
from .boxes import Box, draw
from .look import USUAL, Look, effects
from .signs import marks, signs
from .specs import Picture, Scene


@dataclass(frozen=True, slots=True)
class _Mover:
    """Boxes that move together.

    In `x`, `y` and `when` an @ stands for the loop's progress, 0 to 1, and a # for that of its part on
    demand, negative before it.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    """In fractions of the mover's own size."""
    x: str
    y: str
    when: str = "1"


@dataclass(frozen=True, slots=True)
class _Stage:
    """A background and what moves on it."""

    background: str
    boxes: tuple[Box, ...]
    movers: tuple[_Mover, ...] = ()


def _person(coat: str, x: str, y: str, when: str = "1") -> _Mover:
    """Return somebody who walks."""
    boxes = (
        (0.3, 0, 0.4, 0.22, "0xd9a066"),
        (0.1, 0.22, 0.8, 0.42, coat),
        (0.2, 0.64, 0.25, 0.36, "0x222034"),
        (0.55, 0.64, 0.25, 0.36, "0x222034"),
    )
    return _Mover(0.07, 0.36, boxes, x, y, when)


def _box(colour: str, width: float, height: float, x: str, y: str) -> _Mover:
    """Return a plain box that moves."""
    return _Mover(width, height, ((0, 0, 1, 1, colour),), x, y)


_HOUSE: tuple[Box, ...] = (
    (0, 0.62, 1, 0.38, "0x5b8c3a"),
    (0.08, 0.3, 0.34, 0.4, "0xb5835a"),
    (0.06, 0.24, 0.38, 0.08, "0x6b2d2d"),
    (0.14, 0.4, 0.08, 0.12, "0xcfe8ff"),
    (0.29, 0.46, 0.08, 0.24, "0x4b2e1e"),
    (0.5, 0.7, 0.5, 0.05, "0xb9a77c"),
)
_GARDEN: tuple[Box, ...] = (
    (0, 0.55, 1, 0.45, "0x3f7d33"),
    (0, 0.42, 1, 0.16, "0x7a5a3a"),
    (0.12, 0.2, 0.05, 0.4, "0x5a3d28"),
    (0.04, 0.12, 0.21, 0.24, "0x2f6b2a"),
    (0.6, 0.78, 0.3, 0.1, "0x3b8fc4"),
    (0.7, 0.6, 0.05, 0.08, "0xd95763"),
)
_ATTIC: tuple[Box, ...] = (
    (0, 0.7, 1, 0.3, "0x6e4f35"),
    (0.1, 0.16, 0.2, 0.26, "0x9fc9ff"),
    (0.19, 0.16, 0.02, 0.26, "0x4a3728"),
    (0.55, 0.34, 0.32, 0.4, "0x4a3728"),
    (0.57, 0.38, 0.28, 0.1, "0x8a6f4e"),
    (0.57, 0.54, 0.28, 0.1, "0x8a6f4e"),
)
_SHED: tuple[Box, ...] = (
    (0, 0.68, 1, 0.32, "0x4d4a3a"),
    (0.46, 0.22, 0.44, 0.5, "0x8a5a33"),
    (0.43, 0.16, 0.5, 0.08, "0x3a3f4a"),
    (0.6, 0.42, 0.14, 0.3, "0x2f1d12"),
    (0.05, 0.5, 0.2, 0.22, "0x5d7a3c"),
)
_HALL: tuple[Box, ...] = (
    (0, 0.74, 1, 0.26, "0x8c6b4f"),
    (0.06, 0.2, 0.2, 0.56, "0x5f3b26"),
    (0.22, 0.48, 0.02, 0.04, "0xe0c060"),
    (0.6, 0.18, 0.16, 0.22, "0xd0dbe6"),
    (0.52, 0.6, 0.36, 0.04, "0x4a3728"),
    (0.3, 0.84, 0.4, 0.08, "0x7a2f3a"),
)
_YARD: tuple[Box, ...] = (
    (0, 0.58, 1, 0.42, "0x6f7f4c"),
    (0, 0.2, 0.62, 0.4, "0x9a6b4f"),
    *(
        (0.01 + 0.0775 * column + 0.03 * (row % 2), 0.22 + 0.06 * row, 0.06, 0.04, shade)
        for row in range(6)
        for column, shade in enumerate(("0x8a5a40", "0xa87a5c", "0x94644a", "0xb08468") * 2)
        if column < 7 or row % 2 == 0
    ),
    (0.66, 0.3, 0.02, 0.36, "0x4f3f2c"),
    *((0.7 + 0.05 * post, 0.36, 0.035, 0.28, "0xc8b48c") for post in range(6)),
    (0.7, 0.42, 0.3, 0.03, "0xa8926a"),
    *(
        (0.03 + 0.061 * column, 0.64 + 0.085 * row, 0.02, 0.02, shade)
        for row in range(4)
        for column, shade in enumerate(("0x5d6e3c", "0x83935e", "0x596a3a", "0x7b8b56") * 4)
    ),
    (0.44, 0.7, 0.1, 0.3, "0xa9a294"),
)
_GRAIN = "noise=all_seed=1:alls=7:allf=t"
"""What a sensor adds; without it the pictures would be far smaller than a camera's."""
_CLOUD_X = "mod(@*2,1)*1.3-0.2"
_THERE_AND_BACK = "0.85*(1-abs(1-mod(@*4,2)))"

_STAGES = {
    Scene.PORCH: _Stage("0x7fb4e6", _HOUSE, (
        _box("0xf4f7fb", 0.14, 0.06, _CLOUD_X, "0.14"),
        _person("0xc0392b", _THERE_AND_BACK, "0.56+0.01*sin(@*2*PI*48)"),
    )),
    Scene.GARDEN: _Stage("0x9ed0ee", _GARDEN, (
        _person("0x2c5aa0", f"0.9-{_THERE_AND_BACK}", "0.5+0.01*sin(@*2*PI*48)"),
        _box("0xf5d547", 0.035, 0.06, "0.5+0.3*sin(@*2*PI*6)", "0.72-0.3*abs(sin(@*2*PI*9))"),
    )),
    Scene.ATTIC: _Stage("0xb9a58a", _ATTIC, (
        _box("0x3a3a3a", 0.12, 0.09, _THERE_AND_BACK, "0.82+0.008*sin(@*2*PI*60)"),
        _box("0xf2e9d8", 0.015, 0.025, "0.4+0.3*cos(@*2*PI*5)", "0.35+0.15*sin(@*2*PI*7)"),
    )),
    Scene.SHED: _Stage("0xe0a878", _SHED, (
        _person("0x3c7a4e", _THERE_AND_BACK, "0.58+0.01*sin(@*2*PI*48)"),
        _box("0x2b2b33", 0.05, 0.03, _CLOUD_X, "0.1+0.03*sin(@*2*PI*12)"),
    )),
    Scene.HALL: _Stage("0xd8cdb8", _HALL, (
        _person("0x7a4ea0", f"0.9-{_THERE_AND_BACK}", "0.46+0.01*sin(@*2*PI*48)"),
        _box("0x333333", 0.01, 0.12, "0.68+0.03*sin(@*2*PI*24)", "0.28"),
    )),
    Scene.QUIET: _Stage("0x7fb4e6", _HOUSE),
    Scene.YARD: _Stage("0x8fa9bd", _YARD, (
        _person("0xc0392b", "-0.05+0.9*(1-abs(1-2*#))", "0.5+0.01*sin(#*2*PI*24)", "gte(#,0)"),
    )),
    Scene.VISITOR: _Stage("0x7fb4e6", _HOUSE, (
        _person("0xc0392b", "-0.1+1.2*(@*3-1)", "0.56+0.01*sin(@*2*PI*48)", "between(@,1/3,2/3)"),
    )),
}  # fmt: skip


def _timed(expression: str, marks: Mapping[str, str]) -> str:
    """Return the expression of the frame's number that one of the loop's progress stands for."""
    for mark, progress in marks.items():
        expression = expression.replace(mark, progress)
    return expression


def drawn(picture: Picture, look: Look = USUAL, number: str = "n") -> list[str]:
    """Return the ffmpeg input arguments of a picture. Asks the machine for a font, so it may block.

    `number` is the expression of the loop's frame: where `n`, the frame of the output, begins elsewhere.
    """
    return (_of_file if picture.file else _of_scene)(picture, look, number)


def _of_scene(picture: Picture, look: Look, number: str) -> list[str]:
    """Return the ffmpeg input arguments of a scene."""
    stage = _STAGES[picture.scene or Scene.PORCH]
    width, height, fps = picture.width, picture.height, picture.fps
    frames, begins = fps * picture.seconds, picture.somebody_from
    progress = {"@": f"({number}/{frames})", "#": f"(({number}-{begins})/{frames - begins})"}
    chain = [draw(box) for box in stage.boxes]
    graph = [f"color=c={stage.background}:s={width}x{height}:r={fps},{','.join(chain)}[stage0]"]
    for index, mover in enumerate(stage.movers):
        boxes = ",".join(f"{draw(box)}:replace=1" for box in mover.boxes)
        size = f"{max(2, int(width * mover.width))}x{max(2, int(height * mover.height))}"
        graph.append(f"color=c=black@0:s={size}:r={fps},format=yuva420p,{boxes}[mover{index}]")
        x, y, when = (_timed(part, progress) for part in (mover.x, mover.y, mover.when))
        graph.append(
            f"[stage{index}][mover{index}]overlay=x='W*({x})':y='H*({y})':enable='{when}'[stage{index + 1}]"
        )
    end = [_GRAIN, *effects(look), *signs(picture, look, number)]
    graph.append(f"[stage{len(stage.movers)}]{','.join(end)}")
    return ["-f", "lavfi", "-i", ";".join(graph)]


def _of_file(picture: Picture, look: Look, number: str) -> list[str]:
    """Return the ffmpeg input arguments of a local video, in the loop's size and rate, with frame numbers."""
    fit = (
        f"fps={picture.fps},scale={picture.width}:{picture.height}:force_original_aspect_ratio=decrease,"
        f"pad={picture.width}:{picture.height}:(ow-iw)/2:(oh-ih)/2,setsar=1"
    )
    graph = ",".join([fit, *effects(look), *marks(look), barcode.drawing(number=number)])
    return ["-stream_loop", "-1", "-i", str(picture.file), "-an", "-vf", graph]
