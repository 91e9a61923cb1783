"""The clips: scenes as a camera sends them, H.264 at 480 kbit/s with a key frame every four seconds."""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from . import footage
from .encoding import encode
from .scene import Scene
from .scenes import FAMILIES

SPLIT = Path(__file__).with_name("split.toml")
KEPT = footage.ROOT / ".output" / "motion"
_SOURCES = ("footage.py", "scene.py", "scenes.py", "nuisances.py", "visitors.py", "encoding.py")


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
            encode(self.scene(), path)
        return path

    def key_path(self) -> Path:
        """Return the file of its key frames alone, which is made first when it is not there."""
        whole = self.path()
        path = whole.with_name(f"{whole.stem}-keys.mp4")
        if not path.is_file():
            _keep_keys(whole, path)
        return path


def clips(part: str, seed: int) -> Iterator[Clip]:
    """Return the clips of a part, tune or judge; with those that judge come the fresh ones of this seed."""
    split = tomllib.loads(SPLIT.read_text())
    for entry in split["clip"]:
        if entry["part"] == part:
            yield Clip(**entry)
    if part == "tune":
        more = split["tuning"]
        for number in range(more["count"]):
            family = more["families"][number % len(more["families"])]
            ground = more["grounds"][number * 7 // 3 % len(more["grounds"])]
            yield Clip(f"more-{number + 1} ({family})", part, family, ground, more["first_seed"] + number)
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


def _keep_keys(whole: Path, target: Path) -> None:
    """Write a film of another's key frames, at their times, as they are."""
    partial = target.with_suffix(".part")
    with av.open(str(whole)) as source, av.open(str(partial), "w", format="mp4") as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.is_keyframe and packet.size:
                packet.stream = stream
                container.mux(packet)
    partial.rename(target)
