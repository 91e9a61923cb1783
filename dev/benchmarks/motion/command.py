"""The command line of the motion bench."""

import argparse
import json
import secrets

from dev.demo.stage import say

from .bench import SIDES, measure


def add(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the bench of the motion detector."""
    motion = benches.add_parser(
        "motion",
        help="what the motion detector sees, misses and imagines, beside Debian's motion and OpenCV's MOG2",
        description="Lets the detectors watch the same clips: real footage, fetched as packages, and made "
        "disturbances and visitors, some new in each run. Prints a Markdown table and, as the last line, "
        "JSON; exits non-zero when a limit is broken. The first run makes the clips, which takes minutes.",
    )
    motion.add_argument("--part", choices=("judge", "tune"), default="judge", help="which clips (split.toml)")
    motion.add_argument("--side", choices=SIDES, action="append", help="only this detector; may be repeated")
    motion.add_argument("--seed", type=int, help="repeat the new clips of an earlier run")
    motion.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")
    motion.set_defaults(run=run)


async def run(options: argparse.Namespace) -> int:
    """Run the bench of the motion detector; returns the exit status."""
    seed = secrets.randbelow(1_000_000) if options.seed is None else int(options.seed)
    report = await measure(options.part, seed, options.side or SIDES)
    print(report.table())
    for problem in report.problems:
        say(f"✗ {problem}")
    print(json.dumps(report.as_dict(), ensure_ascii=False), flush=True)
    return 1 if report.problems and not options.no_limits else 0
