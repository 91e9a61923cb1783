"""Breaks one rule at a time in a copy of the repository and sees whether the tests notice.

Usage: run.py [--only NAME]… [--jobs N] [--list]. A sabotage that stays green is a rule that is not tested.
"""

import argparse
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.contract.checks.house import House, copy_of  # noqa: E402
from tests.sabotage.ledger import LedgerError, Sabotage, load  # noqa: E402

LINKED = (".venv", ".tools")
TIMEOUT = 900.0
"""Seconds that the tests of one sabotage may take together."""

_FAILED = 1
"""What pytest answers when tests ran and some of them failed; other numbers are other accidents."""


class Verdict(Enum):
    """How a sabotage went."""

    RED = "red"
    GREEN = "stays green"
    ERROR = "does not get as far as the test"
    HUNG = "hangs"
    STALE = "is stale"
    BROKEN = "its tests fail without it"


@dataclass(frozen=True)
class Outcome:
    """The verdict on one sabotage."""

    sabotage: Sabotage
    verdict: Verdict
    seconds: float
    remark: str = ""


@dataclass(frozen=True)
class Run:
    """What a run of pytest said."""

    code: int | None
    """None when it had to be ended."""
    passed: frozenset[str]
    failed: frozenset[str]
    other: frozenset[str]
    """Tests whose set-up failed, or that were skipped."""
    output: str


