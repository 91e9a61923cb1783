"""Questions to the relay process that are still open, its news, and the socket that it listens on."""

import asyncio
import itertools
import logging
import socket
from collections.abc import Callable

from .errors import RelayError
from .pipe import Pipe

HOST = "127.0.0.1"
SLACK = 1.0
"""Seconds that an answer of the relay may take longer than what it waits for."""

_LOGGER = logging.getLogger(__name__)


class Questions:
    """Matches answers to questions by number."""

    def __init__(self) -> None:
        """Begin with none."""
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[bytes]] = {}

    async def ask(self, pipe: Pipe, message: Callable[[int], object], within: float) -> bytes:
        """Ask and wait for the answer; `message` makes the question with its number. Raises RelayError."""
        number = next(self._numbers)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._open[number] = future
        try:
            pipe.send(message(number))
            async with asyncio.timeout(within + SLACK):
                return await future
        except TimeoutError:
            raise RelayError("no answer in time", reason="timeout") from None
        finally:
            del self._open[number]

    def answered(self, number: int, payload: bytes) -> None:
        """Take an answer; one that nobody waits for any more is dropped."""
        if (future := self._open.get(number)) is not None and not future.done():
            future.set_result(payload)

    def failed(self, number: int, reason: str) -> None:
        """Take a refusal."""
        if (future := self._open.get(number)) is not None and not future.done():
            future.set_exception(RelayError(reason, reason=reason))

    def nobody_there(self) -> None:
        """Let nobody wait for answers that cannot come."""
        for number in self._open:
            self.failed(number, "relay_down")


def say[*Values](hears: Callable[[*Values], None], *values: *Values) -> None:
    """Pass news on; a mistake of whoever hears them must not cost everybody the pictures."""
    try:
        hears(*values)
    except Exception:
        _LOGGER.exception("News of the relay could not be taken")


def listen_on_loopback(port: int) -> socket.socket:
    """Return a listening socket on loopback, at the port of before (0: none) if it is still free.

    Raises RelayError.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        if port:
            return listen_on_loopback(0)
        raise RelayError("no port on loopback", reason="not_started") from None
    return listener
