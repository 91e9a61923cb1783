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
from pathlib import Path

from playwright.async_api import Error as BrowserProblem

from dev.demo.cameras import SimulatorError
from dev.demo.stage import DemoError, say
from dev.home import ApiError, RigError
from dev.home.browser import BrowserError
from dev.simulator import FootageError

from . import controls
from .clips import as_dict as clips_dict, measure as measure_clips, table as clips_table
from .day import measure as measure_day, table as day_table
from .errors import BenchError
from .figures import Report
from .first_frame import NAME, FirstFrame
from .go2rtc import PlainGo2rtcError
from .live.bench import CASES, measure
from .motion import command as motion
from .stage import Stage
from .ten_clips import measure as measure_many
from .uplink import measure as measure_uplink, table as uplink_table
from .vault import as_dict, measure as measure_vault, table
from .watch import as_dict as watch_as_dict, measure as measure_watch, table as watch_table

FAILURES = (
    ApiError,
    BenchError,
    BrowserError,
    BrowserProblem,
    DemoError,
    FootageError,
    PlainGo2rtcError,
    RigError,
    SimulatorError,
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
    _add_common(one, 20)
    one.add_argument("--hls", type=_count, default=5, metavar="N", help="openings by HLS (default: 5)")
    one.add_argument("--stages", action="store_true", help="also show where the time of an opening goes")
    one.set_defaults(run=first_frame)
    _add_live(benches)
    vault = benches.add_parser(
        "vault",
        help="what fifty cameras cost to seal and to open, and what a passphrase costs",
        description="Seals and opens a vault of fifty cameras and an account. Prints a Markdown table and, "
        "as the last line, JSON; exits non-zero when a limit is broken.",
    )
    vault.add_argument("--times", type=_count, default=500, help="how often (default: %(default)s)")
    vault.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")
    vault.set_defaults(run=vault_alone)
    _add_day(benches)
    _add_uplink(benches)
    _add_watch(benches)
    motion.add(benches)
    controls.add(benches)
    _add_clips(benches)
    return parser


def _add_clips(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the bench of clips."""
    clips = benches.add_parser(
        "clips",
        help="how soon a clip can be played, what keeping the time before the motion costs, a large library",
        description="Shows footage to the recorder and ten thousand clips to the library. Prints a Markdown "
        "table and, as the last line, JSON; exits non-zero when a limit is broken.",
    )
    clips.add_argument("--times", type=_count, default=20, help="triggers (default: %(default)s)")
    clips.add_argument("--cameras", type=_count, help="only so many whose clips begin and end at once")
    clips.add_argument("--folder", type=Path, help="where these write (default: for temporary files)")
    clips.add_argument("--sync-ms", type=float, default=0.0, help="how much slower each sync is made there")
    clips.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")
    clips.set_defaults(run=clips_alone)


def _add_day(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the bench of a normal day."""
    day = benches.add_parser(
        "day",
        help="how often the vendor is asked on a normal day",
        description="Lets days of an account with ten cameras pass against the fake cloud, which counts the "
        "calls. Prints a Markdown table and, as the last line, JSON; exits non-zero when a limit is broken.",
    )
    day.add_argument("--days", type=_count, default=7, help="how many (default: %(default)s)")
    day.add_argument("--seed", type=int, help="repeat the random choices of an earlier run")
    day.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")
    day.set_defaults(run=normal_days)


def _add_uplink(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the bench of the line to the vendor."""
    uplink = benches.add_parser(
        "uplink",
        help="what an outage costs the vendor: calls in a day of it, and the crowd when it is over",
        description="Lets homes live through outages on fake clocks. Prints a Markdown table and, as the "
        "last line, JSON; exits non-zero when a limit is broken.",
    )
    uplink.add_argument("--homes", type=_count, default=1000, help="how many homes (default: %(default)s)")
    uplink.add_argument("--seed", type=int, help="repeat the random choices of an earlier run")
    uplink.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")
    uplink.set_defaults(run=outages)


def _add_watch(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the bench of the watch."""
    watch = benches.add_parser(
        "watch",
        help="what it takes to watch a camera for motion, beside decoding it; and ten cameras at once",
        description="Watches footage in this process, then ten simulated cameras at once. Prints a Markdown "
        "table and, as the last line, JSON; exits non-zero when a limit is broken.",
    )
    watch.add_argument("--times", type=_count, default=3, help="how often (default: %(default)s)")
    watch.add_argument("--seconds", type=_count, default=60, help="of the ten (default: %(default)s)")
    watch.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")
    watch.set_defaults(run=watch_cameras)


def _add_live(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the bench of the relay."""
    one = benches.add_parser(
        "live",
        help="the relay beside go2rtc's own source: pictures, latency, loss, healing, CPU and memory",
        description="Measures the integration with its relay beside a plain go2rtc with its own source, each "
        "with equal simulated cameras, by turns. Prints Markdown tables; exits non-zero when a limit breaks.",
    )
    _add_common(one, 12)
    one.add_argument(
        "--case",
        choices=tuple(CASES),
        action="append",
        help="measure only this; may be repeated (default: all)",
    )
    one.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to a file, as JSON")
    one.set_defaults(run=relay_beside_own_source)


def _add_common(one: argparse.ArgumentParser, pairs: int) -> None:
    """Add what all benches take."""
    one.add_argument(
        "--pairs",
        type=_count,
        default=pairs,
        help="pairs of measurements, fewer where each takes long (default: %(default)s)",
    )
    one.add_argument("--seed", type=int, help="repeat the random choices of an earlier run")
    one.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")


def _count(text: str) -> int:
    """Return a number of at least one; raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number from 1 on is wanted")
    return int(text)


async def first_frame(options: argparse.Namespace) -> int:
    """Run the bench of the first frame; returns the exit status."""
    seed = _seed(options)
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


async def relay_beside_own_source(options: argparse.Namespace) -> int:
    """Run the bench of the relay; returns the exit status."""
    report = await measure(_seed(options), options.pairs, options.case or tuple(CASES))
    print(report.tables(), flush=True)
    for problem in report.problems:
        say(f"✗ {problem}")
    if options.json is not None:
        text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1)
        await asyncio.to_thread(options.json.write_text, f"{text}\n")
    return 1 if report.problems and not options.no_limits else 0


async def vault_alone(options: argparse.Namespace) -> int:
    """Run the bench of the vault; returns the exit status."""
    rows = await asyncio.to_thread(measure_vault, options.times)
    print(table(rows))
    found = as_dict(rows)
    for problem in found["failures"]:
        say(f"✗ {problem}")
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 1 if found["failures"] and not options.no_limits else 0


async def watch_cameras(options: argparse.Namespace) -> int:
    """Run the bench of the watch; returns the exit status."""
    rows = await measure_watch(options.times, options.seconds)
    print(watch_table(rows))
    found = watch_as_dict(rows)
    for problem in found["failures"]:
        say(f"✗ {problem}")
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 1 if found["failures"] and not options.no_limits else 0


async def normal_days(options: argparse.Namespace) -> int:
    """Run the bench of the vendor's calls; returns the exit status."""
    found = await measure_day(options.days, _seed(options))
    print(day_table(found))
    for problem in found["failures"]:
        say(f"✗ {problem}")
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 1 if found["failures"] and not options.no_limits else 0


async def clips_alone(options: argparse.Namespace) -> int:
    """Run the bench of clips; returns the exit status."""
    if options.cameras is None:
        rows = await asyncio.to_thread(measure_clips, options.times)
    else:
        several = options.cameras, options.times, options.folder, options.sync_ms
        rows = await asyncio.to_thread(measure_many, *several)
    print(clips_table(rows))
    found = clips_dict(rows)
    for problem in found["failures"]:
        say(f"✗ {problem}")
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 1 if found["failures"] and not options.no_limits else 0


async def outages(options: argparse.Namespace) -> int:
    """Run the bench of the line to the vendor; returns the exit status."""
    found = await asyncio.to_thread(measure_uplink, options.homes, _seed(options))
    print(uplink_table(found))
    if not found["ok"]:
        say("✗ an outage costs the vendor too many calls")
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 0 if found["ok"] or options.no_limits else 1


def _seed(options: argparse.Namespace) -> int:
    return secrets.randbelow(1_000_000) if options.seed is None else int(options.seed)


async def run(options: argparse.Namespace) -> int:
    """Run what was asked for; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return int(await options.run(options))
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
