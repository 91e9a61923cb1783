"""The closing line of script/test: what it counts, and that no failure is lost in it."""

from pathlib import Path

import pytest

from dev.summary import main


def report(folder: Path, name: str, *, tests: int, failures: int = 0, errors: int = 0) -> None:
    """Write what pytest writes."""
    numbers = f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="0"'
    (folder / f"{name}.xml").write_text(f'<testsuites><testsuite name="pytest" {numbers}/></testsuites>')


def test_all_reports_of_a_stage_count_and_a_stage_without_one_counts_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(tmp_path, "ha", tests=3)
    report(tmp_path, "ha.alone", tests=2)
    assert main(tmp_path, ["ha=0=60", "demo=0=9", "camera-faults=0=200"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 0 failed"


@pytest.mark.parametrize("bad", ["ha", "ha.alone"])
def test_a_failure_in_either_part_fails_the_stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: str
) -> None:
    for name in ("ha", "ha.alone"):
        report(tmp_path, name, tests=2, failures=int(name == bad))
    assert main(tmp_path, ["ha=1=60"]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == ["failed: ha", "3 passed, 1 failed"]


def test_a_part_that_ended_before_its_report_fails_the_stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(tmp_path, "ha", tests=2)
    assert main(tmp_path, ["ha=4=60", "demo=0=9"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 1 failed"
