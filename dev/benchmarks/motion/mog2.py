"""MOG2 of OpenCV, in an environment of its own: the project needs no OpenCV, and nothing here imports it."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import BenchError
from .encoding import KEY_SECONDS
from .footage import ROOT
from .packages import do, uv
from .sides import Watched

_FOLDER = ROOT / ".tools" / "opencv"
_PACKAGE = "opencv-python-headless==4.14.0.94"


@dataclass(frozen=True)
class Settings:
    """How it is asked for motion."""

    threshold: float
    """Of its variances."""
    share: float
    """Of the picture that its largest spot must exceed."""
    history: int = 500
    """Pictures that it remembers."""
    twice: bool = True
    """Whether two pictures running must show it."""
    warm_up: float = 3.0
    """Seconds after the first picture in which nothing counts."""
    step: float | None = None
    """Seconds between two pictures; None for what the file says, which is wrong for a few of them."""


FULL = Settings(25, 0.005)
"""Of nine pairs (16, 25, 50 by 0.2, 0.5, 1 %) the one with the fewest false events of those that saw every
visit of the clips that tune.
"""
KEY = Settings(50, 0.002, twice=False, warm_up=10.0, step=KEY_SECONDS)
"""Of the same pairs, with one picture or two, and 500 pictures remembered or 15: none saw every visit; this
is the one with the fewest false events of those that saw all but three of 52.
"""


def watch(paths: Sequence[Path], settings: Settings) -> list[Watched]:
    """Let it watch clips; raises BenchError. Blocks."""
    python = _FOLDER / "bin" / "python"
    if not (_FOLDER / "made").is_file():
        do(
            [
                uv(),
                "venv",
                "--quiet",
                "--clear",
                "--python",
                str(ROOT / ".venv" / "bin" / "python"),
                str(_FOLDER),
            ]
        )
        do([uv(), "pip", "install", "--quiet", "--python", str(python), _PACKAGE])
        (_FOLDER / "made").touch()
    done = subprocess.run(
        [
            str(python),
            str(Path(__file__).with_name("mog2_alone.py")),
            json.dumps(asdict(settings)),
            *map(str, paths),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60 + 60 * len(paths),
    )
    if done.returncode:
        raise BenchError(f"MOG2 did not run: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [Watched(tuple(each["moments"]), tuple(each["looked"]), each["cost"]) for each in found]
