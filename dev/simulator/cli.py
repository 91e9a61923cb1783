"""The command line of the simulator."""

import argparse
import asyncio
import json
import signal
import sys

from .sets import demo, many
from .simulator import Simulator


def _parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--cameras", choices=("demo",), default="demo")
    parser.add_argument("--count", type=int)
    parser.add_argument("--control", type=int, metavar="PORT")
    parser.add_argument("--json", action="store_true")
    return parser


async def _run(options: argparse.Namespace) -> None:
    """Run until told to stop."""
    specs = many(options.count) if options.count else demo()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Simulator(specs) as sim:
        cameras = {name: {"link": camera.link} for name, camera in sim.cameras.items()}
        if options.json:
            print(json.dumps({"cameras": cameras, "control": None}), flush=True)
        else:
            for name, camera in sim.cameras.items():
                print(f"{name}: {camera.link}", flush=True)
        await stop.wait()


def main() -> None:
    """Run the simulator."""
    asyncio.run(_run(_parser().parse_args(sys.argv[1:])))
