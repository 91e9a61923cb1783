"""Commands to a camera: sent again until the answer with the next code comes, where that may be done."""

import asyncio
import itertools
from collections.abc import Callable

from .av import Command, Outbox, is_control, magic, parse_control
from .errors import LanError, Reason

ONCE = frozenset({11000, 11002})
"""Commands that are sent once, whoever gives them: each that arrives turns the camera by as much again."""

_PATIENT = (1.0,)
"""Seconds before each repetition, the last for all that follow: as the clients do that real cameras know.
A log-in costs a camera hundreds of milliseconds; nobody should hurry it."""

_PROMPT = (0.3, 0.7, 1.0)
"""The same for what a person waits for. A datagram that is lost costs 0.3 s then instead of a second, and a
camera is hardly ever asked twice without need: an answer takes it some tens of milliseconds."""

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
        self.over: LanError | None = None
        """Why nothing more can be said."""

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

    async def request(self, code: int, payload: bytes, seconds: float, *, prompt: bool = False) -> Command:
        """Send a command and return its answer; the same code waits for its turn.

        With `prompt` it is repeated sooner the first time. Raises LanError: `timeout`, or why the session is
        over. ValueError for what is no command.
        """
        if code % 2 or not 10000 <= code <= 65534 or len(payload) > MAX_PAYLOAD:
            raise ValueError("no command")
        try:
            async with asyncio.timeout(seconds):
                while earlier := self._waiting.get(code + 1):
                    # The callback that takes a finished one away may not have run yet.
                    await asyncio.wait({earlier})
                    await asyncio.sleep(0)
                return await self._ask(Command(code, payload), _PROMPT if prompt else _PATIENT)
        except TimeoutError:
            raise LanError(Reason.TIMEOUT) from None

    async def _ask(self, command: Command, pauses: tuple[float, ...]) -> Command:
        """Send a command until it is answered."""
        if self.over:
            raise LanError(self.over.word)
        pending = self._begin(command, pauses)
        try:
            return await pending
        finally:
            # Whoever waits for the same code must not wait for ever when this one was cancelled.
            pending.cancel()

    def _begin(self, command: Command, pauses: tuple[float, ...]) -> asyncio.Future[Command]:
        """Send a command again and again for as long as the returned future is not done."""
        loop = asyncio.get_running_loop()
        packet, expected = self._outbox.control(command), command.code + 1
        pending: asyncio.Future[Command] = loop.create_future()
        self._waiting[expected] = pending

        timer: asyncio.TimerHandle | None = None
        left = itertools.chain(pauses, itertools.repeat(pauses[-1]))

        def again() -> None:
            nonlocal timer
            if command.code not in ONCE:
                timer = loop.call_later(next(left), again)
            self._send(packet)

        def done(_: asyncio.Future[Command]) -> None:
            if timer:
                timer.cancel()
            if self._waiting.get(expected) is pending:
                del self._waiting[expected]

        pending.add_done_callback(done)
        again()
        return pending

    def wish(self, code: int, payload: bytes, seconds: float) -> None:
        """Send a command until it is answered, or for some seconds, and wait for nothing.

        While another of the same code waits for its answer it stays a wish: nothing is sent.
        """
        earlier = self._waiting.get(code + 1)
        # One that is over may still stand there: what takes it away comes a moment later.
        if self.over is None and (earlier is None or earlier.done()):
            pending = self._begin(Command(code, payload), _PATIENT)
            timer = asyncio.get_running_loop().call_later(seconds, pending.cancel)

            def done(pending: asyncio.Future[Command]) -> None:
                timer.cancel()
                if not pending.cancelled():
                    # Whatever became of it, nobody asks.
                    pending.exception()

            pending.add_done_callback(done)

    def tell(self, code: int, payload: bytes) -> None:
        """Send a command once and wait for nothing."""
        self._send(self._outbox.control(Command(code, payload)))

    def end(self, error: LanError) -> None:
        """Fail whoever waits, and whoever comes."""
        self.over = error
        for answer in list(self._waiting.values()):
            if not answer.done():
                answer.set_exception(LanError(error.word))
