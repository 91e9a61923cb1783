"""A child process is tied to its parent before anything else of it runs."""

import asyncio
import contextlib
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from engine.child import ties

TIED = """
import ctypes, os, resource, signal, sys, time
sys.path.insert(0, sys.argv[1])
from engine.child.ties import tie_to
tie_to(int(sys.argv[2]) or os.getppid())
status = open("/proc/self/status").read()
dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
limits = resource.getrlimit(resource.RLIMIT_CORE)
ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
print(os.getpid(), "NoNewPrivs:\\t1" in status, dumpable, *limits, ignored, flush=True)
time.sleep(60)
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"
ENGINE = str(Path(ties.__file__).parents[2])


async def start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )


async def told(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return (await process.stdout.readline()).decode().split()


async def test_it_gains_no_rights_leaves_no_core_and_lets_nobody_look_into_it() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        tied = await start("-c", TIED, ENGINE, "0")
        _, no_rights, dumpable, *core, ignored = await told(tied)
        assert no_rights == "True"
        assert dumpable == "0", "no other process of this user reads its memory"
        assert core == ["0", "0"]
        assert ignored == "True", "Ctrl-C is the parent's to act on"
        tied.kill()
        await tied.wait()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


async def test_it_dies_with_its_parent_whatever_it_does() -> None:
    parent = await start("-c", PARENT, "-c", TIED, ENGINE, "0")
    pid = int((await told(parent))[0])
    watch = os.pidfd_open(pid)
    try:
        parent.kill()
        await parent.wait()
        gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(watch, gone.set)
        async with asyncio.timeout(10):
            await gone.wait()
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        pytest.fail("it outlives its parent")
    finally:
        asyncio.get_running_loop().remove_reader(watch)
        os.close(watch)


async def test_it_does_not_start_for_anybody_else() -> None:
    tied = await start("-c", TIED, ENGINE, "1")
    try:
        assert await told(tied) == [], "it says nothing, and is gone"
    finally:
        with contextlib.suppress(ProcessLookupError):
            tied.kill()
        await tied.wait()
    assert tied.returncode == ties.FAILED
