"""The figures of the live bench: what both sides measured, what decides, and the limits."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dev.benchmarks.figures import Limit, p95, ratio

type Values = Sequence[float | None]
"""What one side measured; None where it never came."""

NEVER = "never"


@dataclass
class Row:
    """One figure."""

    name: str
    title: str
    unit: str
    ours: Values
    theirs: Values
    decide: Callable[[Row], float | None]
    show: str
    """How the deciding figure is printed."""
    limit: Limit | None = None
    digits: int = 0

    @property
    def figure(self) -> float | None:
        """The deciding figure; None when there is none."""
        return self.decide(self)

    @property
    def problem(self) -> str | None:
        """What is wrong with it, as a sentence; None when the limit is kept or there is none."""
        if self.limit is None:
            return None
        if self.figure is None:
            return f"{self.name}: nothing that could be compared"
        if self.limit.kept(self.figure):
            return None
        return f"{self.name}: {self.show.format(self.figure)}, wanted {self.limit.text}"

    def summary(self, values: Values) -> dict[str, Any]:
        """Return number, median, slow end, and how often it never came."""
        came = [value for value in values if value is not None]
        found: dict[str, Any] = {"n": len(values)}
        if came:
            found["median"] = round(statistics.median(came), self.digits or None)
            found["p95"] = round(p95(came), self.digits or None)
        if len(came) < len(values):
            found["never"] = len(values) - len(came)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of the report."""
        found: dict[str, Any] = {"unit": self.unit, "ours": self.summary(self.ours)}
        if self.theirs:
            found["theirs"] = self.summary(self.theirs)
        if self.figure is not None:
            found["figure"] = round(self.figure, 3)
        if self.limit is not None:
            found |= {"limit": self.limit.text, "ok": self.problem is None}
        return found

    def cells(self) -> str:
        """Return its line of the Markdown table."""
        figure = "–" if self.figure is None else self.show.format(self.figure)
        verdict = "" if self.problem is None else " ✗"
        limit = self.limit.text if self.limit else "–"
        sides = [self._cell(values) for values in (self.ours, self.theirs)]
        return f"| {' | '.join([f'{self.title}, {self.unit}', *sides, figure + verdict, limit])} |"

    def _cell(self, values: Values) -> str:
        found = self.summary(values)
        if not values:
            return "–"
        if "median" not in found:
            return NEVER
        tail = f", {NEVER} {found['never']} of {found['n']}" if "never" in found else ""
        return f"{found['median']} ({found['p95']}){tail}"


def _all(values: Values) -> list[float]:
    """Return the values if all of them came, else nothing."""
    came = [value for value in values if value is not None]
    return came if len(came) == len(values) else []


def ratios(row: Row) -> float | None:
    """Decide by the median of the ratios pair by pair; the other side's may be missing."""
    ours = _all(row.ours)
    pairs = [(a, b) for a, b in zip(ours, row.theirs, strict=bool(ours)) if b is not None]
    return ratio([a for a, _ in pairs], [b for _, b in pairs]) if pairs else None


def difference(row: Row) -> float | None:
    """Decide by the difference of the medians."""
    ours, theirs = _all(row.ours), _all(row.theirs)
    return statistics.median(ours) - statistics.median(theirs) if ours and theirs else None


def worst(row: Row) -> float | None:
    """Decide by our highest value."""
    return max(_all(row.ours), default=None)


def nothing(_row: Row) -> None:
    """Decide nothing: the figure is told as it is."""


def at_most(bound: float, text: str) -> Limit:
    """Return a limit from above."""
    return Limit(text, lambda figure: figure <= bound)


@dataclass
class Report:
    """All figures of a run."""

    seed: int
    pairs: int
    load: list[float] = field(default_factory=list)
    """The machine's load over one minute, before each case."""
    rows: list[Row] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)
    """The cases that could not be measured, and why."""
    parts: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    """By load, then by process: CPU in percent of a core, memory in MB."""

    @property
    def problems(self) -> list[str]:
        """What is wrong, as sentences."""
        return self.unmeasured + [row.problem for row in self.rows if row.problem]

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of its JSON."""
        return {
            "bench": "live",
            "ok": not self.problems,
            "seed": self.seed,
            "pairs": self.pairs,
            "load": self.load,
            "cases": {row.name: row.as_dict() for row in self.rows},
            "processes": self.parts,
            "failures": self.problems,
        }

    def tables(self) -> str:
        """Return the tables for people, in Markdown."""
        lines = ["| median (p95) | relay | go2rtc's own source | figure | limit |", "|---|---|---|---|---|"]
        lines += [row.cells() for row in self.rows]
        if self.parts:
            names = list(dict.fromkeys(name for part in self.parts.values() for name in part))
            lines += ["", f"| CPU % of a core / MB | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
            lines += [self._part(load, part, names) for load, part in self.parts.items()]
        return "\n".join(lines)

    @staticmethod
    def _part(load: str, part: dict[str, dict[str, float]], names: list[str]) -> str:
        cells = [
            f"{part[name]['cpu']:.1f} / {part[name]['mb']:.0f}" if name in part else "–" for name in names
        ]
        return f"| {' | '.join([load, *cells])} |"
