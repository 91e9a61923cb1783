"""The command line of the demo."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from dev.home import PASSWORD, USERNAME, RigError
from dev.home.browser import BrowserError
from dev.home.folder import ROOT
from dev.home.rig import RESTART_EXIT_CODE

from .cameras import SimulatorError
from .check import check
from .scenarios import SCENARIOS
from .stage import Demo, DemoError, say

READY = """
Home Assistant shows three simulated cameras:

  address    {url}
  name       {name}
  password   {password}

Give the cameras troubles while you watch (freeze, reboot, sleep …): {control}/cameras
Ctrl-C ends everything.
"""


_EPILOG = """\
scenarios (the last six: an hour takes ten seconds; see docs/scenarios.md):
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/demo",
        description="Starts three simulated cameras and a real Home Assistant, sets the integration up\n"
        "through its own pages, and prints the address and the log-in.\nCtrl-C ends all of it.",
        epilog=_EPILOG + "\n".join(f"  {name:<15}{one.told}" for name, one in SCENARIOS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, help="port of Home Assistant (default: a free one)")
    parser.add_argument(
        "--check",
        action="store_true",
        help="do it unattended: open every camera in a headless browser, check that the picture moves, "
        "take screenshots, print one line of JSON, exit non-zero when anything failed",
    )
    parser.add_argument(
        "--scenario",
        choices=tuple(SCENARIOS),
        metavar="NAME",
        help="play a story of troubles while you watch; with --check, while a headless browser does",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=ROOT / ".output" / "demo-check",
        help="where --check puts its screenshots (default: .output/demo-check)",
    )
    return parser


async def show(port: int | None) -> int:
    """Run the demo until it is interrupted; returns the exit status."""
    async with Demo(port) as demo:
        more = {"name": USERNAME, "password": PASSWORD, "control": demo.simulator.control_url}
        say(READY.format(url=demo.url, **more))
        while await demo.home.wait() == RESTART_EXIT_CODE:
            say("… Home Assistant restarts")
            await demo.home.restart()
            say("✓ Home Assistant is back")
    say("✗ Home Assistant ended by itself")
    return 1


async def run(options: argparse.Namespace) -> int:
    """Run what was asked for; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.current_task()
    assert task is not None
    # SIGINT too: a shell starts what runs in its background with that one ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        if options.scenario:
            output = options.output.resolve() if options.check else None
            return await SCENARIOS[options.scenario].play(output, options.port)
        if options.check:
            return await check(options.output.resolve(), options.port)
        return await show(options.port)
    except (BrowserError, DemoError, RigError, SimulatorError) as err:
        say(f"✗ {err}")
        return 1


def main() -> int:
    """Run the demo; returns the exit status."""
    options = _parser().parse_args()
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        return asyncio.run(run(options))
    say("\n✓ everything has ended")
    return 130


if __name__ == "__main__":
    sys.exit(main())
