"""The rig's Home Assistant, and the demo made with it: what is started ends, whatever happens."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant

from dev.demo.scenario.processes import descendants
from dev.home import ApiError, ChildProcess, HomeAssistantRig

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]


def prepare(hass: HomeAssistant) -> None:
    """Leave a trace that shows when it was called."""
    path = Path(hass.config.config_dir, "prepared")
    path.write_text(f"{sorted(hass.config.components)}")


def command(pid: int) -> str:
    """Return a process's command line; nothing once it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def identity(pid: int) -> tuple[int, str] | None:
    """Return what tells a process from a later one with the same id; None when it is gone."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError, ProcessLookupError:
        return None
    return None if status[0] == "Z" else (pid, status[19])


async def gone(processes: set[tuple[int, str]], seconds: float) -> float:
    """Wait until all processes are gone; returns how long it took, fails after the limit."""
    began = time.monotonic()
    while alive := {found for pid, _ in processes if (found := identity(pid)) in processes}:
        assert time.monotonic() - began < seconds, [command(pid) for pid, _ in alive]
        await asyncio.sleep(0.1)
    return time.monotonic() - began


async def test_starts_prepared_and_restarts(tmp_path: Path) -> None:
    """The hook runs before any component; user and folder survive a restart; nothing is left running."""
    home = HomeAssistantRig(tmp_path / "config", prepare="tests.live.test_home:prepare")
    async with home:
        assert (tmp_path / "config" / "prepared").read_text() == "[]"
        first = home.process.pid
        with pytest.raises(ApiError):
            await home.client.state("light.none")
        await home.client.call("persistent_notification", "create", message="still here?")
        await home.restart()
        assert home.process.pid != first
        assert (await home.client.command("get_config"))["state"] == "RUNNING"
        processes = {
            found for pid in (home.process.pid, *descendants(home.process.pid)) if (found := identity(pid))
        }
    await gone(processes, 10)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_the_demo_ends_with_everything_it_started(how: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C, a request to end and a power cut: simulator, Home Assistant and go2rtc end, others do not."""
    log = tmp_path / "demo.log"
    bystander = await ChildProcess.start(["sleep", "120"])
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dev.demo", cwd=ROOT, stderr=log.open("w"), start_new_session=True
    )
    try:
        async with asyncio.timeout(100):
            while "Ctrl-C ends everything" not in log.read_text():
                assert demo.returncode is None, log.read_text()
                await asyncio.sleep(0.2)
        processes = {found for pid in descendants(demo.pid) if (found := identity(pid))}
        names = " ".join(command(pid) for pid, _ in processes)
        for part in ("dev.simulator", "dev.home.launcher", "go2rtc"):
            assert part in names
        if how is signal.SIGKILL:
            demo.kill()
        else:
            os.killpg(demo.pid, how)
        async with asyncio.timeout(30):
            status = await demo.wait()
        await gone(processes, 25)
        assert bystander.returncode is None
        if how is not signal.SIGKILL:
            assert status == 130
            assert not (ROOT / ".cache" / "demo" / str(demo.pid)).exists()
    finally:
        if demo.returncode is None:
            demo.kill()
        await bystander.stop()
