"""How pictures travel: how late, through a network that reorders and loses, and after the camera was away."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from playwright.async_api import TimeoutError as TooLate

from dev.benchmarks.errors import BenchError
from dev.benchmarks.sides import Dialog, OwnPage, Side
from dev.benchmarks.stage import OURS, THEIRS
from dev.demo.stage import say
from dev.simulator import Camera
from dev.simulator.footage import load_video

from .frames import arrivals, numbers, shares
from .rows import Row, at_most, difference, nothing, worst
from .setting import Setting
from .viewer import Viewer

WINDOW = 5.0
"""Seconds of one measurement."""
TAIL = 1.0
"""Seconds after it within which what was sent may still arrive."""
RUNNING = 20
"""Pictures after which a stream counts as running."""
RUNNING_WITHIN = 30.0
AWAY = 12.0
"""Seconds that the camera is away."""
PATIENCE = 20.0
"""Seconds after its return for which a picture is waited for."""
SIZES = {"": "640 × 360", "_large": "1080p"}
LATER = at_most(10, "≤ 10 ms")
NONE_LOST = at_most(0, "0 lost")
BACK = at_most(5000, "≤ 5 s")

type Trouble = Callable[[Camera], None]

TROUBLES: dict[str, tuple[str, Trouble]] = {
    "reorder": ("5 % of datagrams late by 12 ms", lambda camera: camera.reorder(0.05)),
    "loss-0.5": ("0.5 % of datagrams lost", lambda camera: camera.lose(0.005)),
    "loss-2": ("2 % of datagrams lost", lambda camera: camera.lose(0.02)),
    "loss-5": ("5 % of datagrams lost", lambda camera: camera.lose(0.05)),
}


@dataclass(frozen=True, slots=True)
class Watch:
    """A camera and who reads it through its side's go2rtc."""

    camera: Camera
    viewer: Viewer

    async def running(self) -> None:
        """Wait until pictures come; raises BenchError."""
        try:
            async with asyncio.timeout(RUNNING_WITHIN):
                while True:
                    if sum(seen.frame is not None for seen in self.viewer.seen) >= RUNNING:
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError as err:
            raise BenchError(f"the restream of {self.camera.spec.name} brought no pictures") from err

    def window(self, begin: int, end: int) -> tuple[list[float], tuple[float, float]]:
        """Return how late frames of a stretch of time arrived, in ms, and the shares that did at all."""
        sent = self.camera.sent()
        late = arrivals(sent, self.viewer.seen)
        stretch = [entry for entry in sent if begin <= entry.monotonic_ns < end]
        delays = [late[entry.sequence] for entry in stretch if entry.sequence in late]
        return delays, shares(stretch, late)


async def latency(setting: Setting) -> list[Row]:
    """Compare how late whole pictures arrive at a program behind each go2rtc."""
    rows = []
    for suffix, size in SIZES.items():
        late: tuple[list[float], list[float]] = ([], [])
        async with _watching(setting, suffix) as watches:
            for _ in range(setting.pairs):
                begin, end = await _window()
                for values, watch in zip(late, watches, strict=True):
                    values.extend(watch.window(begin, end)[0])
        title = f"sent → whole picture at an RTSP viewer behind go2rtc, {size}"
        name = f"latency{suffix.replace('_', '-')}"
        rows.append(Row(name, title, "ms", *late, difference, "{:+.1f} ms", LATER, digits=1))
        say(f"  {name}: {rows[-1].figure:+.1f} ms")
    return rows


async def loss(setting: Setting) -> list[Row]:
    """Count frames that arrive of those sent while the network reorders and loses."""
    rows = []
    for suffix, size in SIZES.items():
        for name, (what, trouble) in TROUBLES.items():
            arrived: tuple[list[float], list[float]] = ([], [])
            shown: tuple[list[float], list[float]] = ([], [])
            for _ in range(setting.few):
                async with _watching(setting, suffix) as watches:
                    found = await _through(watches, trouble)
                for index, (here, whole) in enumerate(found):
                    arrived[index].append(here)
                    shown[index].append(whole)
            rows += _loss_rows(f"{name}{suffix.replace('_', '-')}", f"{what}, {size}", arrived, shown)
            say(f"  {rows[-2].name}: {arrived[0]} against {arrived[1]} % arrived")
    return rows


