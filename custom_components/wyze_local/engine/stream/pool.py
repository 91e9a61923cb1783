"""The fixed pool of stream names. go2rtc gets no other names: its map of streams must not grow and shrink.

A name is the only credential on loopback, so all of them are random and none says which camera it is.
"""

import asyncio
import re
import secrets

from ..model import InvalidField, Secret

PROBES = 2
"""How many dials may be under way at once."""

_TOKEN = re.compile(r"[0-9a-f]{32}")


def check_token(token: Secret) -> str:
    """Return a camera's stream name: 32 lower hexadecimal digits. Raises InvalidField (`token`)."""
    name = token.reveal()
    if not _TOKEN.fullmatch(name):
        raise InvalidField("token", "not_a_token")
    return name


class ProbeNames:
    """The names under which cameras are dialled, lent one at a time."""

    def __init__(self) -> None:
        """Choose the names, anew for each stream server."""
        self.names = tuple(secrets.token_hex(16) for _ in range(PROBES))
        self._free: asyncio.Queue[str] = asyncio.Queue()
        for name in self.names:
            self._free.put_nowait(name)

    async def borrow(self) -> str:
        """Wait for a free name."""
        return await self._free.get()

    def give_back(self, name: str) -> None:
        """Return a name that points at nothing any more."""
        self._free.put_nowait(name)
