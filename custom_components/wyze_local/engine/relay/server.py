"""The RTSP server: takes connections from a listening socket that was bound elsewhere."""

import asyncio
import socket

from ..model import Clock
from .guests import Guest
from .login import Login, peer_of
from .rtsp import Connection, Directory

MAX_CONNECTIONS = 256
MAX_STRANGERS = 64
"""Connections from other machines without a login yet, at most; from one address a quarter of them."""

TICK = 0.5


class RtspServer:
    """Serves the cameras of a directory on one listening socket."""

    def __init__(
        self, directory: Directory, clock: Clock, *, guests: tuple[Guest, ...] | None = None
    ) -> None:
        """Prepare; `start` begins. With `guests` whoever comes has to be one of them."""
        self._guests = guests
        self._directory = directory
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._tasks: dict[asyncio.Task[None], Connection] = {}

    async def start(self, listener: socket.socket) -> None:
        """Begin to take connections."""
        self._server = await asyncio.start_server(self._connected, sock=listener)
        self._ticker = asyncio.create_task(self._tick(), name="relay reports")

    async def close(self) -> None:
        """End all connections and take no more."""
        if self._server is not None:
            self._server.close()
        tasks = [task for task in (*self._tasks, self._ticker) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        login = None if self._guests is None else Login(self._guests)
        if task is None or len(self._tasks) >= MAX_CONNECTIONS or (login and self._is_crowd(writer)):
            writer.close()
            return
        connection = Connection(reader, writer, self._directory, self._clock, login)
        self._tasks[task] = connection
        try:
            await connection.serve()
        finally:
            del self._tasks[task]

    def _is_crowd(self, writer: asyncio.StreamWriter) -> bool:
        """Tell whether too many wait at the door already, all in all or from where this one comes."""
        strangers = [one.peer for one in self._tasks.values() if one.stranger]
        return len(strangers) >= MAX_STRANGERS or strangers.count(peer_of(writer)) >= MAX_STRANGERS // 4

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK)
            for connection in tuple(self._tasks.values()):
                if connection.playing is not None:
                    connection.playing.tick()
