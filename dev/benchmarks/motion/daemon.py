"""Debian's motion as it comes, fed with clips at their own pace: it knows only cameras, so it gets some."""

import asyncio
import contextlib
import math
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import psutil

from ..errors import BenchError
from .footage import HEIGHT, WIDTH
from .sides import Watched, frames

TOGETHER = 8
"""Clips that are watched at a time."""
SETTINGS = f"""\
daemon off
setup_mode off
log_level 5
webcontrol_port 0
stream_port 0
movie_output off
picture_output off
emulate_motion off
width {WIDTH}
height {HEIGHT}
event_gap 10
pre_capture 0
post_capture 0
despeckle_filter EedDl
noise_tune on
threshold {round(1500 * WIDTH * HEIGHT / (640 * 480))}
lightswitch_percent 30
smart_mask_speed 5
"""
"""Debian's own settings; the threshold is its 1500 pixels of a picture of 640 by 480, brought to this size.
What its guide recommends outdoors is on: the switch for light, the smart mask, three pictures in a row.
"""


@dataclass(frozen=True)
class Settings:
    """How it is asked for motion."""

    pictures: int = 3
    """In a row that must show it."""
    pace: int | None = None
    """Pictures that it gets in a second, whatever the clip's own pace is; None for that."""
    looks: int | None = None
    """Pictures in a second that it is told to expect; None for as many as it gets."""


FULL = Settings()
KEY = Settings(pictures=1, pace=1, looks=2)
"""It knows no camera that sends a picture in four seconds: it gets one a second, and by the clock of the clip
it said so of that one. Of four ways (one or two a second, one picture or three in a row, looking twice or ten
times a second) the one that saw most of the clips that tune; at the clip's own pace it imagined more.
"""


@dataclass
class _Camera:
    """One clip as a camera that sends JPEG over HTTP."""

    path: Path
    settings: Settings
    rate: int = 10
    """Pictures in a second, as they are sent."""
    pictures: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """When they were taken, in seconds from the beginning of the clip."""
    began: float = 0.0
    """When the first picture left, by the wall clock; of the last connection."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0

    def load(self) -> None:
        """Turn its frames into JPEG of high quality. Blocks."""
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        encoder.time_base = Fraction(1, 1000)
        encoder.options = {"qscale": "2", "qmin": "2", "qmax": "3"}
        with av.open(str(self.path)) as container:
            self.rate = self.settings.pace or round(float(container.streams.video[0].average_rate or 10))
        for number, (at, frame) in enumerate(frames(self.path, key=False)):
            self.times.append(at)
            jpeg = frame.reformat(format="yuvj420p")
            jpeg.pts, jpeg.time_base = number, encoder.time_base
            self.pictures += [bytes(packet) for packet in encoder.encode(jpeg)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send the clip from its beginning; the last who connects counts."""
        if self.over.is_set():
            # It would dial again and again, as it does for a camera that fell silent.
            writer.close()
            return
        self.connections += 1
        mine = self.connections
        try:
            async with asyncio.timeout(10):
                await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=pic\r\n\r\n")
            loop = asyncio.get_running_loop()
            self.began, start = time.time(), loop.time()
            for number, picture in enumerate(self.pictures):
                await asyncio.sleep(max(0.0, start + number / self.rate - loop.time()))
                head = f"--pic\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                writer.write(head.encode() + picture + b"\r\n")
                await writer.drain()
            if mine == self.connections:
                self.over.set()
        except OSError, TimeoutError, asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


async def watch(paths: Sequence[Path], settings: Settings) -> list[Watched]:
    """Let motion watch clips; raises BenchError when it does not start."""
    if shutil.which("motion") is None:
        raise BenchError("The program motion is missing. Install Debian's package motion, or leave it out.")
    found: list[Watched] = []
    for first in range(0, len(paths), TOGETHER):
        found += await _together([_Camera(path, settings) for path in paths[first : first + TOGETHER]])
    return found


async def _together(cameras: Sequence[_Camera]) -> list[Watched]:
    for camera in cameras:
        await asyncio.to_thread(camera.load)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with contextlib.AsyncExitStack() as stack:
            ports = [await stack.enter_async_context(_served(camera)) for camera in cameras]
            await asyncio.to_thread(_configure, folder, ports, cameras)
            cost = await _run(folder, cameras)
        return [
            await asyncio.to_thread(_read, folder / f"{number}.moments", camera, cost / len(cameras))
            for number, camera in enumerate(cameras)
        ]


@contextlib.asynccontextmanager
async def _served(camera: _Camera) -> AsyncIterator[int]:
    server = await asyncio.start_server(camera.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _configure(folder: Path, ports: Sequence[int], cameras: Sequence[_Camera]) -> None:
    (folder / "motion.conf").write_text(
        f"{SETTINGS}target_dir {folder}\n" + "".join(f"camera {folder}/{n}.conf\n" for n in range(len(ports)))
    )
    for number, (port, camera) in enumerate(zip(ports, cameras, strict=True)):
        rate = camera.settings.looks or camera.rate
        (folder / f"{number}.conf").write_text(
            f"camera_id {number + 1}\nnetcam_url http://127.0.0.1:{port}/\nframerate {rate}\n"
            f"minimum_motion_frames {camera.settings.pictures}\n"
            f"on_motion_detected sh {folder}/stamp {folder}/{number}.moments\n"
        )
    # Its own commands would take the percent signs for themselves.
    (folder / "stamp").write_text('date +%s.%N >>"$1"\n')


async def _run(folder: Path, cameras: Sequence[_Camera]) -> float:
    """Run it until all clips are over; returns its processor seconds."""
    process = await asyncio.create_subprocess_exec(
        "motion",
        "-c",
        str(folder / "motion.conf"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    longest = max(len(camera.pictures) / camera.rate for camera in cameras)
    try:
        async with asyncio.timeout(2 * longest + 60):
            for camera in cameras:
                await camera.over.wait()
        times = psutil.Process(process.pid).cpu_times()
        return float(times.user + times.system)
    except (TimeoutError, psutil.Error) as err:
        raise BenchError("motion did not watch all clips to their end.") from err
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()


def _read(moments: Path, camera: _Camera, cost: float) -> Watched:
    lines = moments.read_text().split() if moments.exists() else []
    offsets = [float(line) - camera.began for line in lines]
    if camera.settings.pace is None:
        seen = [at for at in offsets if 0 <= at <= len(camera.pictures) / camera.rate + 0.2]
    else:
        # It had them in a time of its own: what it says is of the picture that it got last.
        numbers = sorted({math.floor(at * camera.rate) for at in offsets})
        seen = [camera.times[number] for number in numbers if 0 <= number < len(camera.times)]
    return Watched(tuple(seen), tuple(camera.times), cost)
