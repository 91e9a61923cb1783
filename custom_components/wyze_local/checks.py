"""Looks at the cameras that nobody watches: seldom while all is well, sooner after a failure.

A check asks for a still, which proves the camera and renews its picture in one connection; only when
that brings nothing is the camera dialled for the reason.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .engine.model import Clock

CHECK_SECONDS = 300.0
RETRY_SECONDS = (15.0, 30.0, 60.0, 120.0, 300.0)
JITTER = 0.2
AT_ONCE = 4
SPACING = 0.4
"""Seconds between the starts of two checks: at most 2.5 handshakes per second over all cameras."""

LONGEST_PAUSE = 5.0
"""Seconds until a camera that somebody stopped watching is noticed to be due."""


@dataclass(slots=True)
class _Plan:
    at: float = 0.0
    failures: int = 0
    running: bool = False


class Checks:
    """Plans and runs the checks of one entry's cameras."""

    def __init__(
        self,
        check: Callable[[str], Awaitable[None]],
        *,
        wanted: Callable[[str], bool],
        clock: Clock,
        rng: random.Random,
        spawn: Callable[[Awaitable[None]], asyncio.Task[None]],
    ) -> None:
        """Take what checks a camera, and what says whether it may be checked at this moment."""
        self._check = check
        self._wanted = wanted
        self._clock = clock
        self._rng = rng
        self._spawn = spawn
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._plans: dict[str, _Plan] = {}
        self._changed = asyncio.Event()

    def add(self, camera_key: str) -> None:
        """Check a camera from now on, at once for the first time."""
        self._plans[camera_key] = _Plan()
        self._changed.set()

    def remove(self, camera_key: str) -> None:
        """Check a camera no more."""
        self._plans.pop(camera_key, None)

    def soon(self, camera_key: str) -> None:
        """Check a camera as soon as its turn comes."""
        if (plan := self._plans.get(camera_key)) is not None:
            plan.at = 0.0
            self._changed.set()

    def answered(self, camera_key: str) -> None:
        """Note that a camera showed life."""
        if (plan := self._plans.get(camera_key)) is not None:
            plan.failures = 0
            self._schedule(plan, CHECK_SECONDS)

    def failed(self, camera_key: str) -> None:
        """Note that a camera could not be reached."""
        if (plan := self._plans.get(camera_key)) is not None:
            self._schedule(plan, RETRY_SECONDS[min(plan.failures, len(RETRY_SECONDS) - 1)])
            plan.failures += 1

    def _schedule(self, plan: _Plan, seconds: float) -> None:
        plan.at = self._clock.monotonic() + seconds * (1 + self._rng.uniform(-JITTER, JITTER))

    async def run(self) -> None:
        """Check for ever; to be cancelled."""
        while True:
            self._changed.clear()
            if (camera_key := self._due()) is None:
                await self._pause()
                continue
            plan = self._plans[camera_key]
            plan.running = True
            await self._gate.acquire()
            self._spawn(self._one(camera_key, plan))
            await self._clock.sleep(SPACING)

    def _due(self) -> str | None:
        """Return the camera that has been due longest."""
        now = self._clock.monotonic()
        due = [
            (plan.at, camera_key)
            for camera_key, plan in self._plans.items()
            if plan.at <= now and not plan.running and self._wanted(camera_key)
        ]
        return min(due)[1] if due else None

    async def _pause(self) -> None:
        """Wait until something may be due."""
        waits = (
            asyncio.ensure_future(self._clock.sleep(LONGEST_PAUSE)),
            asyncio.ensure_future(self._changed.wait()),
        )
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _one(self, camera_key: str, plan: _Plan) -> None:
        try:
            await self._check(camera_key)
        finally:
            plan.running = False
            self._gate.release()
