"""Judges what was seen of a camera: whether it moved, how soon, and how late."""

import itertools
import statistics
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# A frame cannot be seen before it was sent; clocks of two processes may differ by this, in seconds.
CLOCK_SLACK = 0.05
# Later than this is no live picture, whichever way it came, in seconds.
MAX_LATENCY = 15.0
# A picture that falls back by this much while it plays does not keep up, in seconds.
MAX_DRIFT = 2.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A frame that was shown: its number (None when unreadable) and when, as a Unix time in seconds."""

    number: int | None
    at: float


@dataclass
class Verdict:
    """What is known of one camera after it was opened."""

    player: str | None
    first_frame_ms: int | None = None
    latency_ms: int | None = None
    frames: int = 0
    distinct_frames: int = 0
    sound: str | None = None
    """How sound comes with the picture by WebRTC, for example `audio/opus`."""
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of the report."""
        return {name: value for name, value in vars(self).items() if name != "problems"}

    def __str__(self) -> str:
        """Return it in a line for people."""
        if self.problems:
            return "✗ " + "; ".join(self.problems)
        return f"✓ {self.player}: first frame {self.first_frame_ms} ms, latency {self.latency_ms} ms"


def visible_sightings(report: Mapping[str, Any]) -> tuple[str | None, float | None, list[Sighting]]:
    """Return the player that showed most to a person, its first frame's delay in ms, and its frames."""
    best: tuple[str | None, list[Mapping[str, Any]]] = (None, [])
    for view in report["views"]:
        seen = [frame for frame in view["frames"] if frame["visible"]]
        if len(seen) > len(best[1]):
            best = (view["player"], seen)
    player, frames = best
    first_ms = frames[0]["at"] - report["clicked"] if frames and report["clicked"] else None
    return player, first_ms, [Sighting(frame["number"], frame["at"] / 1000) for frame in frames]


def longest_gap(shown: Sequence[Sighting], since: float, until: float) -> float:
    """Return for how long a picture stood still at the most, in seconds, between two Unix times.

    What was shown outside of them does not count; without any frame it stood still all the time.
    """
    times = [since, *(frame.at for frame in shown if since < frame.at < until), until]
    return max(0.0, *(later - sooner for sooner, later in itertools.pairwise(times)))


def delays(sightings: Sequence[Sighting], sent: Mapping[int, Sequence[float]]) -> list[float]:
    """Return for each readable frame how long after it was sent it was shown, in seconds.

    Numbers repeat with the loop, so the newest sending before the sighting counts; a number that was
    never sent before it was seen is left out.
    """
    found: list[float] = []
    for sighting in sightings:
        if sighting.number is None:
            continue
        times = sent.get(sighting.number, ())
        index = bisect_right(times, sighting.at + CLOCK_SLACK)
        if index:
            found.append(sighting.at - times[index - 1])
    return found


def judge(
    player: str | None,
    first_ms: float | None,
    sightings: Sequence[Sighting],
    sent: Mapping[int, Sequence[float]],
    wanted: int,
) -> Verdict:
    """Return the verdict; `wanted` different frames have to be seen for a picture that moves."""
    numbers = {sighting.number for sighting in sightings} - {None}
    verdict = Verdict(player, frames=len(sightings), distinct_frames=len(numbers))
    if not sightings or first_ms is None:
        verdict.problems.append("no picture was seen")
        return verdict
    verdict.first_frame_ms = round(first_ms)
    if len(numbers) < wanted:
        verdict.problems.append(
            f"the picture does not move: {len(numbers)} different frames, {wanted} wanted"
        )
    late = delays(sightings, sent)
    if not late:
        verdict.problems.append("no frame that was seen had been sent by the simulator")
        return verdict
    verdict.latency_ms = round(statistics.median(late) * 1000)
    if statistics.median(late) > MAX_LATENCY:
        verdict.problems.append(f"the picture is {verdict.latency_ms} ms old")
    third = max(1, len(late) // 3)
    drift = statistics.median(late[-third:]) - statistics.median(late[:third])
    if drift > MAX_DRIFT:
        verdict.problems.append(f"the picture falls back: {drift:.1f} s while it played")
    return verdict
