"""What a camera does without internet. A person cuts it off, and this watches what happens.

Three trials: does a session that stands go on, is a new one let in, and does the camera come back after a
power cut. Whoever frees the house from the vendor's cloud wants to know before.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ..lan import LanError, LanSession, MediaFrame
from ..model import CameraNetworks, Clock, Credentials
from .values import Cue, Ending, Offline, Trial

STANDS = 60.0
"""Seconds that a session is watched after the internet was cut off."""
STALL = 8.0
"""Seconds without a picture after which it has ended."""
COMES_BACK = 180.0
"""Seconds that a camera may take to come back."""
_AGAIN = 3.0
"""Seconds between two tries."""


type Ask = Callable[[Cue], Awaitable[bool]]
"""Asks the person; false ends the trials here."""


async def try_offline(
    credentials: Credentials,
    networks: CameraNetworks,
    *,
    clock: Clock,
    ask: Ask,
    stands: float = STANDS,
    within: float = COMES_BACK,
) -> Offline:
    """Go through the trials for as long as the person goes along; raises nothing of the camera's.

    `stands` is for how many seconds a session is watched, `within` how many the camera has to come back.
    """
    offline = Offline()
    visit = _Visit(credentials, networks, clock)
    entered = await visit.enter()
    try:
        if not await ask(Cue.CUT):
            return offline
        if entered:
            offline.outcomes[Trial.GOES_ON] = _ending(await visit.goes_on(stands))
    finally:
        await visit.leave()
    offline.outcomes[Trial.LETS_IN] = _ending(await visit.comes_back(STALL))
    await visit.leave()
    if await ask(Cue.POWER):
        offline.outcomes[Trial.COMES_BACK] = _ending(await visit.comes_back(within))
        await visit.leave()
    return offline


def _ending(good: bool) -> Ending:
    return Ending.YES if good else Ending.NO


class _Visit:
    """One session after the other, and whether pictures come."""

    def __init__(self, credentials: Credentials, networks: CameraNetworks, clock: Clock) -> None:
        self._credentials = credentials
        self._networks = networks
        self._clock = clock
        self._session: LanSession | None = None
        self._picture = asyncio.Event()
        self._seen_at = 0.0

    async def enter(self) -> bool:
        """Open a session; tells whether that worked."""
        with suppress(LanError):
            self._session = await LanSession.open(
                self._credentials,
                clock=self._clock,
                on_frame=self._on_frame,
                on_end=lambda _: None,
                networks=self._networks,
            )
            return True
        return False

    async def leave(self) -> None:
        """Hang up."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def goes_on(self, seconds: float) -> bool:
        """Tell whether pictures keep coming for so long."""
        end = self._clock.monotonic() + seconds
        self._seen_at = self._clock.monotonic()
        while (left := end - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(1.0, left))
            if self._clock.monotonic() - self._seen_at > STALL:
                return False
        return self._session is not None and self._session.ended is None

    async def comes_back(self, within: float) -> bool:
        """Tell whether a new session brings a picture, trying for so many seconds."""
        end = self._clock.monotonic() + within
        while True:
            if await self.enter() and await self._picture_within(STALL):
                return True
            await self.leave()
            if self._clock.monotonic() >= end:
                return False
            await self._clock.sleep(_AGAIN)

    async def _picture_within(self, seconds: float) -> bool:
        self._picture.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._picture.wait()
        return self._picture.is_set()

    def _on_frame(self, _frame: MediaFrame) -> None:
        self._seen_at = self._clock.monotonic()
        self._picture.set()
