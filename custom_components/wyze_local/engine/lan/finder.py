"""Finds a camera that is no longer where it was: asks where it may be, and believes a handshake only.

First the addresses that somebody suggests, then everybody on the attached networks at once, then, seldom,
the neighbours of the last address one by one. Whoever answers is a candidate; it is the camera once it has
completed a handshake with the camera's own key. What is sent is what every dial begins with.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from dataclasses import replace
from typing import Any

from ..model import CameraNetworks, Clock, Credentials, Secret
from . import places
from .errors import LanError, Reason
from .pace import Pace
from .prover import Prover
from .searcher import Searcher

REPEATS = 3
"""How often suggested addresses and networks are asked: any network loses a datagram."""

SPACING = 0.2
"""Seconds from one time to the next; also how long the last ones asked have time to answer."""

SWEEP_EVERY = 600.0
"""Seconds between two sweeps for the same camera, at the least."""

MAX_CANDIDATES = 12
"""Of so many at most a proof is sought in one search; who answers for all the others costs nothing more."""

AT_ONCE = 4
"""Proofs at once: who is slow to fail must not keep the camera waiting."""

PROOF_WITHIN = 6.0
"""Seconds for one proof; a camera that has just answered needs a fraction of one."""


class Finder:
    """Searches for cameras, any number at once, at one pace together."""

    def __init__(self, clock: Clock, turn: Callable[[], Awaitable[None]], prover: Prover) -> None:
        """Seek proofs with the prover, each only after its turn has come."""
        self._clock = clock
        self._turn = turn
        self._prover = prover
        self._pace = Pace(clock)
        self._swept: dict[Secret, float] = {}
        """When the neighbours were last asked for a camera, by its P2P id; while that matters."""

    async def find(
        self,
        credentials: Credentials,
        networks: CameraNetworks,
        *,
        attached: Iterable[str] = (),
        hints: Iterable[str] = (),
    ) -> str:
        """Return the address at which the camera has proved itself; never the one that is known.

        `attached` are this machine's own networks, `hints` addresses that somebody suggests. Nothing leaves
        the camera networks. Cancelled, it stops at once. Raises LanError: `no_answer`, `blocked`.
        """
        known = credentials.address.reveal()
        hearing = _Hearing(lambda address: self._prove(credentials, networks, address))

        def on_answer(address: str) -> None:
            if address in networks and address != known:
                hearing.note(address)

        try:
            with closing(Searcher(credentials, self._pace, on_answer)) as searcher:
                async with asyncio.TaskGroup() as group:
                    asking = group.create_task(
                        self._ask(searcher, credentials, networks, tuple(attached), tuple(hints))
                    )
                    found = await hearing.outcome(asking)
                    asking.cancel()
        finally:
            await hearing.close()
        if found is None:
            raise LanError(Reason.NO_ANSWER, "nowhere to be found")
        return found

    async def _ask(
        self,
        searcher: Searcher,
        credentials: Credentials,
        networks: CameraNetworks,
        attached: tuple[str, ...],
        hints: tuple[str, ...],
    ) -> None:
        """Ask everybody who may be the camera, the likeliest first."""
        known = credentials.address.reveal()
        for addresses in (places.hinted(hints, known, networks), places.broadcasts(attached, networks)):
            for _ in range(REPEATS if addresses else 0):
                for address in addresses:
                    await searcher.ask(address)
                await self._clock.sleep(SPACING)
        if self._may_sweep(credentials.uid):
            for address in places.neighbours(known, networks):
                await searcher.ask(address)
            await self._clock.sleep(SPACING)

    def _may_sweep(self, uid: Secret) -> bool:
        """Tell whether the neighbours may be asked again, and note that they are."""
        now = self._clock.monotonic()
        self._swept = {one: at for one, at in self._swept.items() if now - at < SWEEP_EVERY}
        if uid in self._swept:
            return False
        self._swept[uid] = now
        return True

    async def _prove(self, credentials: Credentials, networks: CameraNetworks, address: str) -> bool:
        """Tell whether the camera is at an address."""
        await self._turn()
        try:
            async with asyncio.timeout(PROOF_WITHIN):
                await self._prover.prove(replace(credentials, address=Secret(address)), networks)
        except LanError, TimeoutError:
            return False
        return True


class _Hearing:
    """Seeks proofs of those who answer while others are still asked; the first that has one wins."""

    def __init__(self, prove: Callable[[str], Awaitable[bool]]) -> None:
        self._prove = prove
        self._candidates: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def note(self, address: str) -> None:
        """Take somebody who answered; nobody is heard twice."""
        if address not in self._candidates and len(self._candidates) < MAX_CANDIDATES:
            self._candidates[address] = asyncio.create_task(self._hear(address), name="candidate")

    async def _hear(self, address: str) -> None:
        async with self._places:
            if await self._prove(address) and not self._found.done():
                self._found.set_result(address)

    async def outcome(self, asking: asyncio.Task[None]) -> str | None:
        """Return who proved itself; None once all have been asked and none of those who answered did."""
        open_ones: set[asyncio.Future[None]] = {asking}
        while open_ones:
            news: set[asyncio.Future[Any]] = {*open_ones, self._found}
            await asyncio.wait(news, return_when=asyncio.FIRST_COMPLETED)
            if self._found.done():
                return self._found.result()
            open_ones = {one for one in (asking, *self._candidates.values()) if not one.done()}
        return None

    async def close(self) -> None:
        """Hear nobody any more."""
        self._found.cancel()
        for task in self._candidates.values():
            task.cancel()
        await asyncio.gather(*self._candidates.values(), return_exceptions=True)
