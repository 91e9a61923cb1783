"""What processes cost: CPU time and memory, read from the kernel."""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.benchmarks.errors import BenchError

PROC = Path("/proc")
_MEGABYTE = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost during a measurement."""

    cpu: float
    """Percent of one core."""
    mb: float
    """Resident memory at its end."""


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of all threads that a process has, in seconds."""
    total = 0
    for task in (PROC / str(pid) / "task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_mb(pid: int) -> float:
    """Return the memory that a process holds, in MB; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in (PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / _MEGABYTE
    return 0.0


def descendant(parent: int, mark: str) -> int:
    """Return the child of a process whose command line holds a word; raises BenchError."""
    for entry in PROC.iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) != parent:
                continue
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if mark.encode() in words:
                return int(entry.name)
    raise BenchError(f"Home Assistant has no process called {mark}")


def load() -> float:
    """Return how many processes wanted to run during the last minute, on average."""
    return float((PROC / "loadavg").read_text().split()[0])


async def measure(pids: Mapping[str, int], seconds: float) -> dict[str, Cost]:
    """Return what processes cost during some seconds, by the names given to them."""
    began = time.monotonic()
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    return {
        name: Cost(100 * (cpu_seconds(pid) - before[name]) / took, resident_mb(pid))
        for name, pid in pids.items()
    }


def total(costs: Mapping[str, Cost], names: Iterable[str]) -> float:
    """Return the CPU of some processes together, in percent of one core."""
    return sum(costs[name].cpu for name in names)
