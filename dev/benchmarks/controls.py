"""How soon a control has done what it was told, and what a viewer notices of it.

Each round changes the night vision of a simulated camera in Home Assistant, through its web socket, and
counts until the action has returned: then the camera has said by itself that it has changed. It is day, so
its pictures do not change: each is known by its bytes at the viewer. Beside it, in the same round, an action
of Home Assistant's own that does nothing: what the way there and back costs.
"""

import argparse
import asyncio
import contextlib
import json
import secrets
import statistics
import time
from collections.abc import AsyncIterator

from dev.benchmarks.errors import BenchError
from dev.demo.stage import say
from dev.simulator.footage import load_video

from .figures import Limit
from .live.frames import arrivals, numbers, shares
from .live.rows import Row, at_most
from .live.viewer import Viewer
from .stage import OURS, PICTURE, Stage

CONTROL = f"select.{OURS}_night_vision"
OPTIONS = {"off": 2, "auto": 3}
"""What is chosen by turns, and the camera's own number for it."""
NOTHING = ("persistent_notification", "dismiss", {"notification_id": "bench"})
"""An action that does nothing."""
KNOWN_WITHIN = 60.0
"""Seconds until the camera was asked what it has."""
RUNNING = 20
"""Pictures after which a stream counts as running."""
RUNNING_WITHIN = 30.0
TAIL = 1.0
"""Seconds within which what was sent may still arrive."""
PAUSE = 0.25
"""Seconds between two rounds."""

WARM = at_most(150, "≤ 150 ms")
COLD = at_most(700, "≤ 700 ms")
NONE_LOST = Limit("0 lost", lambda figure: figure == 0)


def add(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the bench of controls."""
    one = benches.add_parser(
        "controls",
        help="how soon a control has done what it was told, and what a viewer notices of it",
        description="Changes a simulated camera's night vision in Home Assistant while somebody watches, and "
        "when nobody does. Prints a Markdown table and, as the last line, JSON; exits non-zero when a limit "
        "is broken.",
    )
    one.add_argument("--times", type=int, default=40, help="how often (default: %(default)s)")
    one.add_argument("--seed", type=int, help="repeat the invented identities of an earlier run")
    one.add_argument("--no-limits", action="store_true", help="measure only, whatever comes out")
    one.set_defaults(run=run)


async def run(options: argparse.Namespace) -> int:
    """Run the bench; returns the exit status."""
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    rows = await measure(seed, max(1, options.times))
    print("| median (p95) | control | an action that does nothing | figure | limit |\n|---|---|---|---|---|")
    for row in rows:
        print(row.cells())
    problems = [row.problem for row in rows if row.problem]
    for problem in problems:
        say(f"✗ {problem}")
    cases = {row.name: row.as_dict() for row in rows}
    print(json.dumps({"bench": "controls", "ok": not problems, "seed": seed, "cases": cases}), flush=True)
    return 1 if problems and not options.no_limits else 0


def median(row: Row) -> float | None:
    """Decide by the median of our side."""
    values = [value for value in row.ours if value is not None]
    return statistics.median(values) if values else None


def lost(row: Row) -> float | None:
    """Decide by the share that did not arrive."""
    return 100 - min((value for value in row.ours if value is not None), default=0.0)


async def measure(seed: int, times: int) -> list[Row]:
    """Measure all of it; raises BenchError and as the stage does."""
    async with Stage(seed, {OURS: PICTURE}, {}) as stage:
        await stage.home.client.wait_for_state(CONTROL, *OPTIONS, limit=KNOWN_WITHIN)
        warm, share = await _warm(stage, times)
        cold = await _cold(stage, times)
    say(f"  warm: {warm.figure:.0f} ms; cold: {cold.figure:.0f} ms")
    return [warm, cold, share]


async def _warm(stage: Stage, times: int) -> tuple[Row, Row]:
    """Change it while somebody watches; returns how long it took, and what arrived of the pictures sent."""
    took: tuple[list[float], list[float]] = ([], [])
    async with _watching(stage) as viewer:
        begin = time.monotonic_ns()
        for turn in range(times):
            await _round(stage, turn, took)
            await asyncio.sleep(PAUSE)
        end = time.monotonic_ns()
        await asyncio.sleep(TAIL)
        sent = stage.cameras[OURS].sent()
        stretch = [entry for entry in sent if begin <= entry.monotonic_ns < end]
        arrived, _ = shares(stretch, arrivals(sent, viewer.seen))
    if not stretch:
        raise BenchError("the camera sent no pictures meanwhile")
    title = "night vision changed and read back while somebody watches"
    row = Row("warm", title, "ms", *took, median, "median {:.0f} ms", WARM)
    while_it = f"pictures that arrived at an RTSP viewer meanwhile, of {len(stretch)}"
    return row, Row("frames", while_it, "%", [arrived], [], lost, "{:.1f} % lost", NONE_LOST, digits=1)


async def _cold(stage: Stage, times: int) -> Row:
    """Change it when nobody is at the camera: the relay opens a short session for it."""
    took: tuple[list[float], list[float]] = ([], [])
    camera = stage.cameras[OURS]
    for turn in range(times):
        await stage.ask("hang_up", OURS)
        async with asyncio.timeout(RUNNING_WITHIN):
            while True:
                if not camera.sessions:
                    break
                await asyncio.sleep(0.02)
        await _round(stage, turn, took)
    title = "the same when nobody is at the camera, with a session of its own"
    return Row("cold", title, "ms", *took, median, "median {:.0f} ms", COLD)


async def _round(stage: Stage, turn: int, took: tuple[list[float], list[float]]) -> None:
    """Change it, and do nothing; notes the ms. Raises BenchError."""
    wanted = tuple(OPTIONS)[turn % 2]
    acts = (("select", "select_option", {"entity_id": CONTROL, "option": wanted}), NOTHING)
    for (domain, service, data), values in zip(acts, took, strict=True):
        began = time.monotonic()
        await stage.home.client.call(domain, service, **data)
        values.append((time.monotonic() - began) * 1000)
    really = stage.cameras[OURS].settings.night_vision
    shown = (await stage.home.client.state(CONTROL))["state"]
    if (really, shown) != (OPTIONS[wanted], wanted):
        raise BenchError(f"night vision is {really} and shown as {shown}, and was to be {wanted}")


@contextlib.asynccontextmanager
async def _watching(stage: Stage) -> AsyncIterator[Viewer]:
    """Read the camera's restream from when pictures come; raises BenchError when none do."""
    known = numbers(await load_video(stage.cameras[OURS].spec.picture))
    async with Viewer(await stage.restream(OURS), known) as viewer:
        try:
            async with asyncio.timeout(RUNNING_WITHIN):
                while True:
                    if sum(seen.frame is not None for seen in viewer.seen) >= RUNNING:
                        break
                    await asyncio.sleep(0.05)
        except TimeoutError as err:
            raise BenchError("the restream brought no pictures") from err
        yield viewer
