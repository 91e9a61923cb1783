"""What the cases of the live bench share: the cameras, the stage, and how often things are repeated."""

import random
from dataclasses import dataclass, replace

from dev.benchmarks.stage import OURS, PICTURE, THEIRS, Stage

from .rows import Report

SMALL = replace(PICTURE, gop=60)
"""640 × 360, key frame every 4 s."""
LARGE = replace(SMALL, width=1920, height=1080, kbit=2000)
"""1080p15 at 2 Mbit/s, key frame every 4 s."""
SUFFIX = {"": SMALL, "_large": LARGE}
"""What follows the names of both sides' cameras, by size."""
OWN = "own_source"
"""One more camera in Home Assistant, for go2rtc's own source inside the integration."""
OUR_CAMERAS = {f"{OURS}{suffix}": picture for suffix, picture in SUFFIX.items()} | {OWN: SMALL}
THEIR_CAMERAS = {f"{THEIRS}{suffix}": picture for suffix, picture in SUFFIX.items()}


@dataclass
class Setting:
    """What every case gets."""

    stage: Stage
    report: Report
    chance: random.Random

    @property
    def pairs(self) -> int:
        """How many pairs are measured."""
        return self.report.pairs

    @property
    def few(self) -> int:
        """How many where each takes long."""
        return max(1, self.pairs // 4)
