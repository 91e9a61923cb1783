"""What came out: a table for people, JSON, and what is not as it has to be."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .clips import Clip
from .encoding import KEY_SECONDS
from .sides import LOOKS
from .truth import Verdict

OURS = "ours"
KEY = "-key"
"""Ends the name of a detector that looks at key frames only."""
_QUIET = frozenset({"noise", "infrared", "light", "night", "rain"})
"""Families in which a single false event is too many."""
_LAWN = frozenset({"lawn", "lawn-night"})
_LATE = {OURS: 1.5, f"{OURS}{KEY}": KEY_SECONDS + 1.0}
"""Seconds within which 95 of 100 visits are seen."""
_TITLES = {
    OURS: "ours",
    "mog2": "MOG2 (OpenCV)",
    "motion": "motion (Debian)",
    "difference": "frame difference",
}


@dataclass
class Side:
    """One detector over all clips."""

    name: str
    verdicts: list[Verdict] = field(default_factory=list)
    cost: float = 0.0
    """Processor seconds, with decoding."""
    decoding: float = 0.0
    """Processor seconds of decoding alone, where that is known."""
    seconds: float = 0.0
    """Of footage."""

    @property
    def key(self) -> bool:
        """Whether it looked at key frames only."""
        return self.name.endswith(KEY)

    @property
    def title(self) -> str:
        """What it is called in the table."""
        return _TITLES[self.name.removesuffix(KEY)]

    @property
    def recall(self) -> float:
        """The share of the visits that it could see and saw."""
        expected = sum(verdict.expected for verdict in self.verdicts)
        return sum(verdict.hits for verdict in self.verdicts) / expected if expected else 1.0

    @property
    def false_events(self) -> int:
        """How often it raised a false alarm."""
        return sum(verdict.false_events for verdict in self.verdicts)

    @property
    def latencies(self) -> list[float]:
        """All latencies, in order of size."""
        return sorted(latency for verdict in self.verdicts for latency in verdict.latencies)

    @property
    def late(self) -> float:
        """The latency that 95 of 100 visits do not exceed; 0 without any."""
        found = self.latencies
        return found[math.ceil(0.95 * len(found)) - 1] if found else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of the report."""
        return {
            "hits": sum(verdict.hits for verdict in self.verdicts),
            "visits": sum(verdict.expected for verdict in self.verdicts),
            "false_events": self.false_events,
            "false_seconds": round(sum(verdict.false_seconds for verdict in self.verdicts), 1),
            "latency_median": round(statistics.median(self.latencies), 2) if self.latencies else None,
            "latency_p95": round(self.late, 2),
            "percent_of_a_core": round(100 * self.cost / self.seconds, 2) if self.seconds else None,
        }


@dataclass
class Report:
    """All detectors over all clips."""

    part: str
    seed: int
    clips: Sequence[Clip]
    sides: list[Side]

    @property
    def problems(self) -> list[str]:
        """What is not as it has to be, as sentences."""
        found = []
        for sides in self._modes():
            ours = next((side for side in sides if side.name in _LATE), None)
            if ours is None:
                continue
            how = "by key frames" if ours.key else "by every picture"
            found += [f"ours, {how}: {problem}" for problem in self._own_problems(ours)]
            found += [
                f"{side.title}, {how}, is ahead: as much seen, with fewer false events"
                for side in sides
                if _ahead(side, ours)
            ]
        return found

    def _modes(self) -> list[list[Side]]:
        """Return the sides that looked at every picture, and those that looked at key frames, if any did."""
        both = ([side for side in self.sides if side.key is key] for key in (False, True))
        return [sides for sides in both if sides]

    def _own_problems(self, side: Side) -> list[str]:
        found = []
        for clip, verdict in zip(self.clips, side.verdicts, strict=True):
            if clip.family in _LAWN and verdict.missed:
                found.append(f"{clip.name}: {verdict.missed} visits missed")
            allowed = 0 if clip.family in _QUIET else 1
            if verdict.false_events > allowed:
                found.append(f"{clip.name}: {verdict.false_events} false events, {allowed} allowed")
        if side.late > _LATE[side.name]:
            found.append(f"latency {side.late:.1f} s (p95), wanted ≤ {_LATE[side.name]:g} s")
        if side.name == OURS and side.cost > 2 * side.decoding:
            found.append(f"costs {side.cost / side.decoding:.2f} times plain decoding, wanted ≤ 2")
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of its line of JSON."""
        clips = {
            clip.name: {
                side.name: {
                    "hits": side.verdicts[number].hits,
                    "visits": side.verdicts[number].expected,
                    "false_events": side.verdicts[number].false_events,
                    "latencies": [round(latency, 2) for latency in side.verdicts[number].latencies],
                }
                for side in self.sides
            }
            for number, clip in enumerate(self.clips)
        }
        return {
            "bench": "motion",
            "ok": not self.problems,
            "part": self.part,
            "seed": self.seed,
            "looks_per_second": LOOKS,
            "sides": {side.name: side.as_dict() for side in self.sides},
            "clips": clips,
            "failures": self.problems,
        }

    def table(self) -> str:
        """Return the tables for people, in Markdown: one for each way of looking."""
        return "\n\n".join(self._table(sides) for sides in self._modes())

    def _table(self, sides: Sequence[Side]) -> str:
        how = "key frames only" if sides[0].key else "every picture"
        lines = [f"| {how} | " + " | ".join(side.title for side in sides) + " |"]
        lines.append("|---" * (len(sides) + 1) + "|")
        for number, clip in enumerate(self.clips):
            cells = [_cell(side.verdicts[number]) for side in sides]
            lines.append(f"| {clip.name} | " + " | ".join(cells) + " |")
        totals = [side.as_dict() for side in sides]
        for title, form in (
            ("**seen**", "{hits}/{visits}"),
            ("**false events**", "{false_events}"),
            ("false motion, s", "{false_seconds}"),
            ("latency, median (p95), s", "{latency_median} ({latency_p95})"),
            ("cost with decoding, % of a core", "{percent_of_a_core}"),
        ):
            lines.append(f"| {title} | " + " | ".join(form.format(**total) for total in totals) + " |")
        return "\n".join(lines)


def _ahead(side: Side, ours: Side) -> bool:
    """Tell whether another detector sees as much and has fewer false events."""
    return side is not ours and side.recall >= ours.recall and side.false_events < ours.false_events


def _cell(verdict: Verdict) -> str:
    seen = f"{verdict.hits}/{verdict.expected}" if verdict.expected else "–"
    return f"{seen}, {verdict.false_events}" if verdict.false_events else seen
