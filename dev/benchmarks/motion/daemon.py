"""Debian's motion as it comes, fed with clips at their own pace: it knows only cameras, so it gets some."""

import asyncio
import contextlib
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
minimum_motion_frames 3
"""
"""Debian's own settings; the threshold is its 1500 pixels of a picture of 640 by 480, brought to this size.
What its guide recommends outdoors is on: the switch for light, the smart mask, three pictures in a row.
"""


@dataclass
class _Camera:
    """One clip as a camera that sends JPEG over HTTP."""

    path: Path
    rate: int = 10
    pictures: list[bytes] = field(default_factory=list)
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
            self.rate = round(float(container.streams.video[0].average_rate or 10))
        for number, (_, frame) in enumerate(frames(self.path, key=False)):
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


async def watch(paths: Sequence[Path]) -> list[Watched]:
    """Let motion watch clips, in their own time; raises BenchError when it does not start."""
    if shutil.which("motion") is None:
        raise BenchError("The program motion is missing. Install Debian's package motion, or leave it out.")
    found: list[Watched] = []
    for first in range(0, len(paths), TOGETHER):
        found += await _together(paths[first : first + TOGETHER])
    return found


async def _together(paths: Sequence[Path]) -> list[Watched]:
    cameras = [_Camera(path) for path in paths]
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
    for number, port in enumerate(ports):
        (folder / f"{number}.conf").write_text(
            f"camera_id {number + 1}\nnetcam_url http://127.0.0.1:{port}/\nframerate {cameras[number].rate}\n"
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
    length = len(camera.pictures) / camera.rate
    times = tuple(at for line in lines if 0 <= (at := float(line) - camera.began) <= length + 0.2)
    looked = tuple(number / camera.rate for number in range(len(camera.pictures)))
    return Watched(times, looked, cost)
