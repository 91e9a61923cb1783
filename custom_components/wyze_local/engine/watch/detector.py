"""Sees motion in a camera's pictures. Pure: pictures and their times go in, looks come out.

A pixel has changed when it is further from its usual value, under the light of the moment, than it usually
strays. A cell moves when enough of its pixels have changed. Motion is several cells together, outside the
restless places, twice near by within three pictures; nothing counts while the detector warms up or the
light changes.
"""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from ..model import Sensitivity, Zone
from .background import Background
from .cells import Mask, Plane, around, box_around, counts, means, near, pixels
from .light import Light
from .look import Change, Look, still
from .modes import FULL, KEY, Mode
from .picture import Picture
from .recent import Recent
from .restless import Restless
from .zoning import Zoning

_CHANGED_PIXELS = 6
"""Pixels of a cell's sixteen that must have changed."""
_A_WHILE = 0.9
"""Seconds within which what moves must have changed the picture, so that nothing that stays is motion."""
_REACH = 3
"""Cells that something may move from one picture to the next beyond its own shape."""
_HALF = 0.05
"""Share of the picture at which the score is one half."""


@dataclass(frozen=True, slots=True)
class _Wants:
    """What a sensitivity asks of motion."""

    least: float
    """Grey levels that a pixel must change by, at least."""
    times: float
    """How many times its usual deviation it must change by."""
    cells: int
    """Cells among nine that must move together."""


_WANTS = {
    Sensitivity.LOW: _Wants(15.0, 6.0, 6),
    Sensitivity.MEDIUM: _Wants(11.0, 4.5, 4),
    Sensitivity.HIGH: _Wants(8.0, 4.0, 3),
}


def _asked(sensitivity: Sensitivity, mode: Mode) -> _Wants:
    wants = _WANTS[sensitivity]
    return replace(wants, least=mode.faint * wants.least, cells=wants.cells - mode.fewer)


class Detector:
    """The memory of one camera's scene."""

    def __init__(
        self, sensitivity: Sensitivity, zones: tuple[Zone, ...] = (), *, key_frames: bool = False
    ) -> None:
        self._mode = KEY if key_frames else FULL
        self._wants = _asked(sensitivity, self._mode)
        self._zoning = Zoning(zones)
        self._light = Light(self._mode)
        self._restless = Restless(self._mode)
        self._recent = Recent(self._mode.remembers)
        self._background: Background | None = None
        self._began = self._last = 0.0
        self._looks = 0
        self._distances: deque[tuple[float, Plane]] = deque()
        self._groups: deque[Mask] = deque(maxlen=2)

    def look(self, picture: Picture, at: float) -> Look:
        """Look at a picture of this time, in seconds on a clock that never goes back."""
        luma = picture.luma.astype(np.float32)
        cells = means(luma)
        if self._background is None:
            self._background = Background(luma)
            self._recent.add(luma)
            self._began = self._last = at
            self._light.judge(cells, picture.colour, np.zeros_like(cells, np.bool_), at)
            return still(Change.WARMING)
        passed, self._last = max(0.0, at - self._last), at
        self._looks += 1
        distance, doubt = self._background.distance(luma)
        moving = self._moving(luma, distance, doubt, at)
        self._recent.add(luma)
        change = self._light.judge(cells, picture.colour, moving, at)
        warming = at - self._began < self._mode.warm_up or self._looks < self._mode.warm_looks
        if change is not Change.NONE:
            self._background.learn(luma, distance, self._mode.relearn, 0.0)
            self._distances.clear()
            self._groups.clear()
            return still(change)
        self._learn(luma, distance, moving, passed, warming=warming)
        group = self._group(moving & self._zoning.wanted)
        self._restless.learn(moving, passed)
        return still(Change.WARMING) if warming else self._seen(group)

    def _moving(self, luma: Plane, distance: Plane, doubt: Plane, at: float) -> Mask:
        """Return the cells that moved."""
        assert self._background is not None
        least = np.maximum(self._wants.least, self._wants.times * self._background.deviation)
        bar = least + doubt
        changed = (np.abs(distance) > bar) & self._recent.unlike(luma, least)
        if self._mode.confirm:
            self._distances.append((at, distance))
            while len(self._distances) > 2 and at - self._distances[1][0] >= _A_WHILE:
                self._distances.popleft()
            changed &= np.abs(distance - self._distances[0][1]) > 0.7 * bar
        return np.asarray(counts(changed) >= _CHANGED_PIXELS, np.bool_)

    def _learn(self, luma: Plane, distance: Plane, moving: Mask, passed: float, *, warming: bool) -> None:
        """Take the picture into the background; what moves just now hardly."""
        assert self._background is not None
        rate, stray = passed / self._mode.learning, passed / self._mode.straying
        if warming:
            rate, stray = max(rate, 1 / (self._looks + 1)), max(stray, 1 / (self._looks + 1))
            self._background.learn(luma, distance, min(1.0, rate), min(1.0, stray))
            return
        slowed = pixels(np.where(moving, np.float32(0.3), np.float32(1.0)))
        self._background.learn(luma, distance, min(1.0, rate) * slowed, min(1.0, stray))

    def _group(self, moving: Mask) -> Mask:
        """Return the moving cells that are together, in calm places, and were so a moment ago."""
        calm = moving & self._restless.calm()
        together = calm & (around(calm.astype(np.float32), 1) > self._wants.cells - 0.5)
        if not self._mode.confirm:
            return np.asarray(together, np.bool_)
        before = (
            np.logical_or.reduce([near(cells, _REACH) for cells in self._groups]) if self._groups else False
        )
        self._groups.append(np.asarray(together, np.bool_))
        return np.asarray(together & before, np.bool_)

    def _seen(self, group: Mask) -> Look:
        share = float(group.mean())
        if not share:
            return still()
        return Look(
            moving=True,
            score=share / (share + _HALF),
            box=box_around(group),
            zones=self._zoning.names(group),
            change=Change.NONE,
        )
