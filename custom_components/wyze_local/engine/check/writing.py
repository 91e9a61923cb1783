"""A report as people read it, and as programs do. Both hold the same, and nothing personal."""

import json
from collections.abc import Mapping
from typing import Any

from .values import Diagnosis, Figure, Note, Offline, Outcome, Report, Rung, Saying, Step
from .words import Words

FORMAT = 1
"""Version of the JSON."""
MAX_TEXT = 1000

_MARKS = {Outcome.PASSED: "✓", Outcome.DOUBTFUL: "!", Outcome.FAILED: "✗", Outcome.NOT_REACHED: "·"}


def as_data(report: Report, version: str = "", offline: Offline | None = None) -> dict[str, Any]:
    """Return a report as what JSON can hold; `version` is the integration's, where it is known."""
    said = report.said
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        "diagnosis": report.diagnosis.value,
        "notes": [note.value for note in report.notes],
        "model": said.model,
        "entered_model": report.entered_model,
        "firmware": said.firmware,
        "framing": said.framing,
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


def from_data(data: Mapping[str, Any]) -> Report:
    """Return the report that `as_data` wrote; raises ValueError, KeyError or TypeError for anything else."""
    return Report(
        Diagnosis(data["diagnosis"]),
        tuple(Note(note) for note in data["notes"]),
        Saying(_text(data["model"]), _text(data["firmware"]), _text(data["framing"]), int(data["protocol"])),
        _text(data["entered_model"]),
        tuple(_read_step(step) for step in data["ladder"]),
    )


def _read_step(row: Mapping[str, Any]) -> Step:
    figures: dict[str, Figure] = {
        name: value if isinstance(value, bool | int | float) else _text(value)
        for name, value in row.items()
        if name not in {"rung", "outcome", "seconds"}
    }
    return Step(Rung(row["rung"]), Outcome(row["outcome"]), float(row["seconds"]), figures)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError("not a text of a report")
    return value


def as_text(report: Report, words: Words) -> str:
    """Return a report in sentences, for whoever ran the check."""
    said = report.said
    unknown = words.text("summary", "unknown")
    head = words.text("summary", "said").format(
        model=said.model or report.entered_model or unknown,
        firmware=said.firmware or unknown,
        framing=said.framing or unknown,
        protocol=said.protocol or unknown,
    )
    lines = [head, ""]
    for step in report.steps:
        lines += _step(step, words)
    lines += ["", words.cause(report.diagnosis), f"→ {words.remedy(report.diagnosis)}"]
    return "\n".join(lines + [f"· {words.of(note)}" for note in report.notes])


def offline_as_text(offline: Offline, words: Words) -> str:
    """Return what the trials without internet came to, in sentences."""
    return "\n".join(f"{words.of(trial)}: {words.of(end)}" for trial, end in offline.outcomes.items())


def _step(step: Step, words: Words) -> list[str]:
    line = f"{_MARKS[step.outcome]} {words.of(step.rung)}: {words.of(step.outcome)}"
    if step.outcome is not Outcome.NOT_REACHED:
        line += f" ({step.seconds:.2f} s)"
    figures = ((words.text("figure", name), value) for name, value in step.figures.items() if value != "")
    return [line, *(f"    {name}: {value}" for name, value in figures)]
