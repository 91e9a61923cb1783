"""The bench of the watch: what it takes to look at a camera, beside decoding it and nothing else.

First one camera after the other in this process: plain decoding of all pictures, and the watch of the same
pictures with its detector and its ring. Then ten cameras at once, on real parts: simulated cameras, the
relay, the worker's process, whose streams must not pile up anywhere.
"""

import asyncio
import random
import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import psutil
from av.packet import Packet
from av.video.stream import VideoStream

from custom_components.wyze_local.engine.model import (
    CameraNetworks,
    ClipSettings,
    Secret,
    SystemClock,
    WatchMode,
    new_camera_key,
    parse_wyze_link,
)
from custom_components.wyze_local.engine.relay import Relay
from custom_components.wyze_local.engine.watch import WatchPhase, WatchSettings, WatchWorker
from custom_components.wyze_local.engine.watch.eye import Eye
from custom_components.wyze_local.engine.watch.recorder import Recorder
from custom_components.wyze_local.engine.watch.writer import Writer
from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene, Simulator

SECONDS = 32
"""Length of the footage."""
FPS = 15
GOP = 60
CAMERAS = 10
TWICE = 2.0
"""How much more than plain decoding the watch of all pictures may take."""
HUNDREDTH = 0.01
"""Share of a core that the watch of a camera's key frames may take."""
PILED = 1024 * 1024
"""Bytes that may wait in a camera's connection: the relay begins to leave pictures out at four times that."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure and what it is held to."""

    name: str
    title: str
    figure: float
    limit: float | None
    show: str

    @property
    def ok(self) -> bool:
        """Whether the limit is kept."""
        return self.limit is None or self.figure <= self.limit


async def measure(times: int, seconds: float) -> list[Row]:
    """Measure each figure so many times and the ten cameras for so many seconds."""
    rows = []
    for width, height, kbit in ((640, 360, 480), (1920, 1080, 1900)):
        with tempfile.TemporaryDirectory() as folder:
            footage = Path(folder) / "footage.mkv"
            await asyncio.to_thread(_encode, footage, width, height, kbit)
            rows += await asyncio.to_thread(_alone, footage, f"{height}p{FPS}", times)
    return rows + await _together(seconds)


def _encode(path: Path, width: int, height: int, kbit: int) -> None:
    """Make pictures that are as hard to decode as a camera's: all of them noisy, something moving."""
    source = f"testsrc2=size={width}x{height}:rate={FPS}:duration={SECONDS},noise=alls=6:allf=t"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "veryfast"]
    command += ["-pix_fmt", "yuv420p", "-g", str(GOP), "-keyint_min", str(GOP), "-bf", "0"]
    command += ["-b:v", f"{kbit}k", "-maxrate", f"{kbit}k", "-bufsize", f"{kbit}k", str(path)]
    subprocess.run(command, check=True, timeout=600)


def _packets(path: Path) -> Iterator[tuple[VideoStream, Packet[Any]]]:
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        video.thread_type = "NONE"
        for packet in container.demux(video):
            if packet.size:
                yield video, packet


def _decoding(path: Path) -> float:
    """Return the processor seconds of decoding everything, and of nothing else."""
    spent = time.thread_time()
    for video, packet in _packets(path):
        video.codec_context.decode(packet)
    return time.thread_time() - spent


def _watching(path: Path, mode: WatchMode) -> float:
    """Return the processor seconds of watching everything, as if it came at its own pace."""
    writer = Writer(SystemClock())
    clips = ClipSettings(Path("/nonexistent"), pre_roll=10.0)
    settings = WatchSettings(mode, clips=clips, keep_motion=False)
    eye = Eye(settings, lambda _news, _at: None)
    recorder = Recorder(clips, SystemClock(), writer, lambda _news: None)
    began = False
    spent = time.thread_time()
    for number, (video, packet) in enumerate(_packets(path)):
        if not began:
            began = True
            eye.open(video)
            recorder.opened(video, None)
        recorder.take(packet, number / FPS)
        eye.take(packet, number / FPS)
    spent = time.thread_time() - spent
    recorder.close()
    writer.close(5.0)
    return spent


