"""The camera check as a program, for a terminal. The camera's link comes by standard input or from a file.

Never as an argument: everybody on a machine can read those of others.
"""

import argparse
import asyncio
import getpass
import json
import sys
from functools import partial
from pathlib import Path
from typing import NoReturn, override

from ..catalog import Catalog, ControlCatalog
from ..model import CameraNetworks, Credentials, InvalidField, SystemClock, parse_wyze_link
from .climb import LISTEN, Climb
from .offline import STANDS, try_offline
from .values import PLAYING, Cue, Offline, Report
from .words import Words
from .writing import as_json, as_text, offline_as_text

MAX_LISTEN = 600.0


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        """End without a word of what was typed: it may be the link, and be passed on with the rest."""
        self.exit(2, "An argument is wrong; --help tells which there are. The link is never one.\n")


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="check-camera",
        description=(
            "Checks one camera on the local network and prints a report that holds no key, address or name. "
            "Nothing is changed at the camera, and nothing is sent to anybody else."
        ),
        epilog=(
            "The camera's wyze:// link, as go2rtc's page shows it, is asked for, or read from standard "
            "input. The JSON at the end is what the project's table of models is made of. Exit status: 0 "
            "when the camera plays, 1 when it does not, 2 for a link that is none."
        ),
    )
    parser.add_argument("--link-file", type=Path, help="read the link from this file instead")
    parser.add_argument(
        "--network",
        action="append",
        default=[],
        help="where the camera may be, as 192.168.1.0/24; more than once. Without it: at the link's address",
    )
    parser.add_argument("--seconds", type=_seconds, default=LISTEN, help="of media (default: 10)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON only")
    parser.add_argument("--offline", action="store_true", help="afterwards: what it does without internet")
    parser.add_argument("--stands", type=_seconds, default=STANDS, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= MAX_LISTEN:
        raise argparse.ArgumentTypeError("between 1 and 600")
    return seconds


def _link(options: argparse.Namespace) -> str:
    """Return the link; a terminal does not show it while it is typed."""
    if options.link_file is not None:
        return str(options.link_file.read_text("utf-8"))
    if sys.stdin.isatty():
        return getpass.getpass("The camera's wyze:// link (it is not shown): ")
    return sys.stdin.readline()


def version() -> str:
    """Return the integration's version."""
    manifest = Path(__file__).parents[2] / "manifest.json"
    return str(json.loads(manifest.read_text("utf-8"))["version"])


async def _check(
    credentials: Credentials, networks: CameraNetworks, options: argparse.Namespace
) -> tuple[Report, Offline | None]:
    clock, words = SystemClock(), Words.english()
    climb = Climb(credentials, networks, clock=clock, catalog=Catalog.load(), controls=ControlCatalog.load())
    report = await climb.run(options.seconds)
    if not options.json:
        _say(as_text(report, words))
    offline = None
    if options.offline:
        offline = await try_offline(
            credentials, networks, clock=clock, ask=partial(_ask, words), stands=options.stands
        )
        if not options.json:
            _say("\n" + offline_as_text(offline, words))
    return report, offline


async def _ask(words: Words, cue: Cue) -> bool:
    """Ask the person, on standard error: standard output is the report's."""
    _complain(f"\n{words.of(cue)}\n{words.text('summary', 'enter')}")
    line: str = await asyncio.to_thread(sys.stdin.readline)
    return line != "" and line.strip().lower() != "q"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main(arguments: list[str]) -> int:
    """Check one camera and return the exit status."""
    options = _arguments(arguments)
    try:
        link = _link(options)
        credentials = parse_wyze_link(link)
        networks = CameraNetworks.parse(options.network or [credentials.address.reveal()])
    except InvalidField as err:
        _complain(f"This is no link of a camera: {err.field} is {err.reason}.")
        return 2
    except OSError, ValueError:
        _complain("The file with the link cannot be read.")
        return 2
    report, offline = asyncio.run(_check(credentials, networks, options))
    text = as_json(report, version(), offline)
    _say(text if options.json else f"\n{text}")
    return 0 if report.diagnosis in PLAYING else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
