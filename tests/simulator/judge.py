"""The unmodified go2rtc as judge of the simulator, and a reader of the numbers in its pictures."""

import asyncio
import contextlib
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import aiohttp
import av

from dev.ports import free_port
from dev.simulator.barcode import decode_frame_number

_TOOL = Path(__file__).parents[2] / ".tools" / "bin" / "go2rtc"
_START = 10.0
_VIEWERS = 40
_STALL = 6.0
"""Seconds without anything after which a stream has ended: more than a scene is silent for that goes on."""
_QUICKLY = {"rtsp_transport": "tcp", "analyzeduration": "500000", "fflags": "nobuffer"}


@dataclass(slots=True)
class Seen:
    """What a viewer behind go2rtc saw."""

    video: str = ""
    audio: str = ""
    numbers: list[int] = field(default_factory=list)
    """Frame numbers, of the pictures that have one."""
    times: list[int] = field(default_factory=list)
    """When each number was seen, CLOCK_MONOTONIC in nanoseconds."""
    sounds: int = 0


@dataclass(frozen=True, slots=True)
class Judge:
    """A running go2rtc."""

    api: aiohttp.ClientSession
    rtsp_port: int
    threads: ThreadPoolExecutor
    """One for each who watches: the event loop's own are few."""

    def url(self, stream: str) -> str:
        """Return the RTSP URL of a stream."""
        return f"rtsp://127.0.0.1:{self.rtsp_port}/{stream}"

    async def dial(self, stream: str, patience: float = 20.0) -> str | None:
        """Let go2rtc dial; return its error, None when it has video. Raises TimeoutError."""
        async with (
            asyncio.timeout(patience),
            self.api.get("/api/streams", params={"src": stream, "video": ""}) as got,
        ):
            return None if got.status == 200 else (await got.text()).strip()

    async def watch(self, stream: str, *, pictures: int, patience: float = 15.0) -> Seen:
        """Watch until that many numbered pictures were seen, or patience or the stream ends."""
        return await asyncio.get_running_loop().run_in_executor(
            self.threads, _watch, self.url(stream), pictures, patience
        )


def _watch(url: str, pictures: int, patience: float) -> Seen:
    """Read a stream in a thread."""
    seen = Seen()
    end = time.monotonic() + patience
    try:
        source = av.open(url, options=_QUICKLY, timeout=(patience, _STALL))
    except av.FFmpegError:
        return seen
    with source, contextlib.suppress(av.FFmpegError):
        seen.video = source.streams.video[0].codec_context.name
        if source.streams.audio:
            seen.audio = source.streams.audio[0].codec_context.name
        for packet in source.demux():
            if time.monotonic() > end or len(seen.numbers) >= pictures:
                break
            if packet.stream.type == "audio":
                seen.sounds += packet.size > 0
                continue
            _look(packet, seen)
    return seen


def _look(packet: av.Packet, seen: Seen) -> None:
    """Decode a packet and note its number."""
    try:
        frames = packet.decode()
    except av.FFmpegError:
        return
    for frame in frames:
        if isinstance(frame, av.VideoFrame):
            number = decode_frame_number(frame.to_ndarray(format="gray"))
            if number is not None:
                seen.numbers.append(number)
                seen.times.append(time.monotonic_ns())


@contextlib.asynccontextmanager
async def go2rtc(streams: Mapping[str, str], folder: Path) -> AsyncIterator[Judge]:
    """Run go2rtc with these streams; its configuration lies in the folder."""
    tool = os.environ.get("GO2RTC") or (str(_TOOL) if _TOOL.exists() else shutil.which("go2rtc"))
    assert tool, "no go2rtc: run script/setup"
    api, rtsp = free_port(), free_port()
    config = {
        "app": {"modules": ["api", "rtsp", "streams", "wyze", "http"]},
        "api": {"listen": f"127.0.0.1:{api}"},
        "rtsp": {"listen": f"127.0.0.1:{rtsp}"},
        "streams": dict(streams),
    }
    path = folder / "go2rtc.json"
    path.write_text(json.dumps(config))
    with (folder / "go2rtc.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            tool, "-config", str(path), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{api}") as client:
                await _ready(client)
                with ThreadPoolExecutor(max_workers=_VIEWERS) as threads:
                    yield Judge(client, rtsp, threads)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _ready(client: aiohttp.ClientSession) -> None:
    """Wait until it knows all it needs, which is later than its API answers; raises TimeoutError."""
    async with asyncio.timeout(_START):
        while True:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with client.get("/api/schemes") as got:
                    if got.status == HTTPStatus.OK and {"http", "rtsp", "wyze"} <= set(await got.json()):
                        return
            await asyncio.sleep(0.02)
