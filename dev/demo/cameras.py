"""The simulator as a child process, and its control API."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from dev.home import ChildProcess
from dev.home.folder import ROOT

# Making the pictures takes a while the very first time; later they come from a cache.
START_TIMEOUT = 180.0

DEMO = ("--cameras", "demo")
"""The demo's three cameras."""

HOUSE = ("--cameras", "house")
"""Five cameras, for an account."""


class SimulatorError(Exception):
    """The simulator did not start; the message says why."""


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    """What the demo knows of a camera."""

    name: str
    link: str
    video: str
    loop_frames: int

    @property
    def title(self) -> str:
        """The name that the person gives it."""
        return self.name.capitalize()

    @property
    def entity_id(self) -> str:
        """The camera entity that Home Assistant makes of the name."""
        return f"camera.{self.name}"

    def secrets(self) -> dict[str, str]:
        """Return the keys in the link, by what they are; none may appear in any log."""
        query = dict(parse_qsl(urlsplit(self.link).query))
        return {kind: query[kind] for kind in ("uid", "enr", "mac")}


class SimulatorProcess:
    """The simulator, running."""

    def __init__(self, process: ChildProcess, control: int, account: dict[str, str] | None) -> None:
        """Take a started simulator; use `start`."""
        self.cameras: list[SimulatedCamera] = []
        self.account = account
        """What the person types whose cameras these are, and `file`, which tells where the cloud is."""
        self.control_url = f"http://127.0.0.1:{control}"
        self._process = process
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    @classmethod
    async def start(cls, log: Path, arguments: Sequence[str] = DEMO, *, cloud: Path | None = None) -> Self:
        """Start it and wait until its cameras answer; raises SimulatorError.

        `arguments` are those of its command that say which cameras there are; `cloud` is a folder for what
        the fake vendor cloud tells of itself, and None where none is wanted.
        """
        more = () if cloud is None else ("--cloud", cloud)
        process = await ChildProcess.start(
            [sys.executable, "-m", "dev.simulator", *arguments, *more, "--control", "0", "--json"],
            cwd=ROOT,
            log=log,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(START_TIMEOUT):
                line = await process.stdout.readline()
            if not line:
                raise SimulatorError(f"The simulator ended; see {log}.")
            ready = json.loads(line)
            started = cls(process, ready["control"], ready["cloud"])
        except BaseException:
            await process.stop()
            raise
        try:
            await started._describe()
        except BaseException:
            await started.stop()
            raise
        return started

    async def _describe(self) -> None:
        self.cameras = [
            SimulatedCamera(found["name"], found["link"], found["video"], found["loop_frames"])
            for found in await self.look()
        ]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def look(self) -> list[dict[str, Any]]:
        """Return all cameras as the control API describes them."""
        return list((await self._get("/cameras"))["cameras"])

    async def stop(self) -> None:
        """Stop it."""
        await self._session.close()
        await self._process.stop()

    async def sent(self, name: str) -> dict[int, list[float]]:
        """Return when each frame number was sent, as Unix times in seconds, oldest first."""
        times: dict[int, list[float]] = {}
        for entry in (await self._get(f"/cameras/{name}/sent"))["sent"]:
            times.setdefault(entry["frame"], []).append(entry["wall"])
        return times

    async def frames_sent(self, name: str) -> int:
        """Return how many frames a camera has sent since it was made."""
        return int((await self.camera(name))["counters"]["frames_sent"])

    async def camera(self, name: str) -> dict[str, Any]:
        """Return a camera as the control API describes it."""
        return dict(await self._get(f"/cameras/{name}"))

    async def walks(self, name: str) -> list[dict[str, Any]]:
        """Return who was in a camera's picture when: the first frame with somebody, and the first without."""
        return list((await self._get(f"/cameras/{name}/walks"))["walks"])

    async def trouble(self, name: str, trouble: str, **body: Any) -> None:
        """Give a camera a trouble of the control API, or take all away with `resume`."""
        await self._post(f"/cameras/{name}/{trouble}", body)

    async def tell_cloud(self, path: str, **body: Any) -> Any:
        """Give the fake cloud an order or a fault: what comes after `/cloud/` in its control API."""
        return await self._post(f"/cloud/{path}", body)

    async def ask_cloud(self, path: str) -> Any:
        """Return what the fake cloud's control API tells under `/cloud/`."""
        return await self._get(f"/cloud/{path}")

    async def _post(self, path: str, body: Any) -> Any:
        async with self._session.post(f"{self.control_url}{path}", json=body) as response:
            response.raise_for_status()
            return await response.json()

    async def _get(self, path: str) -> Any:
        async with self._session.get(f"{self.control_url}{path}") as response:
            response.raise_for_status()
            return await response.json()
