"""The step between fork and go2rtc: what it takes away, and that it never runs without its parent."""

import asyncio
import os
import resource
import sys
from pathlib import Path

import pytest

from dev.ports import free_port
from engine.stream import Binary, StreamServerSettings, Version, launch, process as process_module
from engine.stream.process import Go2rtcProcess

LOOK = "env; echo core $(ulimit -c) $(ulimit -H -c)"
SPY = """
import os, sys
from pathlib import Path
print(Path("/proc/self/cmdline").read_bytes(), Path("/proc/self/environ").read_bytes(), flush=True)
"""


def program(folder: Path, body: str) -> Path:
    path = folder / "go2rtc"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


async def launched(path: Path, *, parent: int) -> tuple[int, str]:
    """Launch a program as if by a process with this id; returns exit code and output."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", launch.__file__, str(parent), "0", str(path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(20):
        output, _ = await child.communicate()
    assert child.returncode is not None
    return child.returncode, output.decode()


async def test_nothing_but_three_variables_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", "canary")
    monkeypatch.setenv("LD_PRELOAD_CANARY", "canary")
    code, output = await launched(program(tmp_path, LOOK), parent=os.getpid())
    assert code == 0
    assert "PATH=" in output
    assert "canary" not in output


async def test_a_crash_leaves_no_memory_on_disk(tmp_path: Path) -> None:
    """Also where the system would write it: keys lie in that memory."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        _, output = await launched(program(tmp_path, LOOK), parent=os.getpid())
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert "core 0 0" in output


async def test_whoever_has_lost_his_parent_already_does_not_start(tmp_path: Path) -> None:
    """The parent may be killed before the launcher could ask to be told of its death."""
    assert await launched(program(tmp_path, "echo started"), parent=1 << 22) == (launch.FAILED, "")


async def test_a_program_that_cannot_be_run_is_said_so_without_its_path(tmp_path: Path) -> None:
    code, output = await launched(tmp_path / "gone", parent=os.getpid())
    assert (code, output) == (1, "launch: No such file or directory\n")


async def test_not_even_the_launcher_is_given_anything_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arguments and variables can be read by others from the first moment on."""
    monkeypatch.setenv("SUPERVISOR_TOKEN", "canary")
    spy = tmp_path / "spy.py"
    spy.write_text(SPY)
    monkeypatch.setattr(process_module, "_LAUNCH", spy)
    binary = Binary(tmp_path / "go2rtc", Version(1, 9, 14))
    settings = StreamServerSettings(binary, webrtc_port=free_port(), webrtc_host="127.0.0.1")
    lines: list[bytes] = []
    process = await Go2rtcProcess.start(settings, feed=lines.append)
    async with asyncio.timeout(20):
        await process.wait()
    await process.stop()
    (seen,) = [line.decode() for line in lines if line]
    assert "PATH=" in seen
    for secret in ("canary", process.access.password.reveal(), process.access.socket):
        assert secret not in seen
