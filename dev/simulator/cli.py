"""The command line of the simulator."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from dev.ports import free_block

from .abilities import Ability
from .cloud import KINDS, FakeCloud
from .cloud.control import ORDERS, CloudControl
from .cloud.household import EMAIL, credentials, move_in
from .coding import FootageError
from .control import HAPPENINGS, TROUBLES, Control
from .sets import apart, demo, house, many
from .simulator import Simulator
from .specs import Audio, CameraSpec, Framing, Join, Picture, Scene, Video

_ABOUT = """\
Simulated cameras that speak the cameras' real LAN protocol, for people who have no camera at hand.

Each camera gets an invented identity and is reached by a wyze:// link, which this command prints.
Put a link into the integration ("Add camera", "by link") or into go2rtc to see the pictures.
Every picture bears its frame number as black and white blocks along its top edge.
"""

_EXAMPLES = """\
examples:
  script/simulator                             the demo's three cameras, until Ctrl-C
  script/simulator --count 30                  thirty cameras
  script/simulator --camera shed --camera hall,framing=cc51,video=h265,audio=none
                                               two cameras of your own
  script/simulator --video holiday.mp4         all cameras show a video file
  script/simulator --host 127.0.0.21 --port 32761 --camera shed
                                               one camera, at an address and port of your choice
  script/simulator --control 8700              … and give them troubles while they run:
      curl localhost:8700/cameras
      curl -X POST localhost:8700/cameras/porch/freeze
      curl -X POST localhost:8700/cameras/porch/reboot -d '{{"away": 20}}'
      curl -X POST localhost:8700/cameras/porch/resume
  script/simulator --control 8700 --camera yard
      curl -X POST localhost:8700/cameras/yard/motion -d '{{"seconds": 6}}'
                                               nothing moves until somebody is sent through
  script/simulator --control 8700 --camera terrace,model=HL_PANP
      curl -X POST localhost:8700/cameras/terrace/change -d '{{"pan": 220, "spotlight": 1}}'
      curl -X POST localhost:8700/cameras/terrace/light -d '{{"is": "dark"}}'
                                               its pictures show its state, and how light it is
  script/simulator --cameras house --cloud FOLDER --control 8700
                                               five cameras and a vendor cloud in which they are somebody's
      curl localhost:8700/cloud/users/{email}
      curl -X POST localhost:8700/cloud/invalidate
      curl -X POST localhost:8700/cloud/faults/broken -d '{{"endpoint": "devices", "times": 3}}'

what --camera takes: NAME, then any of
  framing=0402|cc51   older or newer datagrams          video=h264|h265
  audio=pcmu|pcma|pcm|aac|none                          two_way=yes|no
  model=…  firmware=…  uid=…  enr=…  mac=…              what it pretends to be
  abilities=pan+siren (spotlight, floodlight, battery, rtsp)    what its model need not have
  status=1|3|6        kind of log-in challenge          sessions=N   viewers allowed
  join=key|mid        a new viewer's first picture      scene=porch|garden|attic|shed|hall|quiet|visitor|yard

troubles (and motion) of the control API:
"""

_CLOUD = """

the cloud's orders (POST /cloud/…), and its faults (POST /cloud/faults/…, with "endpoint", "after", "times"):
"""

_HOST = "127.0.0.1"


def _camera(text: str) -> CameraSpec:
    """Return the camera that an argument describes; raises ArgumentTypeError."""
    name, *rest = text.split(",")
    spec = CameraSpec(name.strip())
    try:
        for part in rest:
            key, value = (word.strip() for word in part.split("=", 1))
            spec = _with(spec, key, value)
    except ValueError, KeyError:
        raise argparse.ArgumentTypeError(f"cannot read “{text}”; see what --camera takes, below") from None
    if not spec.name:
        raise argparse.ArgumentTypeError("a camera needs a name")
    return spec


def _with(spec: CameraSpec, key: str, value: str) -> CameraSpec:
    """Return a camera with one more property; raises ValueError or KeyError."""
    match key:
        case "framing":
            return replace(spec, framing=Framing(value))
        case "video":
            return replace(spec, video=Video(value))
        case "audio":
            return replace(spec, audio=Audio(value))
        case "join":
            return replace(spec, join=Join(value))
        case "scene":
            return replace(spec, picture=replace(spec.picture, scene=Scene(value)))
        case "two_way":
            return replace(spec, two_way={"yes": True, "no": False}[value])
        case "abilities":
            return replace(spec, abilities=frozenset(Ability(word) for word in value.split("+") if word))
        case "status":
            return replace(spec, status={"1": 1, "3": 3, "6": 6}[value])
        case "sessions":
            return replace(spec, session_limit=int(value))
        case "model" | "firmware" | "uid" | "enr" | "mac":
            return replace(spec, **{key: value})  # type: ignore[arg-type]
    raise KeyError(key)


def _size(text: str) -> tuple[int, int]:
    """Return width and height; raises ArgumentTypeError."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError("a size looks like 1280x720")
    return int(width), int(height)


