"""Finds a camera that is no longer where it was: asks where it may be, and believes a handshake only.

First the addresses that somebody suggests, then everybody on the attached networks at once, then, seldom,
the neighbours of the last address one by one. Whoever answers is a candidate; it is the camera once it has
completed a handshake with the camera's own key. What is sent is what every dial begins with.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import closing
from dataclasses import replace

from ..model import CameraNetworks, Clock, Credentials, Secret
from . import places
from .errors import LanError, Reason
from .hearing import Hearing
from .pace import Pace
from .prover import Prover
from .searcher import Searcher

REPEATS = 3
"""How often suggested addresses and networks are asked: any network loses a datagram."""

SPACING = 0.2
"""Seconds from one time to the next; also how long the last ones asked have time to answer."""

SWEEP_EVERY = 600.0
"""Seconds between two sweeps for the same camera, at the least."""

SWEEP_AGAIN = 30.0
"""Seconds where the search with the first was broken off: who would have answered nobody knows."""

SEARCH_WITHIN = 100.0
"""Seconds that one search may take, however many answer; the gate says how many proofs that are."""

PROOF_WITHIN = 6.0
"""Seconds for one proof; a camera that has just answered needs a fraction of one."""


class Finder:
    """Searches for cameras, any number at once, at one pace together."""

    def __init__(
        self, clock: Clock, rng: random.Random, turn: Callable[[bool], Awaitable[None]], prover: Prover
    ) -> None:
        """Seek proofs with the prover, each only after its turn, urgent or not, has come."""
        self._clock = clock
        self._rng = rng
        self._turn = turn
        self._prover = prover
        self._pace = Pace(clock)
        self._swept: dict[Secret, float] = {}
        """Until when the neighbours are not asked for a camera again, by its P2P id."""

    async def find(
        self,
        credentials: Credentials,
        networks: CameraNetworks,
        *,
        attached: Iterable[str] = (),
        hints: Iterable[str] = (),
        taken: Iterable[str] = (),
    ) -> str:
        """Return the address at which the camera has proved itself; never the one that is known.

        `attached` are this machine's own networks, `hints` addresses that somebody suggests, `taken` those at
        which somebody else has proved itself. Nothing leaves the camera networks. Ends within 100 s;
        cancelled, it stops at once. Raises LanError: `no_answer`, `blocked`.
        """
        elsewhere = frozenset((credentials.address.reveal(), *taken))
        suggested = places.hinted(hints, elsewhere, networks)
        around = self._around(credentials, networks, elsewhere)

        async def prove(address: str, urgent: bool) -> bool:
            await self._turn(urgent)
            return await self._prove(replace(credentials, address=Secret(address)), networks)

        hearing = Hearing(prove, suggested, self._rng.getrandbits(64))

        def on_answer(address: str) -> None:
            if address in networks and address not in elsewhere:
                hearing.note(address)

        try:
            with closing(Searcher(credentials, self._pace, on_answer)) as searcher:
                async with asyncio.TaskGroup() as group:
                    limit = group.create_task(self._clock.sleep(SEARCH_WITHIN))
                    asked = suggested, places.broadcasts(attached, networks)
                    asking = group.create_task(self._ask(searcher, credentials.uid, asked, around))
                    found = await hearing.outcome(asking, limit)
                    asking.cancel()
                    limit.cancel()
        finally:
            await hearing.close()
        if found is None:
            if around:
                self._swept[credentials.uid] = self._clock.monotonic() + SWEEP_EVERY
            raise LanError(Reason.NO_ANSWER, "nowhere to be found")
        self._swept.pop(credentials.uid, None)  # If it moves again, that is another search.
        return found

    async def _ask(
        self, searcher: Searcher, uid: Secret, asked: Iterable[Collection[str]], around: Collection[str]
    ) -> None:
        """Ask everybody who may be the camera, the likeliest first."""
        for addresses in asked:
            for _ in range(REPEATS if addresses else 0):
                for address in addresses:
                    await searcher.ask(address)
                await self._clock.sleep(SPACING)
        if around:
            # Not sooner: a search that ends before it comes to this has asked nobody.
            self._swept[uid] = self._clock.monotonic() + SWEEP_AGAIN
        for address in around:
            await searcher.ask(address)
        if around:
            await self._clock.sleep(SPACING)

    def _around(
        self, credentials: Credentials, networks: CameraNetworks, elsewhere: Collection[str]
    ) -> list[str]:
        """Return the neighbours to be asked one by one; none while they are not to be asked again."""
        if not self._may_sweep(credentials.uid):
            return []
        found = places.neighbours(credentials.address.reveal(), networks)
        return [address for address in found if address not in elsewhere]

    def _may_sweep(self, uid: Secret) -> bool:
        """Tell whether the neighbours may be asked again."""
        now = self._clock.monotonic()
        self._swept = {one: until for one, until in self._swept.items() if now < until}
        return uid not in self._swept

    async def _prove(self, credentials: Credentials, networks: CameraNetworks) -> bool:
        """Tell whether the camera is where these credentials say."""
        try:
            async with asyncio.timeout(PROOF_WITHIN):
                await self._prover.prove(credentials, networks)
        except LanError, TimeoutError:
            return False
        return True
