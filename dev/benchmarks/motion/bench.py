"""Lets the detectors watch the clips, one after the other, and judges each alike."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from ..errors import BenchError
from . import clips as kept, daemon, mog2, packages, sides
from .clips import Clip
from .report import KEY, OURS, Report, Side
from .sides import Watched
from .truth import judge

_DETECTORS = (OURS, "mog2", "motion", "difference")
SIDES = (*_DETECTORS, *(f"{name}{KEY}" for name in _DETECTORS))
"""Each by every picture, then each by the same key frames only."""


async def measure(part: str, seed: int, names: Sequence[str]) -> Report:
    """Measure; the clips that are not there yet are made first, which takes minutes."""
    await asyncio.to_thread(packages.bring)
    chosen = list(kept.clips(part, seed))
    if not chosen:
        raise BenchError(f"There are no clips for {part}.")
    await asyncio.to_thread(_make, chosen)
    report = Report(part, seed, chosen, [])
    for name in names:
        watched = await _watch(name, chosen)
        report.sides.append(await asyncio.to_thread(_judged, name, chosen, watched))
    return report


def _make(clips: Sequence[Clip]) -> None:
    for clip in clips:
        clip.key_path()


async def _watch(name: str, clips: Sequence[Clip]) -> list[Watched]:
    detector, key = name.removesuffix(KEY), name.endswith(KEY)
    # Where pictures cannot be left out by whoever reads a clip, there is one without them.
    paths = [clip.key_path() if key else clip.path() for clip in clips]
    if detector == "motion":
        return await daemon.watch(paths, daemon.KEY if key else daemon.FULL)
    if detector == "mog2":
        return await asyncio.to_thread(mog2.watch, paths, mog2.KEY if key else mog2.FULL)
    return [await asyncio.to_thread(_here, detector, clip.path(), key) for clip in clips]


def _here(detector: str, path: Path, key: bool) -> Watched:
    return sides.ours(path, key=key) if detector == OURS else sides.difference(path, key=key)


def _judged(name: str, clips: Sequence[Clip], watched: Sequence[Watched]) -> Side:
    side = Side(name)
    for clip, seen in zip(clips, watched, strict=True):
        scene = clip.scene()
        step = (seen.looked[-1] - seen.looked[0]) / (len(seen.looked) - 1)
        side.verdicts.append(judge(seen.moments, step, scene.truth, scene.ignored, seen.looked))
        side.cost += seen.cost
        side.decoding += seen.decoding
        side.seconds += scene.seconds
    return side
