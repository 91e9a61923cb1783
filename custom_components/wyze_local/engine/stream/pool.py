"""The fixed pool of stream names. go2rtc gets no others: its map of streams must not grow and shrink.

A name is the only credential on loopback, so all of them are random and none says which camera it is.
"""

import asyncio
import re
import secrets

from ..model import InvalidField, Secret

PROBES = 2
"""How many dials may be under way at once."""

MAX_STUCK = 16
"""How many names may be set aside for dials that never came to an end."""

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
    sessions. Its name is set aside: dialling the same source again waits behind the old dial, instead of taking
    the camera another session.
    """

    def __init__(self) -> None:
        """Choose the names, anew for each stream server."""
        self._free: asyncio.Queue[str] = asyncio.Queue()
        self._stuck: dict[Secret, str] = {}
        self.reset()

    def reset(self) -> list[str]:
        """Begin anew, as go2rtc does; returns the names it has to know. Whoever still has one may keep it."""
        self._stuck.clear()
        while not self._free.empty():
            self._free.get_nowait()
        names = [secrets.token_hex(16) for _ in range(PROBES)]
        for name in names:
            self._free.put_nowait(name)
        return names

    async def borrow(self, source: Secret) -> str:
        """Wait for a name under which to dial a source."""
        return self._stuck.pop(source, None) or await self._free.get()

    def give_back(self, name: str) -> None:
        """Return a name that points at nothing any more."""
        self._free.put_nowait(name)

    def set_aside(self, name: str, source: Secret) -> str | None:
        """Keep a name whose dial goes on; returns a name that was kept for too long, to be deleted."""
        self._stuck[source] = name
        if len(self._stuck) <= MAX_STUCK:
            return None
        return self._stuck.pop(next(iter(self._stuck)))
