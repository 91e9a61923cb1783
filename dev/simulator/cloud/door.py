"""One server of the fake cloud: HTTPS on a port of its own."""

import asyncio
import contextlib
import socket
import ssl
import weakref
from collections.abc import Awaitable, Callable

from aiohttp import web

from dev.ports import free_port

from .authority import Certificate

type Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]

_NOTICE = 0.02
"""Seconds in which the end of a connection reaches the other end on loopback."""

_WAITING = 128
"""Connections that may wait to be taken."""


class Door:
    """A server that can show another certificate, and refuse connections, while it runs.

    It takes connections by itself, not by the event loop's server: that one would report each handshake that
    a client breaks off, which is what wrong certificates are for.
    """

    def __init__(self, serve: Serve, contexts: dict[Certificate, ssl.SSLContext]) -> None:
        """Not open yet."""
        self._serve = serve
        self._contexts = contexts
        self._names: weakref.WeakKeyDictionary[object, str | None] = weakref.WeakKeyDictionary()
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Task[None] | None = None
        self._greeting: set[asyncio.Task[None]] = set()
        self._shown = Certificate.GOOD
        # A handshake begins with this one, and goes on with the one that is shown now.
        self._front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._front.sni_callback = self._greet
        self.handshakes = 0
        """How many TLS handshakes were begun."""
        self.port = 0

    async def open(self) -> None:
        """Listen on a free port of 127.0.0.1, which nobody takes away while connections are refused."""
        self.port = free_port()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await self.listen()

    async def listen(self) -> None:
        """Take connections."""
        if self._listener is None:
            listening = socket.create_server(("127.0.0.1", self.port), backlog=_WAITING)
            listening.setblocking(False)
            self._listener = asyncio.create_task(self._accept(listening))

    async def refuse(self) -> None:
        """Take no connections, and cut those that are open."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.cancel()
            await asyncio.wait([listener])
            await self.cut()

    async def close(self) -> None:
        """End for good."""
        await self.refuse()
        for task in list(self._greeting):
            task.cancel()
        if self._greeting:
            await asyncio.wait(self._greeting)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def show(self, certificate: Certificate) -> None:
        """Show a certificate; whoever is connected must connect anew and see it."""
        self._shown = certificate
        await self.cut()

    async def cut(self) -> None:
        """Cut all connections, and let clients in this event loop notice before they use one again."""
        server = self._runner.server if self._runner else None
        connections = list(server.connections) if server else []
        for connection in connections:
            if connection.transport is not None:
                connection.transport.abort()
        if connections:
            await asyncio.sleep(_NOTICE)

    def server_name(self, request: web.Request) -> str | None:
        """Return the name that the handshake of a request's connection asked for."""
        tls = request.transport.get_extra_info("ssl_object") if request.transport else None
        return self._names.get(tls) if tls is not None else None

    async def _accept(self, listening: socket.socket) -> None:
        """Take connections until cancelled."""
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                connection, _ = await loop.sock_accept(listening)
                task = asyncio.create_task(self._shake_hands(connection))
                self._greeting.add(task)
                task.add_done_callback(self._greeting.discard)

    async def _shake_hands(self, connection: socket.socket) -> None:
        """Go through the handshake of a connection, which may be broken off; then it is served."""
        assert self._runner is not None
        assert self._runner.server is not None
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            await loop.connect_accepted_socket(self._runner.server, connection, ssl=self._front)

    def _greet(self, tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        """Begin a handshake."""
        self.handshakes += 1
        self._names[tls] = name
        tls.context = self._contexts[self._shown]
