"""Questions to the relay process that are still open, its news, and the socket that it listens on."""

import asyncio
import itertools
import logging
import socket
from collections.abc import Callable

from ..model import CameraNetworks, Credentials
from .errors import RelayError
from .messages import Command, Prove
from .pipe import Pipe

HOST = "127.0.0.1"
PROVE_WITHIN = 20.0
"""Seconds that a proof may take, waiting for its turn included."""

LOOK_WITHIN = 45.0
"""Seconds that a first look may take: it has twice as many stages, and waits for a picture."""

MAX_PAYLOAD = 1000
"""Longest payload of a command, in bytes: it has to fit into one datagram."""

SLACK = 1.0
"""Seconds that an answer of the relay may take longer than what it waits for."""

_LOGGER = logging.getLogger(__name__)


type Question = Callable[[int], object]
"""Makes the message, given the number under which the answer will come."""


def command(camera_key: str, code: int, payload: bytes, within: float) -> Question:
    """Ask for a camera's answer to a command; raises ValueError for what is none."""
    if code % 2 or not 10000 <= code <= 65534 or len(payload) > MAX_PAYLOAD:
        raise ValueError("no command")
    return lambda number: Command(number, camera_key, code, payload, within)


def proof(
    credentials: Credentials, networks: CameraNetworks, *, look: bool = False, greet: bool = False
) -> tuple[Question, float]:
    """Ask for a proof; returns besides how many seconds it may take."""
    texts = tuple(networks.texts())
    within = LOOK_WITHIN if look or greet else PROVE_WITHIN
    return lambda number: Prove(number, credentials, texts, look, greet), within


class Questions:
    """Matches answers to questions by number."""

    def __init__(self) -> None:
        """Begin with none."""
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future[bytes]] = {}

    async def ask(self, pipe: Pipe, message: Question, within: float) -> bytes:
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
