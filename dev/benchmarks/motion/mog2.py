"""MOG2 of OpenCV, in an environment of its own: the project needs no OpenCV, and nothing here imports it."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..errors import BenchError
from .footage import ROOT
from .packages import do, uv
from .sides import Watched

_FOLDER = ROOT / ".tools" / "opencv"
_PACKAGE = "opencv-python-headless==4.14.0.94"
SETTINGS = ("25", "0.005")
"""The threshold of its variances, and the share of the picture that its largest spot must exceed: of nine
pairs (16, 25, 50 by 0.2, 0.5, 1 %) the one with the fewest false events of those that saw every visit of the
clips that tune.
"""


def watch(paths: Sequence[Path]) -> list[Watched]:
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
        [str(python), str(Path(__file__).with_name("mog2_alone.py")), *SETTINGS, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60 + 60 * len(paths),
    )
    if done.returncode:
        raise BenchError(f"MOG2 did not run: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [Watched(tuple(each["moments"]), tuple(each["looked"]), each["cost"]) for each in found]
