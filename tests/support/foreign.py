"""A camera of another make: a plain go2rtc that serves a simulated camera by RTSP and HTTP, and its doors.

go2rtc asks nobody on loopback for a password, so RTSP goes through a door that does, by basic or digest
authentication, and that can be shut, frozen, or send visitors elsewhere.
"""

import asyncio
import base64
import contextlib
import functools
import hashlib
import json
import re
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp

from dev.benchmarks.go2rtc import find_go2rtc
from dev.home import ChildProcess
from dev.ports import free_port

STREAM = "camera"
USER, PASSWORD = "viewer", "c4n4ry p@ss:w/rd#1"
MODULES = ["api", "ws", "rtsp", "http", "mpegts", "mjpeg", "exec", "ffmpeg", "wyze"]
LOCK = {"username": USER, "password": PASSWORD, "local_auth": True}
START_TIMEOUT = 10.0


@dataclass
class ForeignServer:
    """The plain go2rtc."""

    folder: Path
    link: str
    rtsp_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    process: ChildProcess | None = None
    asks: bool = True
    """Whether HTTP wants user and password; its ONVIF knows none."""

    def http_url(self, what: str = "stream.ts", stream: str = STREAM) -> str:
        """Return the URL of a stream by HTTP; user and password are wanted there."""
        return f"http://127.0.0.1:{self.http_port}/api/{what}?src={stream}"

    async def start(self) -> None:
        """Start it, or start it again at the same ports."""
        config = {
            "app": {"modules": [*MODULES, "onvif"] if not self.asks else MODULES},
            "api": {"listen": f"127.0.0.1:{self.http_port}"} | (LOCK if self.asks else {}),
            "rtsp": {"listen": f"127.0.0.1:{self.rtsp_port}"},
            "streams": {
                STREAM: self.link,
                "mjpeg": f"ffmpeg:{STREAM}#video=mjpeg",
                "sound": f"rtsp://127.0.0.1:{self.rtsp_port}//{STREAM}?audio",
            },
            "log": {"level": "warn"},
        }
        path = self.folder / "foreign-go2rtc.yaml"
        path.write_text(json.dumps(config))
        command = [find_go2rtc(), "-c", str(path)]
        self.process = await ChildProcess.start(command, cwd=self.folder, log=self.folder / "foreign.log")
        async with asyncio.timeout(START_TIMEOUT), aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.get(f"http://127.0.0.1:{self.http_port}/api"):
                        _, writer = await asyncio.open_connection("127.0.0.1", self.rtsp_port)
                        writer.close()
                        return
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Take it away, as a power cut does."""
        if self.process is not None:
            self.process.kill()
            await self.process.stop()
            self.process = None


class Door:
    """An RTSP server's door, with a lock."""

    def __init__(self, behind: int, *, scheme: str = "digest", host: str = "127.0.0.1") -> None:
        """Lead to a port of loopback; `scheme` is digest, basic or open."""
        self.behind, self.scheme, self.host = behind, scheme, host
        self.port = 0
        self.user, self.password = USER, PASSWORD
        self.visitors = 0
        """Connections so far that were let in."""
        self.refused = 0
        """Requests so far with a wrong user or password."""
        self.elsewhere = ""
        """A URL to which all visitors are sent."""
        self._nonce = secrets.token_hex(8)
        self._frozen = asyncio.Event()
        self._frozen.set()
        self._listener: asyncio.Task[None] | None = None
        self._visits: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Open."""
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Shut."""
        await self.shut()

    @property
    def url(self) -> str:
        """The stream, without user and password."""
        return f"rtsp://{self.host}:{self.port}/{STREAM}"

    @property
    def inside(self) -> int:
        """How many visitors are there now."""
        return len(self._visits)

    async def open(self) -> None:
        """Open, again at the same port."""
        # While it is shut nobody else may take its port.
        self.port = self.port or free_port()
        listening = socket.create_server((self.host, self.port))
        listening.setblocking(False)
        self._listener = asyncio.create_task(self._accept(listening))

    async def shut(self) -> None:
        """Throw everybody out and refuse whoever comes, as a camera that reboots."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])
            self._listener = None
        for visit in tuple(self._visits):
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    def freeze(self) -> None:
        """Let nothing through any more, without hanging up."""
        self._frozen.clear()

    def abandon(self) -> None:
        """Say nothing more to those who are inside, for ever and without hanging up; newcomers are served."""
        self._frozen.clear()
        self._frozen = asyncio.Event()
        self._frozen.set()

    def thaw(self) -> None:
        """Let everything through again."""
        self._frozen.set()

    async def _accept(self, listening: socket.socket) -> None:
        # Not by the event loop's server: that one reports whoever comes just as it is closed as an error.
        with listening:
            while True:
                guest, _ = await asyncio.get_running_loop().sock_accept(listening)
                reader, writer = await asyncio.open_connection(sock=guest)
                visit = asyncio.create_task(self._visit(reader, writer))
                self._visits.add(visit)
                visit.add_done_callback(self._visits.discard)
                # A visit that ends before it has begun hangs up, too.
                visit.add_done_callback(functools.partial(_hang_up, writer))

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frozen = self._frozen
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.behind)
        except OSError:
            return
        pump = asyncio.create_task(self._pump(inner_reader, writer, frozen))
        try:
            await self._requests(reader, writer, inner_writer, frozen)
        except asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError:
            pass
        finally:
            pump.cancel()
            for end in (writer, inner_writer):
                end.transport.abort()

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        inner: asyncio.StreamWriter,
        frozen: asyncio.Event,
    ) -> None:
        known = False
        while first := await reader.readexactly(1):
            await frozen.wait()
            if first == b"$":
                head = await reader.readexactly(3)
                inner.write(first + head + await reader.readexactly(int.from_bytes(head[1:])))
                continue
            request = first + await reader.readuntil(b"\r\n\r\n")
            text = request.decode()
            sequence = re.search(r"(?im)^cseq:\s*(\d+)", text)
            number = sequence[1] if sequence else "0"
            if self.elsewhere:
                writer.write(
                    f"RTSP/1.0 302 Found\r\nCSeq: {number}\r\nLocation: {self.elsewhere}\r\n\r\n".encode()
                )
            elif self._lets_in(text):
                self.visitors += not known
                known = True
                inner.write(request)
            else:
                writer.write(
                    f"RTSP/1.0 401 Unauthorized\r\nCSeq: {number}\r\n"
                    f"WWW-Authenticate: {self._challenge}\r\n\r\n".encode()
                )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frozen: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            await frozen.wait()
            writer.write(data)
            await writer.drain()

    @property
    def _challenge(self) -> str:
        if self.scheme == "basic":
            return 'Basic realm="camera"'
        return f'Digest realm="camera", nonce="{self._nonce}"'

    def _lets_in(self, request: str) -> bool:
        if self.scheme == "open":
            return True
        given = re.search(r"(?im)^authorization:\s*(\w+)\s+(.+?)\r?$", request)
        if given is None:
            return False
        right = given[2] == self._answer(request, given[2])
        self.refused += not right
        return right

    def _answer(self, request: str, given: str) -> str:
        if self.scheme == "basic":
            return base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        parts = dict(re.findall(r'(\w+)="([^"]*)"', given))
        secret = _md5(f"{self.user}:camera:{self.password}")
        wanted = _md5(f"{secret}:{self._nonce}:{_md5(f'{request.split(maxsplit=1)[0]}:{parts.get("uri")}')}")
        return given if (parts.get("username"), parts.get("response")) == (self.user, wanted) else ""


def _hang_up(writer: asyncio.StreamWriter, _: object) -> None:
    writer.transport.abort()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@contextlib.asynccontextmanager
async def foreign_server(folder: Path, link: str) -> AsyncIterator[ForeignServer]:
    """Run the plain go2rtc for a simulated camera."""
    server = ForeignServer(folder, link)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
