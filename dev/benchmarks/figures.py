"""The figures of a measurement: medians, slow ends, ratios pair by pair, and the limits they are held to."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


def p95(values: Sequence[float]) -> float:
    """Return the smallest of the values that at least 95 of 100 do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios pair by pair; the sequences belong together in order."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Return number, median and slow end, rounded to milliseconds."""
    return {"n": len(values), "median_ms": round(statistics.median(values)), "p95_ms": round(p95(values))}


@dataclass(frozen=True, slots=True)
class Limit:
    """What a case's deciding figure has to keep."""

    text: str
    """What it asks for, in words."""
    kept: Callable[[float], bool]


@dataclass
class Case:
    """One case: what was measured on our side, on the other, and the figure that decides.

    All values are milliseconds; `theirs` is empty where there is nothing to compare with.
    """

    name: str
    title: str
    ours: list[float]
    theirs: list[float]
    limit: Limit
    decide: Callable[[Case], float]
    show: str = "{:.2f}"
    """How the deciding figure is printed."""

    @property
    def figure(self) -> float:
        """The deciding figure."""
        return self.decide(self)

    @property
    def problem(self) -> str | None:
        """What is wrong with it, as a sentence; None when the limit is kept."""
        if not self.ours:
            return f"{self.name}: nothing was measured"
        if self.limit.kept(self.figure):
            return None
        return f"{self.name}: {self.show.format(self.figure)}, wanted {self.limit.text}"

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of the report."""
        found: dict[str, Any] = {"ours": summary(self.ours), "limit": self.limit.text, "ok": not self.problem}
        if self.theirs:
            found["theirs"] = summary(self.theirs)
        return found | {"figure": round(self.figure, 3)}

    def row(self) -> str:
        """Return its line of the Markdown table."""
        cells = [self.title]
        for values in (self.ours, self.theirs):
            found = summary(values) if values else None
            cells.append(f"{found['median_ms']} ({found['p95_ms']})" if found else "–")
        verdict = "" if self.problem is None else " ✗"
        cells += [self.show.format(self.figure) + verdict, self.limit.text]
        return f"| {' | '.join(cells)} |"


@dataclass
class Report:
    """All cases of a run."""

    bench: str
    seed: int
    pairs: int
    repeated: int = 0
    """Pairs that were measured again because something else had opened the camera meanwhile."""
    cases: list[Case] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What is wrong, as sentences."""
        return [case.problem for case in self.cases if case.problem]

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of its line of JSON."""
        return {
            "bench": self.bench,
            "ok": not self.problems,
            "seed": self.seed,
            "pairs": self.pairs,
            "repeated": self.repeated,
            "cases": {case.name: case.as_dict() for case in self.cases if case.ours},
            "failures": self.problems,
        }

    def table(self) -> str:
        """Return the table for people, in Markdown."""
        head = "| median (p95), ms | our dialog | go2rtc's own page | figure | limit |\n|---|---|---|---|---|"
        return "\n".join([head, *(case.row() for case in self.cases if case.ours)])
