"""Commands to a camera: sent again each second until the answer with the next code comes."""

import asyncio
from collections.abc import Callable

from .av import Command, Outbox, is_control, magic, parse_control
from .errors import LanError, Reason

_REPEAT = 1.0
MAX_PAYLOAD = 1000
"""Longest payload of a command, in bytes: it has to fit into one datagram."""


class Control:
    """The command channel of a session."""

    def __init__(self, send: Callable[[bytes], None], milliseconds: Callable[[], int]) -> None:
        """Send packets by a function; the clock is for acknowledgements."""
        self._send = send
        self._milliseconds = milliseconds
        self._outbox = Outbox()
        self._waiting: dict[int, asyncio.Future[Command]] = {}
        self._over: LanError | None = None

    def acknowledge(self) -> None:
        """Tell the camera that we are there, and what came."""
        self._send(self._outbox.ack(self._milliseconds()))

    def receive(self, packet: bytes) -> bool:
        """Take a packet; tell whether it was one of control. Raises Malformed."""
        if not is_control(magic(packet)):
            return False
        self._outbox.note(packet)
        self.acknowledge()
        answer = parse_control(packet)
        waiting = self._waiting.get(answer.code) if answer else None
        if answer and waiting and not waiting.done():
            waiting.set_result(answer)
        return True

    async def request(self, code: int, payload: bytes, seconds: float) -> Command:
        """Send a command and return its answer; the same code waits for its turn.

        Raises LanError: `timeout`, or why the session is over. ValueError for what is no command.
        """
        if code % 2 or not 10000 <= code <= 65534 or len(payload) > MAX_PAYLOAD:
            raise ValueError("no command")
        try:
            async with asyncio.timeout(seconds):
                while earlier := self._waiting.get(code + 1):
                    await asyncio.wait({earlier})
                return await self._ask(Command(code, payload))
        except TimeoutError:
            raise LanError(Reason.TIMEOUT) from None

    async def _ask(self, command: Command) -> Command:
        """Send a command until it is answered."""
        if self._over:
            raise LanError(self._over.word)
        loop = asyncio.get_running_loop()
        packet = self._outbox.control(command)
        answer: asyncio.Future[Command] = loop.create_future()
        self._waiting[command.code + 1] = answer
        timer: asyncio.Handle

        def again() -> None:
            nonlocal timer
            self._send(packet)
            timer = loop.call_later(_REPEAT, again)

        timer = loop.call_soon(again)
        try:
            return await answer
        finally:
            timer.cancel()
            del self._waiting[command.code + 1]
            # Whoever waits for the same code must not wait for ever when this one was cancelled.
            answer.cancel()

    def tell(self, code: int, payload: bytes) -> None:
        """Send a command once and wait for nothing."""
        self._send(self._outbox.control(Command(code, payload)))

    def end(self, error: LanError) -> None:
        """Fail whoever waits, and whoever comes."""
        self._over = error
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(LanError(error.word))
