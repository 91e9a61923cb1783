"""What it costs: CPU and memory of each process, with cameras of 1080p15 at 2 Mbit/s.

Both sides have fifty cameras, of which some stream to a program each. The sides take turns, so that neither
pays for the other.
"""

import asyncio
import contextlib
import statistics
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from dev.benchmarks.errors import BenchError
from dev.benchmarks.go2rtc import PlainGo2rtc
from dev.demo.cameras import SimulatorProcess
from dev.demo.stage import add_camera, say
from dev.home import ChildProcess

from .meters import Cost, descendant, measure, total
from .rows import Row, at_most, ratios, worst
from .setting import LARGE, Setting

CONFIGURED = 50
STREAMING = (0, 1, 3, 10)
WINDOW = 10.0
"""Seconds of one measurement."""
SETTLE = 6.0
"""Seconds after which streams that were opened run, with a key frame of their own."""
WITHIN = 90.0
RATIOS = {1: at_most(2, "≤ 2"), 10: at_most(1.6, "≤ 1.6")}
MEMORY = at_most(60, "≤ 60 MB")

HOME, RELAY, OUR_GO2RTC, OUR_SIMULATOR = "Home Assistant", "relay", "its go2rtc", "its simulator"
OTHER_GO2RTC, OTHER_SIMULATOR = "go2rtc alone", "simulator of that"


@dataclass(frozen=True, slots=True)
class Half:
    """One side."""

    simulator: SimulatorProcess
    urls: Mapping[str, str]
    """Where a program reads each camera."""
    pids: Mapping[str, int]

    async def sessions(self) -> int:
        """Return how many sessions with pictures there are."""
        return sum(
            session["video"] for camera in await self.simulator.look() for session in camera["sessions"]
        )

    async def until(self, sessions: int) -> None:
        """Wait until there are so many sessions; raises BenchError."""
        try:
            async with asyncio.timeout(WITHIN):
                while True:
                    if await self.sessions() == sessions:
                        return
                    await asyncio.sleep(0.2)
        except TimeoutError as err:
            raise BenchError(f"there are {await self.sessions()} sessions, not {sessions}") from err

    async def cost(self, streaming: int) -> dict[str, Cost]:
        """Return what the processes cost while so many cameras stream."""
        async with contextlib.AsyncExitStack() as readers:
            for url in list(self.urls.values())[:streaming]:
                await readers.enter_async_context(_reading(url))
            await self.until(streaming)
            await asyncio.sleep(SETTLE)
            return await measure(self.pids, WINDOW)


async def load(setting: Setting) -> list[Row]:
    """Measure both sides by turns, with ever more cameras."""
    rows: list[Row] = []
    async with _ours(setting) as ours, _theirs(setting) as theirs:
        for streaming in STREAMING:
            costs: tuple[list[dict[str, Cost]], list[dict[str, Cost]]] = ([], [])
            for turn in range(setting.few):
                for index in (0, 1) if turn % 2 == 0 else (1, 0):
                    half = (ours, theirs)[index]
                    costs[index].append(await half.cost(streaming))
                    await _hang_up(setting, ours, streaming)
                    await half.until(0)
            rows += _rows(streaming, *costs)
            title = f"{CONFIGURED} cameras, {streaming} streaming"
            setting.report.parts[title] = _medians(costs[0]) | _medians(costs[1])
            say(f"  load: {title}: {rows[-1].figure}")
    return rows


def _rows(streaming: int, ours: list[dict[str, Cost]], theirs: list[dict[str, Cost]]) -> list[Row]:
    """Return the figures of one load."""
    mine = [total(costs, (RELAY, OUR_GO2RTC)) for costs in ours]
    others = [total(costs, (OTHER_GO2RTC,)) for costs in theirs]
    relay = [costs[RELAY].mb for costs in ours]
    title = f"{CONFIGURED} cameras, {streaming} streaming"
    memory = Row(f"memory-{streaming}", f"{title}: the relay", "MB", relay, [], worst, "{:.0f} MB", MEMORY)
    if not streaming:
        return [memory]
    cpu = Row(
        name=f"cpu-{streaming}",
        title=f"{title}: relay + go2rtc against go2rtc alone",
        unit="CPU % of a core",
        ours=mine,
        theirs=others,
        decide=ratios,
        show="× {:.2f}",
        limit=RATIOS.get(streaming),
        digits=1,
    )
    return [memory, cpu]


def _medians(costs: list[dict[str, Cost]]) -> dict[str, dict[str, float]]:
    """Return the medians for each process."""
    return {
        name: {
            "cpu": round(statistics.median(cost[name].cpu for cost in costs), 2),
            "mb": round(statistics.median(cost[name].mb for cost in costs), 1),
        }
        for name in costs[0]
    }


async def _hang_up(setting: Setting, ours: Half, streaming: int) -> None:
    for name in list(ours.urls)[:streaming]:
        await setting.stage.ask("hang_up", name)


@contextlib.asynccontextmanager
async def _reading(url: str) -> AsyncIterator[None]:
    """Read a restream as a recorder does."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "quiet", "-rtsp_transport", "tcp"]
    process = await ChildProcess.start(
        [*command, "-i", url, "-c", "copy", "-f", "null", "-"], stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        await process.stop()


@contextlib.asynccontextmanager
async def _simulator(setting: Setting, name: str) -> AsyncIterator[SimulatorProcess]:
    """Run fifty cameras in a process of their own."""
    arguments = [
        "--count",
        CONFIGURED,
        "--seed",
        setting.report.seed,
        "--kbit",
        LARGE.kbit,
        "--gop",
        LARGE.gop,
    ]
    arguments += ["--size", f"{LARGE.width}x{LARGE.height}", "--fps", LARGE.fps]
    log = setting.stage.folder / f"{name}-simulator.log"
    simulator = await SimulatorProcess.start(log, [str(argument) for argument in arguments])
    try:
        yield simulator
    finally:
        await simulator.stop()


@contextlib.asynccontextmanager
async def _ours(setting: Setting) -> AsyncIterator[Half]:
    """Give the side with Home Assistant all its cameras."""
    stage = setting.stage
    async with _simulator(setting, "ours") as simulator:
        say(f"… adding {CONFIGURED} cameras to Home Assistant")
        names = [camera.name.replace("-", "_") for camera in simulator.cameras]
        for name, camera in zip(names, simulator.cameras, strict=True):
            await add_camera(stage.home, stage.entry_id, name.capitalize(), camera.link)
        for name in names:
            await stage.home.client.wait_for_state(f"sensor.{name}_connection", "ready", limit=WITHIN)
        urls = {name: await stage.restream(name) for name in names}
        pid = stage.home.process.pid
        pids = {
            HOME: pid,
            RELAY: descendant(pid, "relay"),
            OUR_GO2RTC: descendant(pid, "go2rtc"),
            OUR_SIMULATOR: simulator.pid,
        }
        half = Half(simulator, urls, pids)
        await half.until(0)
        yield half


@contextlib.asynccontextmanager
async def _theirs(setting: Setting) -> AsyncIterator[Half]:
    """Give a go2rtc of its own equal cameras."""
    async with _simulator(setting, "theirs") as simulator:
        links = {camera.name: camera.link for camera in simulator.cameras}
        plain = await PlainGo2rtc.start(setting.stage.folder / "load", links)
        try:
            urls = {name: plain.rtsp_url(name) for name in links}
            yield Half(simulator, urls, {OTHER_GO2RTC: plain.pid, OTHER_SIMULATOR: simulator.pid})
        finally:
            await plain.stop()
