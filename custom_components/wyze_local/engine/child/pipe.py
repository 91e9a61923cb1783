"""The pipe between parent and child: messages, each with its length in front."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from typing import Any, Self

from .codec import MAX_MESSAGE, decode, encode
from .errors import ProtocolError


class Pipe:
    """One end."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        allowed: Mapping[str, type],
        limit: int,
    ) -> None:
        """Own a connected socket's streams, and know what the other end may say, and how much."""
        self._reader = reader
        self._writer = writer
        self._allowed = allowed
        self.limit = limit
        """Bytes of the longest message."""

    @classmethod
    async def over(cls, end: socket.socket, allowed: Mapping[str, type], limit: int = MAX_MESSAGE) -> Self:
        """Take over one end of a socket pair; no message is longer than the limit, in bytes."""
        return cls(*await asyncio.open_connection(sock=end), allowed, limit)

    def send(self, message: object) -> None:
        """Say something; when the other end is gone, nothing happens."""
        if not self._writer.is_closing():
            self._writer.write(encode(message, self.limit))

    async def receive(self) -> Any | None:
        """Return what the other end says next, None when it is gone; raises ProtocolError."""
        try:
            size = int.from_bytes(await self._reader.readexactly(4), "big")
            if size > self.limit:
                raise ProtocolError("a message is too long")
            return decode(await self._reader.readexactly(size), self._allowed)
        except asyncio.IncompleteReadError, ConnectionError:
            return None

    async def drained(self, within: float) -> None:
        """Wait until little is left to be sent, at most so many seconds; whoever hangs is found otherwise."""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(within):
                await self._writer.drain()

    def close(self) -> None:
        """Close this end."""
        self._writer.close()
