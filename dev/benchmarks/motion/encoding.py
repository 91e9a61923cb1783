"""Makes a film of a scene as a camera would send it: H.264, 480 kbit/s, a key frame every four seconds."""

from pathlib import Path

import av
import numpy as np

from . import footage
from .scene import Scene

KEY_SECONDS = 4
_BITRATE = 480_000


def encode(scene: Scene, path: Path) -> None:
    """Write a scene as a file; it has its name only when it is whole."""
    partial = path.with_suffix(".part")
    with av.open(str(partial), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=scene.rate)
        stream.width, stream.height, stream.pix_fmt = footage.WIDTH, footage.HEIGHT, "yuv420p"
        stream.bit_rate = _BITRATE
        stream.options = {
            "preset": "veryfast",
            "maxrate": str(_BITRATE),
            "bufsize": str(_BITRATE),
            "g": str(KEY_SECONDS * scene.rate),
            "keyint_min": str(KEY_SECONDS * scene.rate),
            "sc_threshold": "0",
            "bf": "0",
            "threads": "1",
        }
        for number, planes in enumerate(scene.frames()):
            frame = av.VideoFrame.from_ndarray(_flat(planes), format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    partial.rename(path)


def _flat(planes: footage.Planes) -> np.ndarray:
    luma, blue, red = planes
    width = footage.WIDTH
    return np.vstack([luma, blue.reshape(-1, width), red.reshape(-1, width)])
