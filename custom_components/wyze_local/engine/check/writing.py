"""A report as people read it, and as programs do. Both hold the same, and nothing personal."""

import json
from typing import Any

from .offline import Offline
from .values import Outcome, Report, Step
from .words import CAUSES, ENDINGS, FIGURES, NOTES, OUTCOMES, RUNGS, TRIALS

FORMAT = 1
"""Version of the JSON."""

_MARKS = {Outcome.PASSED: "✓", Outcome.DOUBTFUL: "!", Outcome.FAILED: "✗", Outcome.NOT_REACHED: "·"}


def as_data(report: Report, version: str, offline: Offline | None = None) -> dict[str, Any]:
    """Return a report as what JSON can hold; `version` is the integration's."""
    said = report.said
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        "diagnosis": report.diagnosis.value,
        "notes": [note.value for note in report.notes],
        "model": said.model or report.entered_model,
        "firmware": said.firmware,
        "framing": said.framing.value if said.framing else "",
        "protocol": said.protocol,
        "ladder": [
            {
                "rung": step.rung.value,
                "outcome": step.outcome.value,
                "seconds": step.seconds,
                **dict(step.figures),
            }
            for step in report.steps
        ],
    }
    if offline is not None:
        data["offline"] = {trial.value: outcome.value for trial, outcome in offline.outcomes.items()}
    return data


def as_json(report: Report, version: str, offline: Offline | None = None) -> str:
    """Return a report as JSON, on several lines."""
    return json.dumps(as_data(report, version, offline), indent=2, ensure_ascii=True)


def as_text(report: Report) -> str:
    """Return a report in sentences, for whoever ran the check."""
    said = report.said
    lines = [
        f"Model {said.model or report.entered_model or 'unknown'}, firmware {said.firmware or 'unknown'}, "
        f"framing {said.framing.value if said.framing else 'unknown'}, protocol {said.protocol or 'unknown'}",
        "",
    ]
    for step in report.steps:
        lines += _step(step)
    cause, remedy = CAUSES[report.diagnosis]
    lines += ["", cause, f"  → {remedy}"]
    lines += [f"  Note: {NOTES[note]}" for note in report.notes]
    return "\n".join(lines)


def offline_as_text(offline: Offline) -> str:
    """Return what the trials without internet came to, in sentences."""
    return "\n".join(f"{TRIALS[trial]}: {ENDINGS[ending]}" for trial, ending in offline.outcomes.items())


def _step(step: Step) -> list[str]:
    took = f" ({step.seconds:.2f} s)" if step.outcome is not Outcome.NOT_REACHED else ""
    lines = [f"{_MARKS[step.outcome]} {RUNGS[step.rung]}: {OUTCOMES[step.outcome]}{took}"]
    lines += [f"    {FIGURES.get(name, name)}: {value}" for name, value in step.figures.items() if value != ""]
    return lines
