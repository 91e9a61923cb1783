"""Only a program that says it is go2rtc, and new enough, is ever run as one."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from engine.stream import BinaryError, Version, binary, find_binary

GOOD = "echo 'go2rtc version 1.9.14 (a1b2c3d) linux/amd64'"


def script(folder: Path, body: str, mode: int = 0o755) -> Path:
    path = folder / "go2rtc"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(mode)
    return path


async def refusal(path: Path | None) -> BinaryError:
    with pytest.raises(BinaryError) as caught:
        await find_binary(path)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("go2rtc version 1.9.14 (a1b2c3d) linux/amd64", "1.9.14"),
        ("go2rtc version 1.9.14 () linux/amd64", "1.9.14"),
        ("go2rtc version 1.9.15+dev.753d661.dirty (753d661.dirty) linux/arm64", "1.9.15"),
        ("go2rtc version 2.0.0", "2.0.0"),
    ],
)
async def test_a_go2rtc_that_is_new_enough_is_taken(tmp_path: Path, answer: str, version: str) -> None:
    found = await find_binary(script(tmp_path, f"echo '{answer}'"))
    assert (str(found.version), found.path) == (version, tmp_path / "go2rtc")


async def test_without_a_path_the_one_on_path_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, GOOD)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert (await find_binary()).path == tmp_path / "go2rtc"


async def test_nothing_on_path_is_said_to_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (await refusal(None)).reason == "binary_missing"


@pytest.mark.parametrize("name", ["", "nothing/here", "x" * 5000, "nul\0byte"])
async def test_a_path_that_leads_nowhere_is_said_to_be_missing(tmp_path: Path, name: str) -> None:
    error = await refusal(tmp_path / name)
    assert error.reason == "binary_missing"


async def test_a_file_that_may_not_be_run_is_said_so(tmp_path: Path) -> None:
    error = await refusal(script(tmp_path, GOOD, mode=0o644))
    assert error.reason == "not_executable"
    assert error.details["path"] == str(tmp_path / "go2rtc")


@pytest.mark.parametrize("version", ["1.9.13", "1.9.13+dev.753d661", "1.8.99", "0.0.1"])
async def test_an_old_one_is_refused_with_its_version(tmp_path: Path, version: str) -> None:
    error = await refusal(script(tmp_path, f"echo 'go2rtc version {version} (x) linux/amd64'"))
    assert error.reason == "too_old"
    assert error.details["version"] == version.partition("+")[0]
    assert error.details["minimum"] == "1.9.14"


@pytest.mark.parametrize(
    "body",
    [
        "echo hello",
        "true",
        f"{GOOD}; exit 1",
        "echo 'go2rtc version 1.9'",
        "echo 'go2rtc version 99999.9.9 (x) linux/amd64'",
        "echo 'go2rtc version 1.9.14; rm -rf'",
        "echo 'ffmpeg, not go2rtc version 1.9.14 (x) linux/amd64'",
        "printf '\\377\\376\\000go2rtc'",
        "head -c 100000 /dev/zero",
        "yes go2rtc version",
        "kill -9 $$",
    ],
)
async def test_anything_else_is_not_go2rtc(tmp_path: Path, body: str) -> None:
    assert (await refusal(script(tmp_path, body))).reason == "not_go2rtc"


async def test_what_is_no_program_is_not_go2rtc(tmp_path: Path) -> None:
    path = tmp_path / "go2rtc"
    path.write_bytes(b"\x7fELF garbage")
    path.chmod(0o755)
    assert (await refusal(path)).reason == "not_go2rtc"


async def test_a_program_that_hangs_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binary, "CHECK_TIMEOUT", 3.0)
    pids = tmp_path / "pids"
    body = f"echo $$ >> {pids}; sh -c 'echo $$ >> {pids}; exec sleep 600'"
    started = time.monotonic()
    assert (await refusal(script(tmp_path, body))).reason == "not_go2rtc"
    assert time.monotonic() - started < 60
    for pid in map(int, pids.read_text().split()):
        await _gone(pid)


async def _gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while _is_alive(pid):
            await asyncio.sleep(0.01)


def _is_alive(pid: int) -> bool:
    """Tell whether a process lives; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_the_check_gives_the_program_none_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", "canary")
    seen = tmp_path / "seen"
    await find_binary(script(tmp_path, f"/usr/bin/env > {seen}; {GOOD}"))
    assert "canary" not in seen.read_text()
    assert os.environ["SUPERVISOR_TOKEN"] == "canary"


def test_versions_are_compared_as_numbers() -> None:
    assert Version(1, 10, 0) > Version(1, 9, 99)
    assert Version.parse("v1.9.14") == Version(1, 9, 14)
    assert Version.parse("1.9.14 or so") is None
