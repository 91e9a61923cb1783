"""A real go2rtc on loopback for tests, and a look at what it leaves behind."""

import asyncio
import contextlib
import os
import random
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest_socket

from dev.ports import CLAIMED, free_port
from dev.simulator import GONE_AFTER, Camera, CameraSpec, Simulator
from engine.model import Clock, Secret, SystemClock, parse_wyze_link
from engine.stream import Binary, ServerState, StreamServer, StreamServerSettings, find_binary, wyze_source
from engine.stream.turns import TakeTurn, no_gate

TOOLS = Path(__file__).parents[2] / ".tools" / "bin"

SHARED = 2.0 if os.environ.get("CI") else 1.0
"""Limits of a second or more count so many times on a machine that others share."""


class FastClock(SystemClock):
    """A clock of its own world, in which everything happens faster."""

    def __init__(self, factor: float) -> None:
        """Run so many times faster."""
        self._factor = factor

    def monotonic(self) -> float:
        """Return the seconds of that world."""
        return super().monotonic() * self._factor

    async def sleep(self, seconds: float) -> None:
        """Sleep for seconds of that world."""
        await super().sleep(seconds / self._factor)


def allow_loopback() -> None:
    """Let a fixture open sockets: the harness refuses them until the test itself begins."""
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(["127.0.0.0/8"], allow_unix_socket=True)


@contextlib.asynccontextmanager
async def simulated(specs: Iterable[CameraSpec]) -> AsyncIterator[Simulator]:
    """Run simulated cameras on loopback."""
    allow_loopback()
    async with Simulator(list(specs)) as simulator:
        yield simulator


async def go2rtc() -> Binary:
    """Return the go2rtc that the set-up brought, or the one on the path."""
    own = TOOLS / "go2rtc"
    return await find_binary(own if own.exists() else None)


def wrapper(folder: Path, real: Path, body: str) -> Path:
    """Write a program that does something before, or instead of, becoming the real go2rtc (`$REAL`)."""
    path = folder / "go2rtc"
    path.write_text(f'#!/bin/sh\nREAL={real}\n[ "$1" = -v ] && exec $REAL -v\n{body}\n')
    path.chmod(0o755)
    return path


async def make_server(
    *,
    binary: Binary | None = None,
    clock: Clock | None = None,
    on_state: Callable[[ServerState], None] = lambda _: None,
    turn: TakeTurn = no_gate,
    **settings: Any,
) -> StreamServer:
    """Return a stream server that stays on loopback; it is not started."""
    wanted = {"webrtc_port": free_port(), "webrtc_host": "127.0.0.1", "webrtc_on_loopback": True, **settings}
    return StreamServer(
        StreamServerSettings(binary or await go2rtc(), **wanted),
        clock=clock or SystemClock(),
        rng=random.Random(7),
        on_state=on_state,
        turn=turn,
    )


@contextlib.asynccontextmanager
async def running(**options: Any) -> AsyncIterator[StreamServer]:
    """Run a stream server on loopback."""
    server = await make_server(**options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def new_token() -> Secret:
    """Return a name for a restream."""
    return Secret(secrets.token_hex(16))


def source_of(link: str) -> Secret:
    """Return the source for a simulated camera's link."""
    return wyze_source(parse_wyze_link(link))


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> float:
    """Wait until something is true; returns the seconds it took, fails after the limit."""
    started = asyncio.get_running_loop().time()
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
    return asyncio.get_running_loop().time() - started


async def let_go(camera: Camera) -> float:
    """Wait until a camera has no session any more; returns the seconds it took.

    go2rtc hangs up in one breath with closing what it would say so over. Where it is interrupted there,
    as now and then on a busy machine, it says nothing, and the camera notices by the silence.
    """
    return await until(lambda: not camera.sessions, GONE_AFTER + 10)


def is_alive(pid: int) -> bool:
    """Tell whether a process lives; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def family(pid: int) -> set[int]:
    """Return a process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found, todo = set(), [pid]
    while todo:
        found.add(one := todo.pop())
        todo += parents.get(one, [])
    return found


def open_files(pid: int | str | None = "self") -> dict[str, str]:
    """Return what a process has open, by descriptor; this one unless another is named.

    Its claims of ports are left out: they stay open from the first one to the end of the process.
    """
    found = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        # What is closed meanwhile is not open.
        with contextlib.suppress(OSError):
            found[entry.name] = str(entry.readlink())
    return {number: file for number, file in found.items() if file != str(CLAIMED)}


def private_folders() -> set[Path]:
    """Return the folders of all stream servers on this machine."""
    bases = {Path(tempfile.gettempdir()), Path("/tmp"), Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")}
    return {path for base in bases for path in base.glob("wyze-local-*")}


async def decode(url: Secret, *, frames: int = 10, seconds: float = 20.0) -> int:
    """Return how many frames ffmpeg can decode from a restream, up to a number."""
    ffmpeg = shutil.which("ffmpeg") or "ffmpeg"
    process = await asyncio.create_subprocess_exec(
        ffmpeg,
        *("-v", "error", "-rtsp_transport", "tcp", "-i", url.reveal(), "-an"),
        *("-frames:v", str(frames), "-f", "framecrc", "-"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate()
    except TimeoutError:
        return 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return sum(line[:1] != b"#" for line in output.splitlines())


@contextlib.asynccontextmanager
async def watching(url: Secret) -> AsyncIterator[asyncio.StreamReader]:
    """Watch a restream for as long as the block lasts; frames come out as lines."""
    process = await asyncio.create_subprocess_exec(
        shutil.which("ffmpeg") or "ffmpeg",
        *(
            "-v",
            "quiet",
            "-rtsp_transport",
            "tcp",
            "-i",
            url.reveal(),
            "-an",
            "-f",
            "framecrc",
            "-flush_packets",
            "1",
            "-",
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def offer() -> str:
    """Return a browser's offer for video and sound, made up but valid."""
    media = "c=IN IP4 0.0.0.0\r\na=mid:{0}\r\na=recvonly\r\na=rtcp-mux\r\n"
    return (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
        "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=ice-options:trickle\r\n"
        f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\na=setup:actpass\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" + media.format(0) + "a=rtpmap:96 H264/90000\r\n"
        "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" + media.format(1) + "a=rtpmap:0 PCMU/8000\r\n"
    )
