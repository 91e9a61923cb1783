"""The socket of one search: sends a camera's hellos anywhere, and tells who answered."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from ..model import Credentials
from .errors import LanError, Reason
from .framing import MAX_DATAGRAM, Framer, Kind
from .framing_0402 import Framer0402
from .framing_cc51 import FramerCC51
from .keys import Keys
from .pace import Pace

_BUFFER = 1 << 20
"""Bytes of send buffer that are asked for: a datagram to where nobody is stays in it for seconds."""
_BATCH = 64
"""Datagrams read before others get their turn."""
_FULL = 4.0
"""Seconds until a full send buffer has room again: the system gives up on absent neighbours sooner."""


class Searcher:
    """Asks addresses whether a camera is there. Open until `close`."""

    def __init__(self, credentials: Credentials, pace: Pace, on_answer: Callable[[str], None]) -> None:
        """Open; `on_answer` gets the address of whoever answers, which proves nothing.

        Raises LanError (`blocked`) when this machine does not let us.
        """
        keys = Keys(credentials)
        self._framers: tuple[Framer, ...] = (Framer0402(keys), FramerCC51(keys))
        self._hellos = [framer.search() for framer in self._framers]
        self._port = credentials.port
        self._pace = pace
        self._on_answer = on_answer
        self._loop = asyncio.get_running_loop()
        try:
            self._socket = _open()
        except OSError as err:
            raise LanError(Reason.BLOCKED, "no socket") from err
        self._loop.add_reader(self._socket, self._read)

    def close(self) -> None:
        """Close; nothing is sent or called any more."""
        self._loop.remove_reader(self._socket)
        self._socket.close()

    async def ask(self, address: str) -> None:
        """Send the hellos when it is their turn; where no way leads, nobody hears them."""
        await self._pace.turn(len(self._hellos))
        for hello in self._hellos:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(_FULL):
                    await self._loop.sock_sendto(self._socket, hello, (address, self._port))

    def _read(self) -> None:
        """Tell who answered."""
        for _ in range(_BATCH):
            try:
                datagram, (host, _port) = self._socket.recvfrom(MAX_DATAGRAM)
            except OSError:
                return
            answers = (framer.parse(datagram) for framer in self._framers)
            if any(inbound and inbound.kind is Kind.FOUND for inbound in answers):
                self._on_answer(host)


def _open() -> socket.socket:
    """Return the socket; raises OSError."""
    new = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        new.setblocking(False)
        new.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        # Not connected and without IP_RECVERR: that nobody is at one address is no news.
        new.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        new.bind(("", 0))
    except OSError:
        new.close()
        raise
    return new
