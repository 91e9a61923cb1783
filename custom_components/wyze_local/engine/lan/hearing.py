"""Hears those who answer a search, a few at once, until one of them proves to be the camera.

Anybody on the network can answer, under as many addresses as there are. So who was suggested goes first, of
all others chance says who is next, and what a flood costs is decided by the places, by the room in which
candidates wait, and by whoever ends the search.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Container
from typing import Any

AT_ONCE = 8
"""Proofs at once: who is slow to fail must not keep the camera waiting."""

URGENT = 8
"""So many proofs of one search, and those of suggested addresses, are as urgent as a person's wish.

The others wait among all other dials: a search that hears many keeps no camera from its viewers.
"""

MAX_WAITING = 256
"""Candidates that wait for a place; more than can be heard in the time that a search has."""

type _Candidate = tuple[bool, int, str]
"""Sorts as it is heard: suggested ones first, then by lot."""


class Hearing:
    """Seeks proofs of those who answer while others are still asked; the first that has one wins."""

    def __init__(
        self, prove: Callable[[str, bool], Awaitable[bool]], suggested: Container[str], salt: object
    ) -> None:
        """Seek proofs with `prove`, which hears too whether it is urgent; the salt decides the lots."""
        self._prove = prove
        self._suggested = suggested
        self._salt = salt
        self._waiting: list[_Candidate] = []
        self._tried: set[str] = set()
        self._proofs: set[asyncio.Task[None]] = set()
        self._found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def note(self, address: str) -> None:
        """Take somebody who answered; nobody is heard twice."""
        # The lot comes from the address: who answers again and again draws no better one.
        candidate = (address not in self._suggested, hash((self._salt, address)), address)
        at = bisect_left(self._waiting, candidate)
        if address not in self._tried and candidate not in self._waiting[at : at + 1]:
            self._waiting.insert(at, candidate)
            del self._waiting[MAX_WAITING:]
            self._hear_more()

    def _hear_more(self) -> None:
        while self._waiting and len(self._proofs) < AT_ONCE and not self._found.done():
            unknown, _, address = self._waiting.pop(0)
            urgent = not unknown or len(self._tried) < URGENT
            self._tried.add(address)
            task = asyncio.create_task(self._hear(address, urgent), name="candidate")
            self._proofs.add(task)

    async def _hear(self, address: str, urgent: bool) -> None:
        try:
            if await self._prove(address, urgent) and not self._found.done():
                self._found.set_result(address)
        finally:
            self._proofs.discard(asyncio.current_task())
            self._hear_more()

    async def outcome(self, asking: asyncio.Task[None], limit: asyncio.Task[None]) -> str | None:
        """Return who proved itself; None once all have been asked and heard, or the limit is reached."""
        while not limit.done():
            news: set[asyncio.Future[Any]] = {self._found, limit, *self._proofs}
            if not asking.done():
                news.add(asking)
            elif not self._proofs:
                return self._found.result() if self._found.done() else None
            await asyncio.wait(news, return_when=asyncio.FIRST_COMPLETED)
            if self._found.done():
                return self._found.result()
        return None

    async def close(self) -> None:
        """Hear nobody any more."""
        self._found.cancel()
        proofs = tuple(self._proofs)
        for task in proofs:
            task.cancel()
        await asyncio.gather(*proofs, return_exceptions=True)
