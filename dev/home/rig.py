"""Home Assistant as a child process: started, signed in, stopped without a trace."""

import asyncio
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from dev.ports import free_port

from . import folder as config_folder
from .client import Client
from .processes import ChildProcess

USERNAME = "demo"
PASSWORD = "demo-demo"  # noqa: S105 - printed to whoever runs the demo; it opens nothing but that
START_TIMEOUT = 90.0
RESTART_EXIT_CODE = 100

ROOT = config_folder.ROOT


class RigError(Exception):
    """Home Assistant did not start; the message says why."""


class HomeAssistantRig:
    """A real Home Assistant on 127.0.0.1 whose configuration lies in `folder`.

    `prepare` names the function ("module:function") that sets the integration's environment in the
    child process. The folder is made when it is not there; it is left where it is.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        log_level: str = "info",
        prepare: str = "dev.home.launcher:prepare",
        environment: dict[str, str] | None = None,
        more: str = "",
    ) -> None:
        """Choose a port; nothing starts before `start`. `more` is added to the configuration, as YAML."""
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start_seconds = 0.0
        """How long the last start took until everything was set up."""
        self._log_level = log_level
        self._prepare = prepare
        self._environment = environment or {}
        self._more = more
        self._process: ChildProcess | None = None
        self._client: Client | None = None
        self._refresh_token: str | None = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    @property
    def log_path(self) -> Path:
        """Home Assistant's log."""
        return self.folder / "home-assistant.log"

    @property
    def client(self) -> Client:
        """A signed-in client, while Home Assistant runs."""
        assert self._client is not None
        return self._client

    @property
    def client_id(self) -> str:
        """What the frontend calls itself when it signs in."""
        return f"{self.url}/"

    @property
    def process(self) -> ChildProcess:
        """The process, while there is one."""
        assert self._process is not None
        return self._process

    async def start(self) -> None:
        """Start, create the user at the first time, and sign in; raises RigError."""
        began = time.monotonic()
        if not (self.folder / "configuration.yaml").exists():
            config_folder.write(self.folder, self.port, log_level=self._log_level, more=self._more)
        self._process = await ChildProcess.start(
            [
                *(sys.executable, "-m", "dev.home.launcher", "--prepare", self._prepare, "--"),
                *("--config", self.folder, "--skip-pip", "--log-no-color"),
            ],
            env=self._child_environment(),
            cwd=self.folder,
            log=self.folder / "console.log",
        )
        try:
            await self._wait_until_up()
            self._client = await Client(self.url, await self._sign_in()).connect()
            await self._wait_until_running(self._client)
        except BaseException:
            await self.stop()
            raise
        self.start_seconds = time.monotonic() - began

    async def stop(self) -> None:
        """Stop Home Assistant and everything that it started."""
        client, self._client = self._client, None
        process, self._process = self._process, None
        if client is not None:
            await client.close()
        if process is not None:
            await process.stop()

    async def restart(self, *, kill: bool = False) -> None:
        """Stop it, by a power cut if `kill`, and start it again with the same folder."""
        if kill:
            self.process.kill()
            await self.process.wait()
        await self.stop()
        await self.start()

    async def wait(self) -> int:
        """Wait for the end of Home Assistant; returns its exit status."""
        return await self.process.wait()

    def log(self) -> str:
        """Return what Home Assistant logged, with what it printed."""
        texts = [
            path.read_text(errors="replace")
            for path in (self.log_path, self.folder / "console.log")
            if path.exists()
        ]
        return "\n".join(texts)

    def _child_environment(self) -> dict[str, str]:
        """Return the environment: this repository, the stand-ins, and the programs that were brought."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        return (
            kept
            | {
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "dev" / "stubs")]),
                "PATH": os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", os.defpath)]),
            }
            | self._environment
        )

    async def _wait_until_up(self) -> None:
        """Wait until the frontend's page is served."""
        try:
            async with asyncio.timeout(START_TIMEOUT), aiohttp.ClientSession() as session:
                while self.process.returncode is None:
                    if await _is_up(session, self.url):
                        return
                    await asyncio.sleep(0.1)
        except TimeoutError as err:
            raise RigError(
                f"Home Assistant did not answer within {START_TIMEOUT:.0f} s\n{self._tail()}"
            ) from err
        raise RigError(f"Home Assistant ended with status {self.process.returncode}\n{self._tail()}")

    async def _wait_until_running(self, client: Client) -> None:
        """Wait until everything that starts with Home Assistant has been set up."""
        async with asyncio.timeout(START_TIMEOUT):
            while True:
                if (await client.rest("GET", "/api/core/state"))["state"] == "RUNNING":
                    return
                await asyncio.sleep(0.05)

    def _tail(self) -> str:
        return "\n".join(self.log().splitlines()[-30:])

    async def _sign_in(self) -> str:
        """Return an access token: the first user's at the first start, a refreshed one later."""
        async with aiohttp.ClientSession(self.url) as session:
            if self._refresh_token is None:
                user = {"name": "Demo", "username": USERNAME, "password": PASSWORD}
                more = {"client_id": self.client_id, "language": "en"}
                async with session.post("/api/onboarding/users", json=user | more) as response:
                    response.raise_for_status()
                    grant = {"grant_type": "authorization_code", "code": (await response.json())["auth_code"]}
            else:
                grant = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
            async with session.post("/auth/token", data=grant | {"client_id": self.client_id}) as response:
                response.raise_for_status()
                tokens = await response.json()
        self._refresh_token = tokens.get("refresh_token", self._refresh_token)
        return str(tokens["access_token"])


async def _is_up(session: aiohttp.ClientSession, url: str) -> bool:
    """Tell whether Home Assistant has set up everything that it starts with."""
    try:
        async with session.get(f"{url}/api/onboarding", timeout=aiohttp.ClientTimeout(total=5)) as response:
            return response.status < 500
    except aiohttp.ClientError, TimeoutError:
        return False
