"""Why does a camera not answer? go2rtc cannot tell; the kernel often can, if a connected socket asks it."""

import asyncio
import errno
import socket
from typing import Self, override

_NUDGE = b"\0\0\0\0"
"""Four bytes that no camera takes for a message: what matters is what comes back from the network."""

_INTERVAL = 1.5
_REASONS = {
    errno.ECONNREFUSED: "port_closed",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTDOWN: "unreachable",
    errno.EPERM: "blocked",
    errno.EACCES: "blocked",
}


class Reach(asyncio.DatagramProtocol):
    """Nudges a UDP port while somebody else dials it, and remembers what the kernel said."""

    def __init__(self, target: tuple[str, int]) -> None:
        """Prepare for an address and a UDP port."""
        self._target = target
        self._transport: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self.reason: str | None = None
        """`port_closed`, `unreachable`, `blocked`, or None when nothing speaks against the address."""

    async def __aenter__(self) -> Self:
        """Begin to ask."""
        # Connected here, as asyncio prints addresses that it is given when it is told to debug.
        nudger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            nudger.setblocking(False)
            nudger.connect(self._target)
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=nudger)
        except OSError as err:
            nudger.close()
            self.error_received(err)
        else:
            self._task = asyncio.create_task(self._nudge(self._transport), name="camera reach")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()

    async def _nudge(self, transport: asyncio.DatagramTransport) -> None:
        while self.reason is None:
            transport.sendto(_NUDGE)
            await asyncio.sleep(_INTERVAL)

    @override
    def error_received(self, exc: Exception) -> None:
        """Take the kernel's word."""
        if isinstance(exc, OSError) and exc.errno in _REASONS:
            self.reason = _REASONS[exc.errno]
