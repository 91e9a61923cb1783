"""A go2rtc that somebody else runs: a process of its own with a file of its own, on an address of its own."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from dev.ports import free_port
from tests.support.streaming import TOOLS

USER = "frigate"
PASSWORD = "not-for-logs-4711"
OTHERS = "other_people"
"""A stream that is none of ours, and stands in the file."""

CONFIG = """# Somebody wrote this by hand.
api:
  listen: "{host}:{api}"
  username: {user}
  password: {password}
  local_auth: true
rtsp:
  listen: "{host}:{rtsp}"
webrtc:
  listen: "{host}:{webrtc}"
  ice_servers: []
  filters:
    loopback: true
streams:
  {others}: rtsp://127.0.0.1:9/nothing   # a comment that a rewrite would lose
log:
  level: warn
"""


@dataclass
class External:
    """A go2rtc that is no child of ours."""

    folder: Path
    binary: Path = TOOLS / "go2rtc"
    host: str = "127.0.0.1"
    user: str = USER
    password: str = PASSWORD
    config: str = CONFIG
    api: int = field(default_factory=free_port)
    rtsp: int = field(default_factory=free_port)
    webrtc: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Its address as a person types it."""
        return f"http://{self.host}:{self.api}"

    @property
    def file(self) -> Path:
        """Its configuration."""
        return self.folder / "go2rtc.yaml"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        if not self.file.exists():
            self.file.write_text(
                self.config.format(
                    host=self.host, api=self.api, rtsp=self.rtsp, webrtc=self.webrtc,
                    user=self.user, password=self.password, others=OTHERS,
                )
            )  # fmt: skip
        quiet = asyncio.subprocess.DEVNULL
        self.process = await asyncio.create_subprocess_exec(
            self.binary, "-c", str(self.file), stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        async with asyncio.timeout(10):
            while not await self._answers():
                await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        # Names are read from a map that it is still filling at first; this asks for none.
        try:
            _, writer = await asyncio.open_connection(self.host, self.rtsp)
            writer.close()
            return "version" in await self.ask("api")
        except OSError, aiohttp.ClientError:
            return False

    async def ask(self, path: str) -> dict[str, object]:
        """Ask its API as its owner does."""
        headers = {"Authorization": aiohttp.encode_basic_auth(self.user, self.password)}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(f"{self.url}/{path}") as response,
        ):
            return dict(json.loads(await response.read()))

    async def names(self) -> set[str]:
        """Return the names of its streams."""
        return set(await self.ask("api/streams"))

    async def forget(self, name: str) -> None:
        """Delete one of its streams, as its owner may."""
        headers = {"Authorization": aiohttp.encode_basic_auth(self.user, self.password)}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.delete(f"{self.url}/api/streams", params={"src": name}) as response,
        ):
            assert response.ok

    async def kill(self) -> None:
        """End it without asking."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    async def restart(self) -> None:
        """End it and start it again: what was in memory only is gone."""
        await self.kill()
        await self.start()


@contextlib.asynccontextmanager
async def external_go2rtc(folder: Path, **options: object) -> AsyncIterator[External]:
    """Run one for as long as the block lasts."""
    running = External(folder, **options)  # type: ignore[arg-type]
    await running.start()
    try:
        yield running
    finally:
        await running.kill()
