"""What a detector got right: its moving moments held against what is true of a scene."""

from collections.abc import Sequence
from dataclasses import dataclass

from .scene import Span

EARLY = 1.0
"""Seconds that motion may be seen before the truth says so: an arm, before a third of a body is there."""
LATE = 2.0
"""Seconds that motion may last after it: what a detector needs to see that somebody left."""
QUIET = 10.0
"""Moments closer together than this are one event, for every detector alike."""


@dataclass(frozen=True)
class Verdict:
    """How one detector did on one clip."""

    expected: int
    """Visits that it could have seen."""
    latencies: tuple[float, ...]
    """Seconds from the beginning of each visit that it saw to the first moment in which it did."""
    false_events: int
    """Events made of moments in which nobody was there."""
    false_seconds: float

    @property
    def hits(self) -> int:
        """Visits that it saw."""
        return len(self.latencies)

    @property
    def missed(self) -> int:
        """Visits that it did not see."""
        return self.expected - self.hits


def judge(
    moments: Sequence[float],
    step: float,
    truth: Sequence[Span],
    ignored: Sequence[Span],
    seen: Sequence[float],
) -> Verdict:
    """Judge the times at which a detector saw motion; `seen` are the times at which it looked at all.

    A visit in which it never looked (between two key frames) could not have been seen. What it saw wrongly
    counts by itself, even in the same event as something true.
    """
    possible = [span for span in truth if any(span.start <= at <= span.end for at in seen)]
    latencies = []
    for span in possible:
        inside = [at for at in moments if span.start - EARLY <= at <= span.end + step]
        if inside:
            latencies.append(max(0.0, inside[0] - span.start))
    excused = [Span(span.start - EARLY, span.end + max(LATE, step)) for span in truth] + list(ignored)
    wrong = [at for at in moments if not any(span.start <= at <= span.end for span in excused)]
    events = sum(
        1 for before, at in zip([None, *wrong], wrong, strict=False) if before is None or at - before >= QUIET
    )
    return Verdict(len(possible), tuple(latencies), events, len(wrong) * step)
