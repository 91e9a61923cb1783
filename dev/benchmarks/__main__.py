"""The command line of the benches."""

import argparse
import asyncio
import contextlib
import json
import random
import secrets
import signal
import statistics
import sys

from playwright.async_api import Error as BrowserProblem

from dev.demo.stage import DemoError, say
from dev.home import RigError
from dev.home.browser import BrowserError
from dev.simulator import FootageError

from .figures import Report
from .first_frame import NAME, BenchError, FirstFrame
from .go2rtc import PlainGo2rtcError
from .stage import Stage

FAILURES = (
    BenchError,
    BrowserError,
    BrowserProblem,
    DemoError,
    FootageError,
    PlainGo2rtcError,
    RigError,
    TimeoutError,
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measures what a person would feel, each against something to compare with, in one run.",
    )
    benches = parser.add_subparsers(title="benches", dest="bench", required=True, metavar="BENCH")
    one = benches.add_parser(
        NAME,
        help="how soon the picture is there, and how old it is: our dialog against go2rtc's own page",
        description="Opens a simulated camera in Home Assistant's dialog and an equal one in the own page of "
        "a second, plain go2rtc, by turns: with nobody watching before, and with the stream already running. "
        "Then the still in the dialog, and HLS in a browser without WebRTC. Prints a Markdown table and, as "
        "the last line, JSON; exits non-zero when a limit is broken.",
    )
    one.add_argument("--pairs", type=_count, default=20, help="openings on each side (default: 20)")
    one.add_argument("--hls", type=_count, default=5, metavar="N", help="openings by HLS (default: 5)")
    one.add_argument("--seed", type=int, help="repeat the random choices of an earlier run")
    one.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")
    one.add_argument("--stages", action="store_true", help="also show where the time of an opening goes")
    return parser


def _count(text: str) -> int:
    """Return a number of at least one; raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number from 1 on is wanted")
    return int(text)


async def first_frame(options: argparse.Namespace) -> int:
    """Run the bench; returns the exit status."""
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    report = Report(NAME, seed, options.pairs)
    async with Stage(seed) as stage:
        bench = FirstFrame(stage, report, options.hls, random.Random(seed), options.stages)
        await bench.run()
    for where, passed in bench.stages.items():
        moments = {name: round(statistics.median(values)) for name, values in passed.items()}
        ordered = sorted(moments.items(), key=lambda item: item[1])
        print(f"{where}: " + ", ".join(f"{name} {moment}" for name, moment in ordered))
    print(report.table())
    for problem in report.problems:
        say(f"✗ {problem}")
    print(json.dumps(report.as_dict(), ensure_ascii=False), flush=True)
    return 1 if report.problems and not options.no_limits else 0


async def run(options: argparse.Namespace) -> int:
    """Run what was asked for; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await first_frame(options)
    except FAILURES as err:
        say(f"✗ {err}")
        return 2


def main() -> int:
    """Run a bench; returns the exit status: 1 for a broken limit, 2 when nothing could be measured."""
    options = _parser().parse_args()
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        return asyncio.run(run(options))
    return 130


if __name__ == "__main__":
    sys.exit(main())
