"""What a person sees when a camera is opened: the first moving picture, by WebRTC, by HLS, and a still."""

import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from playwright.async_api import Error as BrowserProblem

from dev.benchmarks.errors import BenchError
from dev.benchmarks.first_frame import HLS, NO_WEBRTC
from dev.benchmarks.sides import Dialog, OwnPage, Side, after_key_frame, quiet, reader
from dev.benchmarks.stage import OURS, THEIRS
from dev.demo.judge import visible_sightings
from dev.demo.stage import say
from dev.home.browser import playback

from .rows import Row, at_most, ratios
from .setting import OWN, Setting

PLAY_MS = 60_000
STILL_WITHIN = 30.0
MOVING = at_most(0.35, "≤ 0.35")
STILL = at_most(0.2, "≤ 0.2")
# Two numbers: a first picture that stands still is no moving one.
_MOVES = """() => playback.report().views.some((view) =>
  new Set(view.frames.filter((f) => f.visible && f.number !== null).map((f) => f.number)).size > 1)"""

type Measure[T] = Callable[[T], Awaitable[float | None]]
"""Returns None when something else had opened the camera meanwhile."""


async def browser(setting: Setting) -> list[Row]:
    """Open a camera at which nobody looks."""

    async def cold(side: Side) -> float | None:
        await side.ready()
        await side.rest()
        return await _opened(side, dials=1)

    async with _sides(setting) as (ours, theirs):
        found = await pairs(setting, "browser", setting.pairs, (ours, theirs), cold)
    title = "first moving picture in the browser, nobody watching"
    return [Row("browser", title, "ms", *found, ratios, "× {:.2f}", MOVING)]


async def second(setting: Setting) -> list[Row]:
    """Open a camera that another program reads already, at the same moment between two key frames."""
    phase = 0.0
    parts = [(part + setting.chance.random()) / setting.pairs for part in range(setting.pairs)]
    setting.chance.shuffle(parts)
    phases = itertools.cycle(parts)

    async def warm(side: Side) -> float | None:
        await side.ready()
        await after_key_frame(side.camera, phase)
        return await _opened(side, dials=0)

    def turn() -> None:
        nonlocal phase
        phase = next(phases)

    async with _sides(setting) as (ours, theirs), reader(ours), reader(theirs):
        found = await pairs(setting, "second", setting.pairs, (ours, theirs), warm, turn)
    title = "first moving picture in the browser, somebody watching already"
    return [Row("second", title, "ms", *found, ratios, "× {:.2f}", MOVING)]


async def hls(setting: Setting) -> list[Row]:
    """Open a camera in a browser without WebRTC, where the integration holds it in either way."""

    async def cold(side: Side) -> float | None:
        await side.ready()
        await side.rest()
        return await _opened(side, player=HLS)

    stage = setting.stage
    await stage.ask("engine", OWN, engine="go2rtc")
    try:
        ours = await Dialog.start(stage, scripts=(NO_WEBRTC,))
        theirs = await Dialog.start(stage, OWN, scripts=(NO_WEBRTC,))
        async with _closed(ours, theirs):
            found = await pairs(setting, "hls", setting.few, (ours, theirs), cold)
    finally:
        await stage.ask("engine", OWN, engine="auto")
    return [Row("hls", "first moving picture by HLS, nobody watching", "ms", *found, ratios, "× {:.2f}")]


async def still(setting: Setting) -> list[Row]:
    """Fetch a still of a camera at which nobody looks: Home Assistant's way, and from the plain go2rtc."""
    stage = setting.stage

    async def ours() -> float | None:
        await stage.ask("hang_up", OURS)
        await quiet(stage.cameras[OURS])
        answer = await stage.ask("still", OURS)
        return float(answer["ms"]) if answer["bytes"] else None

    async def theirs() -> float | None:
        await quiet(stage.cameras[THEIRS])
        began = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=STILL_WITHIN)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(stage.plain.still_url(THEIRS)) as answer,
        ):
            picture = await answer.read()
        return (time.monotonic() - began) * 1000 if picture.startswith(b"\xff\xd8") else None

    found = await pairs(setting, "still", setting.pairs, (ours, theirs), lambda way: way())
    return [Row("still", "still, nobody watching", "ms", *found, ratios, "× {:.2f}", STILL)]


async def pairs[T](
    setting: Setting,
    case: str,
    count: int,
    both: tuple[T, T],
    measure: Measure[T],
    turn: Callable[[], None] = lambda: None,
) -> tuple[list[float], list[float]]:
    """Measure pairs, the sides taking turns in who goes first; returns ours and theirs.

    `turn` is called before each pair; one that something else spoiled is measured again. Raises BenchError.
    """
    found: tuple[list[float], list[float]] = ([], [])
    spoiled = 0
    while len(found[0]) < count:
        turn()
        sides = (0, 1) if len(found[0]) % 2 == 0 else (1, 0)
        values = {side: await measure(both[side]) for side in sides}
        if (mine := values[0]) is None or (other := values[1]) is None:
            spoiled += 1
            if spoiled > count:
                raise BenchError(f"{case}: too many measurements were spoiled")
            continue
        found[0].append(mine)
        found[1].append(other)
        say(f"  {case} {len(found[0]):>3}  {mine:5.0f} ms against {other:5.0f} ms")
    return found


async def _opened(side: Side, *, dials: int | None = None, player: str | None = None) -> float | None:
    """Return the ms until the picture moves; None when it cost the camera another number of sessions."""
    before = side.camera.counters.dials
    try:
        await side.open()
        await side.page.wait_for_function(_MOVES, timeout=PLAY_MS)
        report = await playback(side.page)
    except BrowserProblem as err:
        raise BenchError(f"{side.name} showed no moving picture within {PLAY_MS // 1000} s") from err
    finally:
        await side.close()
    if player is not None and (shown := visible_sightings(report)[0]) != player:
        raise BenchError(f"{side.name} showed {shown} instead of {player}")
    if dials is not None and side.camera.counters.dials - before != dials:
        return None
    return moving_ms(report)


def moving_ms(report: Mapping[str, Any]) -> float | None:
    """Return the ms from the click to the first frame that differs from the first one."""
    _, _, sightings = visible_sightings(report)
    known = [sighting for sighting in sightings if sighting.number is not None]
    moved = next((sighting for sighting in known if sighting.number != known[0].number), None)
    return None if moved is None else moved.at * 1000 - float(report["clicked"])


@contextlib.asynccontextmanager
async def _sides(setting: Setting) -> AsyncIterator[tuple[Side, Side]]:
    """Give both sides, each opened once: the very first opening loads code that later ones have."""
    ours: Side = await Dialog.start(setting.stage)
    theirs: Side = await OwnPage.start(setting.stage)
    async with _closed(ours, theirs):
        for side in (ours, theirs):
            await side.ready()
            await _opened(side)
        yield ours, theirs


@contextlib.asynccontextmanager
async def _closed(*sides: Side) -> AsyncIterator[None]:
    """Close the pages afterwards: a card goes on asking for stills."""
    try:
        yield
    finally:
        for side in sides:
            await side.page.context.close()
