"""What the unattended demo found, in the shape of its JSON, and what it looks for in logs."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Page

from dev.home import HomeAssistantRig

from .cameras import SimulatedCamera, SimulatorProcess
from .judge import Verdict
from .stage import Stage, say


class Told(Protocol):
    """What an unattended run found."""

    failures: list[str]

    def line(self) -> str:
        """Return the line of JSON."""
        ...


@dataclass
class Report:
    """Figures, pictures and failures of all parts."""

    cameras: dict[str, dict[str, Any]] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    screenshots: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    home_assistant_start_s: float = 0.0

    def add(self, name: str, camera: SimulatedCamera, verdict: Verdict) -> None:
        """Take a camera's verdict under a name."""
        self.cameras[name] = {"video": camera.video, **verdict.as_dict()}
        self.failures += [f"{name}: {problem}" for problem in verdict.problems]

    async def picture(self, page: Page, path: Path) -> None:
        """Take a screenshot."""
        await page.screenshot(path=path)
        self.screenshots.append(str(path))

    def line(self) -> str:
        """Return the line of JSON."""
        figures = {
            name: {camera: found[name] for camera, found in self.cameras.items()}
            for name in ("first_frame_ms", "latency_ms")
        }
        return json.dumps({"ok": not self.failures, **vars(self), **figures}, ensure_ascii=False)


def tell(report: Told) -> int:
    """Tell the person of the failures and the caller of everything; returns the exit status."""
    for failure in report.failures:
        say(f"✗ {failure}")
    print(report.line(), flush=True)
    return 1 if report.failures else 0


def empty(output: Path) -> None:
    """Make the output folder; what an earlier check left there goes."""
    output.mkdir(parents=True, exist_ok=True)
    for old in (*output.glob("*.png"), *output.glob("*.log")):
        old.unlink()


def keep_logs(stage: Stage, output: Path, prefix: str = "") -> list[str]:
    """Copy the logs of a stage to the output folder; returns what must not be in them."""
    for log in (stage.home.log_path, stage.folder / "simulator.log"):
        shutil.copy(log, output / f"{prefix}{log.name}")
    lines = [f"the log: {line}" for line in complaints(stage.home)]
    return [*lines, *_leaks(stage.home, stage.simulator)]


def complaints(home: HomeAssistantRig) -> list[str]:
    """Return what the integration complained about in Home Assistant's log; each line once."""
    lines = [line for line in home.log().splitlines() if "custom_components.wyze_local" in line]
    return list(dict.fromkeys(line for line in lines if " ERROR " in line or " WARNING " in line))


def _leaks(home: HomeAssistantRig, simulator: SimulatorProcess) -> list[str]:
    """Return the keys that Home Assistant's log holds."""
    lines, found = home.log().splitlines(), list[str]()
    for camera in simulator.cameras:
        leaked = [kind for kind, secret in camera.secrets().items() if any(secret in line for line in lines)]
        found += [f"the log holds the {kind} of {camera.name}" for kind in leaked]
    return found
