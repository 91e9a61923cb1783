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

SIDES = (OURS, KEY, "mog2", "motion", "difference")


async def measure(part: str, seed: int, names: Sequence[str]) -> Report:
    """Measure; the clips that are not there yet are made first, which takes minutes."""
    await asyncio.to_thread(packages.bring)
    chosen = list(kept.clips(part, seed))
    if not chosen:
        raise BenchError(f"There are no clips for {part}.")
    paths = [await asyncio.to_thread(clip.path) for clip in chosen]
    report = Report(part, seed, chosen, [])
    for name in names:
        watched = await _watch(name, paths)
        report.sides.append(await asyncio.to_thread(_judged, name, chosen, watched))
    return report


async def _watch(name: str, paths: Sequence[Path]) -> list[Watched]:
    if name == "motion":
        return await daemon.watch(paths)
    if name == "mog2":
        return await asyncio.to_thread(mog2.watch, paths)
    return [await asyncio.to_thread(_here, name, path) for path in paths]


def _here(name: str, path: Path) -> Watched:
    if name == "difference":
        return sides.difference(path)
    return sides.ours(path, key=name == KEY)


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
