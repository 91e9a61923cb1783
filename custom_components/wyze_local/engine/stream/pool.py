"""The fixed pool of stream names. go2rtc gets no others: its map of streams must not grow and shrink.

A name is the only credential on loopback, so all of them are random and none says which camera it is.
"""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Callable

from ..model import InvalidField, Secret

PROBES = 2
"""How many dials may be under way at once."""

MAX_STUCK = 16
"""How many names may be set aside for dials that never came to an end."""

MAX_PROBE_NAMES = 64
"""How many names for dials there are at most, those that were given up after all included."""

_TOKEN = re.compile(r"[0-9a-f]{32}")


def check_token(token: Secret) -> str:
    """Return a camera's stream name: 32 lower hexadecimal digits. Raises InvalidField (`token`)."""
    name = token.reveal()
    if not _TOKEN.fullmatch(name):
        raise InvalidField("token", "not_a_token")
    return name


class ProbeNames:
    """The names under which cameras are dialled, lent one at a time.

    A dial that was given up goes on inside go2rtc, perhaps for ever, and holds one of the camera's few
    sessions. Its name is set aside: the next dial of the same source waits behind the old one, instead of
    taking another session from the camera. One that was set aside for too long is lent again only when there
    are no new ones: they have to be so few that another run of ours finds them all.
    """

    def __init__(self, new: Callable[[int], str] = lambda _: secrets.token_hex(16)) -> None:
        """Begin with no name; `new` makes one, given its number from 1 on, when it is first needed."""
        self._new = new
        self._made = 0
        self._turns = asyncio.Semaphore(PROBES)
        self._free: list[str] = []
        self._expired: deque[str] = deque()
        """Names that were set aside for too long, the oldest first."""
        self._stuck: dict[str, Secret] = {}
        """By name, the oldest first; one source may have several, whose dials hung side by side."""

    async def borrow(self, source: Secret) -> str:
        """Wait for a turn; returns the name under which to dial a source."""
        await self._turns.acquire()
        for name, known in self._stuck.items():
            if known == source:
                del self._stuck[name]
                return name
        if self._free:
            return self._free.pop()
        if self._made >= MAX_PROBE_NAMES:
            return self._expired.popleft()
        self._made += 1
        return self._new(self._made)

    def give_back(self, name: str) -> None:
        """Return a name that points at nothing any more."""
        self._free.append(name)
        self._turns.release()

    def set_aside(self, name: str, source: Secret) -> str | None:
        """Keep a name whose dial goes on; returns one that was kept for too long, to be emptied."""
        self._stuck[name] = source
        self._turns.release()
        if len(self._stuck) <= MAX_STUCK:
            return None
        oldest = next(iter(self._stuck))
        del self._stuck[oldest]
        self._expired.append(oldest)
        return oldest