def _alone(footage: Path, name: str, times: int) -> list[Row]:
    """Measure by turns, and take the best of each: what else runs here makes nothing faster."""
    ways: dict[str, Callable[[], float]] = {
        "decoding": lambda: _decoding(footage),
        "full": lambda: _watching(footage, WatchMode.FULL),
        "key": lambda: _watching(footage, WatchMode.KEY),
    }
    spent = {way: min(work() for _ in range(times)) for way, work in ways.items()}
    share = {way: value / SECONDS for way, value in spent.items()}
    percent = "{:.2%}"
    ratio = share["full"] / share["decoding"]
    return [
        Row(f"{name} decoding", f"{name}: all pictures decoded", share["decoding"], None, percent),
        Row(f"{name} full", f"{name}: all pictures watched", share["full"], None, percent),
        Row(f"{name} ratio", f"{name}: watched, by decoded", ratio, TWICE, "{:.2f}"),
        Row(f"{name} key", f"{name}: key frames watched", share["key"], HUNDREDTH, percent),
    ]


async def _together(seconds: float) -> list[Row]:
    """Watch ten cameras' key frames at once."""
    picture = Picture(width=1920, height=1080, fps=FPS, gop=GOP, seconds=16, kbit=1900, scene=Scene.PORCH)
    specs = [
        CameraSpec(f"camera{number}", Framing.CC51, audio=Audio.PCMU, picture=picture)
        for number in range(CAMERAS)
    ]
    async with AsyncExitStack() as stack:
        cameras = await stack.enter_async_context(Simulator(specs))
        relay = Relay(clock=SystemClock(), rng=random.Random(1))
        worker = WatchWorker(clock=SystemClock(), rng=random.Random(2))
        for one in (relay, worker):
            await one.start()
            stack.push_async_callback(one.stop)
        await relay.set_networks(CameraNetworks.parse(["127.0.0.0/8"]))
        keys = [new_camera_key() for _ in specs]
        for key, spec in zip(keys, specs, strict=True):
            await relay.add(
                key, parse_wyze_link(cameras.cameras[spec.name].link), Secret(secrets.token_hex(16))
            )
            await worker.add(key, relay.url(key, watch=True), WatchSettings(WatchMode.KEY))
        await _until_watched(worker, keys)
        return await _observe(worker, keys, seconds)


async def _until_watched(worker: WatchWorker, keys: list[str]) -> None:
    """Wait until all are watched; raises TimeoutError."""
    end = time.monotonic() + 120
    while any(worker.states[key].phase is not WatchPhase.WATCHING for key in keys):
        if time.monotonic() > end:
            raise TimeoutError("not all of the cameras are watched")
        await asyncio.sleep(0.1)


async def _observe(worker: WatchWorker, keys: list[str], seconds: float) -> list[Row]:
    process = psutil.Process(worker.pid)
    ports = {link.laddr.port for link in process.net_connections("tcp") if link.raddr}
    before, piled, stalled = process.cpu_times(), 0, 0
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        await asyncio.sleep(0.2)
        piled = max(piled, _waiting(ports))
        stalled += sum(worker.states[key].phase is not WatchPhase.WATCHING for key in keys)
    after = process.cpu_times()
    spent = (after.user + after.system - before.user - before.system) / (time.monotonic() - began)
    memory = process.memory_info().rss / 1e6
    name = f"{CAMERAS} × 1080p{FPS}"
    return [
        Row("ten key", f"{name}: key frames watched, each", spent / CAMERAS, HUNDREDTH, "{:.2%}"),
        Row("ten piled", f"{name}: most bytes that waited in a stream", piled, PILED, "{:.0f}"),
        Row("ten stalled", f"{name}: how often one was not watched", stalled, 0, "{:.0f}"),
        Row("ten memory", f"{name}: memory of the worker, MB", memory, None, "{:.0f}"),
    ]


def _waiting(ports: set[int]) -> int:
    """Return the most bytes that wait in one of these connections, on either end."""
    most = 0
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        here, there, _, queues = line.split()[1:5]
        if {int(end.partition(":")[2], 16) for end in (here, there)} & ports:
            most = max(most, *(int(queue, 16) for queue in queues.split(":")))
    return most


def table(rows: list[Row]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| | measured | limit |", "|---|---:|---:|"]
    for row in rows:
        limit = "–" if row.limit is None else row.show.format(row.limit)
        lines.append(f"| {row.title} | {row.show.format(row.figure)}{'' if row.ok else ' ✗'} | {limit} |")
    return "\n".join(lines)


def as_dict(rows: list[Row]) -> dict[str, Any]:
    """Return them as JSON has them."""
    return {
        "bench": "watch",
        "ok": all(row.ok for row in rows),
        "figures": {row.name: round(row.figure, 5) for row in rows},
        "failures": [f"{row.title}: {row.show.format(row.figure)}" for row in rows if not row.ok],
    }
