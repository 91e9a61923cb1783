"""Whose turn it is to be dialled by go2rtc, where it holds the sessions itself.

Somewhere outside there is one gate for all dials, so that many cameras take few sessions at once. Whoever is
about to make go2rtc dial waits there first; who wants the same camera at the same time waits along with him,
for go2rtc dials once for all of them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ..model import Clock

TOGETHER = 3.0
"""Seconds after a camera's turn in which whoever else comes goes along: go2rtc is just dialling."""

type TakeTurn = Callable[[str], Awaitable[None]]
"""Waits until one more dial may go, given the camera's key; empty for one that has none here.

Raises nothing; where there is no gate, it returns at once.
"""


async def no_gate(_camera_key: str) -> None:
    """Let everybody dial."""


@dataclass(slots=True)
class _Camera:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    passed_at: float = float("-inf")


class Turns:
    """The turns of the cameras at one go2rtc."""

    def __init__(self, clock: Clock, take: TakeTurn) -> None:
        """Take what waits at the gate."""
        self._clock = clock
        self.take = take
        self._cameras: dict[str, _Camera] = {}

    async def of(self, camera_key: str) -> None:
        """Wait until go2rtc may dial a camera."""
        camera = self._cameras.setdefault(camera_key, _Camera())
        async with camera.lock:
            if self._clock.monotonic() - camera.passed_at >= TOGETHER:
                await self.take(camera_key)
                camera.passed_at = self._clock.monotonic()

    def forget(self, camera_key: str) -> None:
        """Forget a camera that is gone."""
        self._cameras.pop(camera_key, None)
