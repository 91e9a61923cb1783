"""Goes through the cases of the live bench."""

import random
from collections.abc import Awaitable, Callable, Collection

from dev.benchmarks.errors import BenchError
from dev.benchmarks.stage import Stage
from dev.demo.stage import say

from .load import load
from .meters import load as machine_load
from .openings import browser, hls, second, still
from .rows import Report, Row
from .setting import OUR_CAMERAS, THEIR_CAMERAS, Setting
from .weather import away, latency, loss

NAME = "live"

CASES: dict[str, Callable[[Setting], Awaitable[list[Row]]]] = {
    "browser": browser,
    "second": second,
    "hls": hls,
    "still": still,
    "latency": latency,
    "loss": loss,
    "away": away,
    "load": load,
}
"""The cases, in the order in which they are measured."""


async def measure(seed: int, pairs: int, names: Collection[str]) -> Report:
    """Measure the cases of these names, one whether or not the last one could be; raises as the stage."""
    report = Report(seed, pairs)
    async with Stage(seed, OUR_CAMERAS, THEIR_CAMERAS) as stage:
        setting = Setting(stage, report, random.Random(seed))
        for name, case in CASES.items():
            if name in names:
                report.load.append(machine_load())
                say(f"… {name}; the machine's load is {report.load[-1]}")
                try:
                    report.rows += await case(setting)
                except BenchError as err:
                    report.unmeasured.append(f"{name}: {err}")
    return report
