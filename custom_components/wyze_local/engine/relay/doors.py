"""The relay's ports for other machines: bound by itself when it is told to, shut again when it is told so."""

import asyncio
import logging
import socket
from collections.abc import Iterable

from ..model import Clock, EngineError
from .guests import Guest
from .rtsp import Directory
from .server import RtspServer

AGAIN = 5.0
"""Seconds until a port that somebody else has is tried again."""

_LOGGER = logging.getLogger(__name__)


class Doors:
    """All of them, by port."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        """Begin with none."""
        self._directory = directory
        self._clock = clock
        self._open: dict[int, tuple[RtspServer, socket.socket]] = {}
        self._guests: dict[int, tuple[Guest, ...]] = {}
        self._trying: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def set(self, guests: Iterable[Guest]) -> bytes:
        """Let exactly these in from now on; who came through a door that changed has to come again.

        Raises EngineError (`port_taken`) where a port is somebody else's, and goes on trying.
        """
        async with self._lock:
            if not await self._set(guests):
                raise EngineError(reason="port_taken")
        return b""

    async def _set(self, guests: Iterable[Guest]) -> bool:
        wanted: dict[int, tuple[Guest, ...]] = {}
        for guest in guests:
            wanted[guest.port] = (*wanted.get(guest.port, ()), guest)
        await self._stop_trying()
        for port in [port for port in self._open if wanted.get(port) != self._guests.get(port)]:
            await self._shut(port)
        self._guests = wanted
        if found := await self._try():
            return found
        self._trying = asyncio.create_task(self._keep_trying(), name="relay doors")
        return False

    async def close(self) -> None:
        """Shut all."""
        await self._stop_trying()
        for port in tuple(self._open):
            await self._shut(port)

    async def _stop_trying(self) -> None:
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
            self._trying = None

    async def _shut(self, port: int) -> None:
        server, listener = self._open.pop(port)
        await server.close()
        listener.close()

    async def _keep_trying(self) -> None:
        _LOGGER.warning("A port for other machines is taken")
        while True:
            await self._clock.sleep(AGAIN)
            if await self._try():
                return

    async def _try(self) -> bool:
        """Open what is not open yet; returns whether all is."""
        for port in self._guests.keys() - self._open.keys():
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("", port))
                listener.listen(128)
            except OSError:
                listener.close()
                continue
            server = RtspServer(self._directory, self._clock, guests=self._guests[port])
            await server.start(listener)
            self._open[port] = server, listener
        return self._guests.keys() == self._open.keys()