class Tree:
    """A copy of the repository that one worker spoils and mends again."""

    def __init__(self, source: House, folder: Path) -> None:
        """Copy the files that are under version control or about to be; link what was brought by set-up."""
        self.root = copy_of(source, folder).root
        for path in source.files:
            shutil.copymode(source.root / path, self.root / path)
        self._process: subprocess.Popen[str] | None = None
        for name in LINKED:
            if (source.root / name).exists():
                (self.root / name).symlink_to(source.root / name)

    def judge(self, sabotage: Sabotage) -> Outcome:
        """Spoil, test, mend."""
        started = time.monotonic()
        file = self.root / sabotage.file
        try:
            spoilt = sabotage.spoilt(self.root)
        except LedgerError as err:
            return Outcome(sabotage, Verdict.STALE, 0.0, str(err))
        good = file.read_bytes()
        file.write_text(spoilt, "utf-8")
        try:
            run = self.pytest(sabotage.tests)
        finally:
            file.write_bytes(good)
        verdict, remark = _verdict(sabotage, run)
        return Outcome(sabotage, verdict, time.monotonic() - started, remark)

    def pytest(self, tests: Iterable[str]) -> Run:
        """Run some tests in this tree."""
        tests = list(tests)
        report = self.root / ".output" / "sabotage.xml"
        report.parent.mkdir(exist_ok=True)
        report.unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            # What is named is meant, however long it takes.
            "--soak",
            "--tb=line",
            f"--junitxml={report}",
            "-o",
            "junit_family=xunit1",
        ]
        if not any(test.startswith("tests/ha/") for test in tests):
            command += ["-p", "no:homeassistant"]
        process = self._process = subprocess.Popen(
            [*command, *tests],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A mutation may keep size and second of a file: compiled files must not be trusted.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
            text=True,
        )
        try:
            output, _ = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.end()
            output, _ = process.communicate()
            return Run(None, frozenset(), frozenset(), frozenset(), output)
        return _read(process.returncode, report, output)

    def end(self) -> None:
        """End the tests that run here, and whatever they started."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)


def _read(code: int, report: Path, output: str) -> Run:
    """Take a report of pytest apart: the node ids by how they went."""
    sorted_out: dict[str, set[str]] = {"passed": set(), "failure": set(), "other": set()}
    if report.exists():
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by pytest a moment ago
            kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
            kind = "passed" if not kinds else "failure" if kinds == {"failure"} else "other"
            file = case.get("file") or ""
            inside = (case.get("classname") or "").removeprefix(file.removesuffix(".py").replace("/", "."))
            classes = [part for part in inside.split(".") if part]
            sorted_out[kind].add("::".join([file, *classes, case.get("name") or ""]))
    passed, failed, other = (frozenset(sorted_out[kind]) for kind in ("passed", "failure", "other"))
    return Run(code, passed, failed, other, output)


def _belongs(case: str, test: str) -> bool:
    return case == test or case.startswith((f"{test}[", f"{test}::"))


def _verdict(sabotage: Sabotage, run: Run) -> tuple[Verdict, str]:
    """Every named test must have failed itself: a test that never ran has noticed nothing."""
    if run.code is None:
        return Verdict.HUNG, f"after {TIMEOUT:.0f} s"
    missed = [test for test in sabotage.tests if not any(_belongs(case, test) for case in run.failed)]
    if not missed and run.code == _FAILED:
        return Verdict.RED, ""
    ran = run.passed | run.failed
    if run.code in (0, _FAILED) and all(any(_belongs(case, test) for case in ran) for test in missed):
        return Verdict.GREEN, ", ".join(missed)
    return Verdict.ERROR, run.output.strip()[-600:]


def run_all(sabotages: list[Sabotage], source: House, jobs: int) -> list[Outcome]:
    """Judge all sabotages, a few at a time, each in a tree of its own; says each verdict as it falls."""
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        trees = [
            Tree(source, Path(folder) / str(number)) for number in range(max(1, min(jobs, len(sabotages))))
        ]
        free: queue.SimpleQueue[Tree] = queue.SimpleQueue()
        for tree in trees:
            free.put(tree)
        pool = ThreadPoolExecutor(len(trees))
        try:
            broken = _broken_before(sabotages, trees[0])
            return list(pool.map(lambda sabotage: _judge(sabotage, broken, free), sabotages))
        finally:
            # Only when it was broken off is there anything left to cancel or to end.
            pool.shutdown(wait=False, cancel_futures=True)
            for tree in trees:
                tree.end()
            pool.shutdown()


def _judge(sabotage: Sabotage, broken: dict[str, str], free: queue.SimpleQueue[Tree]) -> Outcome:
    if bad := [test for test in sabotage.tests if test in broken]:
        outcome = Outcome(sabotage, Verdict.BROKEN, 0.0, f"{bad[0]}: {broken[bad[0]]}")
    else:
        tree = free.get()
        try:
            outcome = tree.judge(sabotage)
        finally:
            free.put(tree)
    _say(outcome)
    return outcome


def _broken_before(sabotages: list[Sabotage], tree: Tree) -> dict[str, str]:
    """Run every named test without any sabotage; returns those that do not pass, and how."""
    wanted = sorted({test for sabotage in sabotages for test in sabotage.tests})
    broken = {}
    # Tests of Home Assistant need its harness, the others come up faster without it.
    groups = [[test for test in wanted if test.startswith("tests/ha/") is in_ha] for in_ha in (True, False)]
    for group in filter(None, groups):
        broken.update(_not_passing(group, tree))
    return broken


def _not_passing(tests: list[str], tree: Tree) -> dict[str, str]:
    """Return which tests do not pass; one that cannot even be found must not hide the others."""
    run = tree.pytest(tests)
    if run.code not in (0, _FAILED) and len(tests) > 1:
        half = len(tests) // 2
        return _not_passing(tests[:half], tree) | _not_passing(tests[half:], tree)
    broken = {}
    for test in tests:
        bad = sorted(case for case in run.failed | run.other if _belongs(case, test))
        if bad:
            broken[test] = f"{bad[0]} does not pass"
        elif not any(_belongs(case, test) for case in run.passed):
            broken[test] = f"did not run: {run.output.strip()[-300:]}"
    return broken


def _say(outcome: Outcome) -> None:
    mark = "✓" if outcome.verdict is Verdict.RED else "✗"
    print(
        f"{mark} {outcome.sabotage.name:<44} {outcome.verdict.value:<12} {outcome.seconds:5.1f} s", flush=True
    )
    if outcome.verdict is not Verdict.RED:
        print(f"    {outcome.sabotage.rule}\n    {outcome.remark}", flush=True)


def main(arguments: list[str]) -> int:
    """Run the ledger; returns how the program ends."""
    parser = argparse.ArgumentParser(description="Break every rule that protects a promise, one at a time.")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this sabotage; may be repeated")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument("--list", action="store_true", help="say what is in the ledger and stop")
    options = parser.parse_args(arguments)
    try:
        sabotages = load()
    except LedgerError as err:
        print(err)
        return 2
    if options.list:
        for sabotage in sabotages:
            print(f"{sabotage.name:<44} {sabotage.rule}")
        return 0
    if options.only:
        if unknown := set(options.only) - {sabotage.name for sabotage in sabotages}:
            print(f"no such sabotage: {', '.join(sorted(unknown))}")
            return 2
        sabotages = [sabotage for sabotage in sabotages if sabotage.name in options.only]
    # Whoever ends us ends what we started, too.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    started = time.monotonic()
    outcomes = run_all(sabotages, House(ROOT), options.jobs)
    red = sum(outcome.verdict is Verdict.RED for outcome in outcomes)
    print(f"{red} of {len(outcomes)} sabotages turned their tests red, {time.monotonic() - started:.0f} s")
    return 0 if outcomes and red == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