def _parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    troubles = "\n".join(f"  {name:<16}{what}" for name, (what, _) in (TROUBLES | HAPPENINGS).items())
    orders = "\n".join(f"  {name:<22}{what}" for name, (what, _) in ORDERS.items())
    faults = "\n".join(f"  {name:<22}{kind.what}" for name, kind in KINDS.items())
    parser = argparse.ArgumentParser(
        prog="script/simulator",
        description=_ABOUT,
        epilog=_EXAMPLES.format(email=EMAIL) + troubles + _CLOUD + orders + "\n\n" + faults,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for add in (_add_cameras, _add_places, _add_pictures, _add_manners):
        add(parser)
    return parser


def _add_cameras(parser: argparse.ArgumentParser) -> None:
    """Add which cameras there are."""
    which = parser.add_argument_group("which cameras").add_mutually_exclusive_group()
    which.add_argument("--cameras", choices=tuple(_SETS), help="a ready-made set (default: demo)")
    which.add_argument("--count", type=int, metavar="N", help="N cameras, camera-01 and so on")
    which.add_argument(
        "--camera",
        type=_camera,
        action="append",
        metavar="NAME[,…]",
        help="a camera of your own; may be repeated",
    )


def _add_places(parser: argparse.ArgumentParser) -> None:
    """Add where they are, and who they are."""
    where = parser.add_argument_group("where")
    where.add_argument("--host", default=_HOST, metavar="ADDRESS", help="address (default: %(default)s)")
    where.add_argument(
        "--port",
        type=int,
        default=0,
        help="UDP port of the first camera, the others follow (default: free ones)",
    )
    where.add_argument(
        "--seed", type=int, default=0, metavar="N", help="another number, other invented identities"
    )
    where.add_argument(
        "--cloud",
        type=Path,
        metavar="FOLDER",
        help="run a fake vendor cloud, too, which writes there where it is and whom to trust; each camera "
        "gets an address of its own (from --host on) and the usual port",
    )


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    """Add what they show."""
    looks = parser.add_argument_group("pictures")
    looks.add_argument("--video", type=Path, metavar="FILE", help="show this file instead of drawn scenes")
    looks.add_argument("--size", type=_size, metavar="WxH", help="size (default: 640x360)")
    looks.add_argument("--fps", type=int, help="pictures per second (default: 15)")
    looks.add_argument("--gop", type=int, metavar="FRAMES", help="pictures between key frames (default: 30)")
    looks.add_argument("--kbit", type=int, help="kilobits per second (default: 600)")
    looks.add_argument("--seconds", type=int, help="length of the loop (default: 24)")


def _add_manners(parser: argparse.ArgumentParser) -> None:
    """Add how it talks to other programs."""
    talk = parser.add_argument_group("for programs")
    talk.add_argument(
        "--control", type=int, metavar="PORT", help="serve the control API on this port; 0: a free one"
    )
    talk.add_argument("--json", action="store_true", help="print one line of JSON when ready, nothing else")
    talk.add_argument("--with-stdin", action="store_true", help="stop when standard input ends, too")


_SETS = {"demo": demo, "house": house}


def _specs(options: argparse.Namespace) -> list[CameraSpec]:
    """Return the cameras that the options ask for."""
    specs = options.camera or (many(options.count) if options.count else _SETS[options.cameras or "demo"]())
    looks = {name: getattr(options, name) for name in ("fps", "gop", "kbit", "seconds")}
    if options.size:
        looks["width"], looks["height"] = options.size
    looks["file"] = options.video.resolve() if options.video else None
    chosen = {name: value for name, value in looks.items() if value is not None}

    def placed(index: int, spec: CameraSpec) -> CameraSpec:
        picture: Picture = replace(spec.picture, **chosen)
        port = options.port + index if options.port else 0
        return replace(spec, host=options.host, port=port, seed=options.seed, picture=picture)

    cameras = [placed(index, spec) for index, spec in enumerate(specs)]
    if options.cloud:
        return apart(cameras, free_block() if options.host == _HOST else options.host)
    return cameras


def _report(
    simulator: Simulator, control: int | None, cloud: dict[str, Any] | None, *, as_json: bool
) -> None:
    """Print what there is."""
    if as_json:
        cameras = [
            {
                "name": name,
                "link": c.link,
                "video": c.spec.video,
                "audio": c.spec.audio,
                "framing": c.spec.framing,
            }
            for name, c in simulator.cameras.items()
        ]
        found = {"cameras": cameras, "control": control, "cloud": cloud, "pid": os.getpid()}
        print(json.dumps(found), flush=True)
        return
    for name, camera in simulator.cameras.items():
        spec = camera.spec
        print(f"{name}  ({spec.framing} datagrams, {spec.video}, sound: {spec.audio})\n  {camera.link}")
    if control is not None:
        print(f"control API: http://127.0.0.1:{control}/cameras")
    if cloud is not None:
        print("vendor cloud:", *(f"  {what}: {value}" for what, value in cloud.items()), sep="\n")
    print("Ctrl-C ends it.", flush=True)


async def _run(options: argparse.Namespace) -> None:
    """Run until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if options.with_stdin:
        loop.add_reader(sys.stdin, lambda: stop.set() if not os.read(sys.stdin.fileno(), 4096) else None)
    if not options.json:
        print("making pictures; the first time takes some seconds …", file=sys.stderr)
    async with contextlib.AsyncExitStack() as exits:
        simulator = await exits.enter_async_context(Simulator(_specs(options)))
        account, routes = None, []
        if options.cloud:
            cloud = await exits.enter_async_context(FakeCloud(options.cloud.resolve()))
            person = move_in(cloud, simulator.cameras.values())
            account = {"file": str(cloud.file), **credentials(person)}
            routes = CloudControl(cloud).routes()
        control = Control(simulator.cameras, routes)
        exits.push_async_callback(control.stop)
        port = await control.start(options.control) if options.control is not None else None
        _report(simulator, port, account, as_json=options.json)
        await stop.wait()


def main() -> None:
    """Run the simulator; what goes wrong at the start is one sentence."""
    options = _parser().parse_args()
    try:
        asyncio.run(_run(options))
    except (FootageError, ValueError) as error:
        sys.exit(f"✗ {error}")
    except OSError as error:
        sys.exit(f"✗ {error.strerror or error}: is the address or port taken, or not one of this machine's?")