def _loss_rows(
    name: str, title: str, arrived: tuple[list[float], list[float]], shown: tuple[list[float], list[float]]
) -> list[Row]:
    def lost(row: Row) -> float | None:
        return 100 - min(value for value in row.ours if value is not None)

    limit = NONE_LOST if name.startswith("reorder") else None
    first = Row(name, f"{title}: arrived of sent", "%", *arrived, lost, "{:.1f} % lost", limit, digits=1)
    can = f"{title}: can be shown"
    return [first, Row(f"{name}-shown", can, "%", *shown, nothing, "", digits=1)]


async def _through(watches: tuple[Watch, Watch], trouble: Trouble) -> list[tuple[float, float]]:
    """Return the shares that arrived and that can be shown, ours and theirs, while there is a trouble."""
    cameras = [watch.camera for watch in watches]
    for camera in cameras:
        trouble(camera)
    try:
        begin, end = await _window(2 * WINDOW)
    finally:
        for camera in cameras:
            camera.resume()
    return [watch.window(begin, end)[1] for watch in watches]


async def _window(seconds: float = WINDOW) -> tuple[int, int]:
    """Let time pass, and what was sent meanwhile arrive; returns its beginning and end."""
    begin = time.monotonic_ns()
    await asyncio.sleep(seconds)
    end = time.monotonic_ns()
    await asyncio.sleep(TAIL)
    return begin, end


@contextlib.asynccontextmanager
async def _watching(setting: Setting, suffix: str) -> AsyncIterator[tuple[Watch, Watch]]:
    """Read both sides' cameras of a size, from when pictures come."""
    stage = setting.stage
    known = numbers(await load_video(stage.cameras[f"{OURS}{suffix}"].spec.picture))
    ours = Viewer(await stage.restream(f"{OURS}{suffix}"), known)
    theirs = Viewer(stage.plain.rtsp_url(f"{THEIRS}{suffix}"), known)
    async with ours, theirs:
        watches = (
            Watch(stage.cameras[f"{OURS}{suffix}"], ours),
            Watch(stage.cameras[f"{THEIRS}{suffix}"], theirs),
        )
        await asyncio.gather(*(watch.running() for watch in watches))
        yield watches


async def away(setting: Setting) -> list[Row]:
    """Take both cameras away while browsers watch; returns when the same tabs show them again."""
    back: tuple[list[float | None], list[float | None]] = ([], [])
    for _ in range(setting.few):
        sides: tuple[Side, Side] = (await Dialog.start(setting.stage), await OwnPage.start(setting.stage))
        try:
            for side in sides:
                await side.ready()
                await side.open()
                await side.page.wait_for_function(f"playback.visibleFrames() >= {RUNNING}")
            found = await asyncio.gather(*map(_back, sides))
            for values, value in zip(back, found, strict=True):
                values.append(value)
            say(f"  away: {found[0]} ms against {found[1]} ms")
        finally:
            for side in sides:
                await side.close()
                await side.page.context.close()
    title = f"camera away {AWAY:.0f} s: the same tab shows it again after its return"
    return [Row("away", title, "ms", *back, worst, "{:.0f} ms", BACK)]


async def _back(side: Side) -> float | None:
    """Take a camera away; returns the ms from its return to a picture, None when none comes."""
    side.camera.reboot(AWAY)
    await _returned(side.camera)
    returned = time.time() * 1000
    later = """at => playback.report().views.flatMap((view) => view.frames)
      .filter((frame) => frame.visible && frame.at > at).map((frame) => frame.at)[0] ?? null"""
    try:
        shown = await side.page.wait_for_function(later, arg=returned, timeout=PATIENCE * 1000)
    except TooLate:
        return None
    return float(await shown.json_value()) - returned


async def _returned(camera: Camera) -> None:
    while True:
        if not camera.faults.away:
            return
        await asyncio.sleep(0.01)
