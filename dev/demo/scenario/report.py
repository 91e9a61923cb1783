"""Adds a scenario's figures up and holds them against their limits.

Standard output ends with one line of JSON::

    {"ok": true, "scenario": "camera-faults",
     "acts": {"frozen": {"shown_s": 3.1, "shown_as": "stalled", "back_s": 0.4, "lost_frames": 0}, …},
     "limits": {"frozen": {"shown_s": 8.0, …}, …}, "screenshots": [paths], "failures": [sentences],
     "page_problems": [what the frontend itself complained about]}

`shown_s` counts from the fault until the connection sensor tells of it, `back_s` from the moment when the
camera answers again (for a process: from its end; for Home Assistant: from when it is up) until the same
tab shows moving frames, `process_s` from the signal until another process serves, and `lost_frames` are
those of another camera that did not reach another tab meanwhile.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page

FACTOR = 2.0 if os.environ.get("CI") else 1.0
"""Limits of a second or more count so many times on a machine that others share."""

type Figures = dict[str, Any]


@dataclass
class Report:
    """What a scenario found."""

    scenario: str
    acts: dict[str, Figures] = field(default_factory=dict)
    limits: dict[str, dict[str, float]] = field(default_factory=dict)
    screenshots: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    page_problems: list[str] = field(default_factory=list)
    """What pages complained about. No failures: the frontend itself minds when Home Assistant is away."""

    def add(self, act: str, figures: Figures, limits: dict[str, float]) -> list[str]:
        """Take an act's figures; returns the sentences about those that break their limit."""
        self.acts[act] = {
            name: round(value, 2) if isinstance(value, float) else value for name, value in figures.items()
        }
        self.limits[act] = limits
        broken = [
            sentence
            for name, limit in limits.items()
            if (sentence := judge(act, name, figures.get(name), limit))
        ]
        self.failures += broken
        return broken

    async def picture(self, page: Page, path: Path) -> None:
        """Take a screenshot."""
        await page.screenshot(path=path)
        self.screenshots.append(str(path))

    def line(self) -> str:
        """Return the line of JSON."""
        return json.dumps({"ok": not self.failures, **vars(self)}, ensure_ascii=False)


def judge(act: str, name: str, value: float | None, limit: float) -> str:
    """Return what is wrong with a figure, or nothing; `None` is a figure that never came to be."""
    unit = " s" if name.endswith("_s") else ""
    most = limit * FACTOR if unit and limit >= 1 else limit
    if value is None:
        return f"{act}: no {name} at all, at most {most:g}{unit} wanted"
    return f"{act}: {name} is {value:g}{unit}, at most {most:g}{unit} wanted" if value > most else ""
