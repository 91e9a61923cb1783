"""Adds up what the stages of script/test did, and says it in one closing line."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET


def counts(folder: Path, stage: str) -> dict[str, int]:
    """Return the numbers of a stage's reports by pytest, added up; empty when there is none."""
    totals: dict[str, int] = {}
    for report in (*folder.glob(f"{stage}.xml"), *folder.glob(f"{stage}.*.xml")):
        suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - written by our own pytest
        for suite in suites:
            for name in ("tests", "failures", "errors", "skipped"):
                totals[name] = totals.get(name, 0) + int(suite.get(name, 0))
    return totals


def main(folder: Path, results: list[str]) -> int:
    """Print the summary; returns the exit status."""
    passed = failed = skipped = 0
    broken: list[str] = []
    for result in results:
        stage, status, seconds = result.split("=")
        found = counts(folder, stage)
        bad = found.get("failures", 0) + found.get("errors", 0)
        good = found.get("tests", 0) - bad - found.get("skipped", 0)
        if not found:
            # A stage without a report of its own is one thing that passes or fails.
            good, bad = (0, 1) if int(status) else (1, 0)
        elif int(status) and not bad:
            bad = 1
        if int(status) or bad:
            broken.append(stage)
        passed, failed, skipped = passed + good, failed + bad, skipped + found.get("skipped", 0)
        verdict = "failed" if stage in broken else "ok"
        print(f"{stage:<18} {verdict:<7} {good:>5} passed {bad:>4} failed {seconds:>5} s")
    if broken:
        print(f"failed: {', '.join(broken)}")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
