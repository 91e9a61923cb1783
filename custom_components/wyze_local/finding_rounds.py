"""How often cameras are looked for: the pauses between searches, and between tries of what was heard.

Both go on whatever happens: a search whose own code is wrong is made again like any other, and whoever forges
leases by the hundred has the newest one tried, and no more than one every few seconds.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from random import Random

from .const import LOGGER
from .engine.model import Clock, Secret

PAUSES = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds between the searches for a camera, the last one again and again: many are just starting."""

JITTER = 0.2

HEARD_EVERY = 10.0
"""Seconds between two tries of addresses that one camera is said to have."""


async def search_on(find: Callable[[], Awaitable[None]], clock: Clock, rng: Random) -> None:
    """Search again and again until this is ended, which what is found does."""
    wrong = False
    for number in itertools.count(1):
        try:
            await find()
        except Exception:  # noqa: BLE001 - logged, and made again
            # A camera that nobody looks for any more would stay away for good; the log needs it once.
            if not wrong:
                LOGGER.exception("A search for a camera went wrong; it goes on")
            wrong = True
        pause = PAUSES[min(number, len(PAUSES) - 1)]
        await clock.sleep(pause * (1 + rng.uniform(-JITTER, JITTER)))


class Heard:
    """The addresses that cameras are said to have, each camera's newest: tried at once, and not too often."""

    def __init__(
        self,
        attempt: Callable[[str, Secret], Awaitable[None]],
        clock: Clock,
        spawn: Callable[[Awaitable[None]], asyncio.Task[None]],
    ) -> None:
        """Call `attempt` with a camera and an address, in tasks that `spawn` owns."""
        self._attempt = attempt
        self._clock = clock
        self._spawn = spawn
        self._newest: dict[str, Secret] = {}
        self._trying: dict[str, asyncio.Task[None]] = {}

    def hear(self, camera_key: str, address: Secret) -> None:
        """Have an address tried, instead of any other that waits."""
        self._newest[camera_key] = address
        if camera_key not in self._trying:
            self._trying[camera_key] = self._spawn(self._try(camera_key))

    async def _try(self, camera_key: str) -> None:
        try:
            while (address := self._newest.pop(camera_key, None)) is not None:
                try:
                    await self._attempt(camera_key, address)
                except Exception:  # noqa: BLE001 - logged, and the next one is tried
                    LOGGER.exception("An address could not be tried")
                await self._clock.sleep(HEARD_EVERY)
        finally:
            self._newest.pop(camera_key, None)
            self._trying.pop(camera_key, None)
