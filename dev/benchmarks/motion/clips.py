"""The clips: scenes as a camera sends them, H.264 at 480 kbit/s with a key frame every four seconds."""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from . import footage
from .scene import Scene
from .scenes import FAMILIES

KEY_SECONDS = 4
SPLIT = Path(__file__).with_name("split.toml")
KEPT = footage.ROOT / ".output" / "motion"
_BITRATE = 480_000
_SOURCES = ("footage.py", "scene.py", "scenes.py", "nuisances.py", "visitors.py", "clips.py")


@dataclass(frozen=True)
class Clip:
    """One clip of the bench."""

    name: str
    part: str
    """tune, judge or fresh."""
    family: str
    ground: str = "lawn"
    seed: int = 0

    def scene(self) -> Scene:
        """Return its scene; the same one each time."""
        return FAMILIES[self.family](np.random.default_rng([self.seed, len(self.family)]), self.ground)

    def path(self) -> Path:
        """Return its file, which is made first when it is not there."""
        here = Path(__file__).parent
        made_of = b"".join(here.joinpath(name).read_bytes() for name in _SOURCES)
        known = hashlib.sha256(made_of + repr((self.family, self.ground, self.seed)).encode()).hexdigest()[
            :16
        ]
        path = KEPT / f"{self.family}-{known}.mp4"
        if not path.is_file():
            KEPT.mkdir(parents=True, exist_ok=True)
            _encode(self.scene(), path)
        return path


def clips(part: str, seed: int) -> Iterator[Clip]:
    """Return the clips of a part, tune or judge; with those that judge come the fresh ones of this seed."""
    split = tomllib.loads(SPLIT.read_text())
    for entry in split["clip"]:
        if entry["part"] == part:
            yield Clip(**entry)
    if part == "judge":
        fresh, rng = split["fresh"], np.random.default_rng(seed)
        for number in range(fresh["count"]):
            family = fresh["families"][number % len(fresh["families"])]
            yield Clip(
                f"fresh-{number + 1} ({family})",
                "fresh",
                family,
                str(rng.choice(fresh["grounds"])),
                int(rng.integers(1_000_000, 2**31)),
            )


def _encode(scene: Scene, path: Path) -> None:
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
