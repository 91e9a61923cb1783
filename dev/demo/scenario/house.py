"""The house in which a scenario plays: its cameras, what Home Assistant says of them, and its processes."""

import contextlib
import time
from types import TracebackType
from typing import Any, Self

from ..cameras import SimulatedCamera
from ..stage import Demo
from .states import States


class House:
    """The demo, with eyes on its connection sensors, while the `async with` block runs."""

    def __init__(self, demo: Demo) -> None:
        """Take a demo that stands."""
        self.demo = demo
        self.simulator = demo.simulator
        self.faulty, self.calm = demo.simulator.cameras
        self.states = States()
        self._eyes = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the eyes."""
        await self._look()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Shut them."""
        await self._eyes.aclose()

    async def _look(self) -> None:
        await self._eyes.enter_async_context(self.states.follow(self.demo.home.client))

    @property
    def pid(self) -> int:
        """The process id of Home Assistant."""
        return self.demo.home.process.pid

    async def restart(self) -> float:
        """Restart Home Assistant; returns when all of it was up, as a Unix time."""
        await self._eyes.aclose()
        await self.demo.home.restart()
        up = time.time()
        await self._look()
        return up

    async def repair(self, issue_id: str) -> dict[str, Any] | None:
        """Return the integration's repair of that id, None while there is none."""
        found = await self.demo.home.client.command("repairs/list_issues")
        ours = [
            issue
            for issue in found["issues"]
            if (issue["domain"], issue["issue_id"]) == ("wyze_local", issue_id)
        ]
        return ours[0] if ours else None


def connection(camera: SimulatedCamera) -> str:
    """Return a camera's connection sensor."""
    return f"sensor.{camera.name}_connection"
