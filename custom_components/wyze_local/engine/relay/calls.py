"""Short sessions with cameras that somebody else holds: opened for a command, and kept for the next ones.

go2rtc passes no commands on. Where it holds a camera, what a person wants goes over a session beside its own,
which costs the camera one more of the few that it has. So it is left as soon as there is nothing more to say,
and before go2rtc dials: whoever looks comes first, also while a camera is asked one thing after the other.
"""

import asyncio
import json
import logging
import random

from ..child import pack, wait_for
from ..lan import LanError, LanSession, Reason
from ..model import CameraNetworks, Clock
from .calling import ROOM
from .gate import Gate
from .look import facts_of
from .messages import Call, Leave
from .pauses import Pauses
from .states import Called, CameraFacts

LINGER = 5.0
"""Seconds that a session outlives the last command."""

PATIENCE = 1.0
"""Seconds that go2rtc waits for the end of what is being said, before it dials all the same."""

_LOGGER = logging.getLogger(__name__)


class Calls:
    """Errands of saying something to cameras that the relay does not hold, by camera key."""

    def __init__(self, clock: Clock, gate: Gate, rng: random.Random) -> None:
        """Dial through the gate, as urgently as for who looks."""
        self._clock = clock
        self._gate = gate
        self._rng = rng
        self._lines: dict[str, _Line] = {}
        self._room_until: dict[str, float] = {}
        """Until when a camera is left to who dials it; under an empty key, all of them are."""

    async def call(self, message: Call) -> bytes:
        """Say something to a camera, and return what came of it (see Called) as JSON."""
        until = max(self._room_until.get(key, 0.0) for key in (message.key, ""))
        if (left := until - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
        line = self._lines.get(message.key)
        if line is None or not line.leads_to(message):
            fresh = self._lines[message.key] = _Line(message, self._clock, self._gate, Pauses(self._rng))
            if line is not None:
                await line.close()
            line = fresh
        return json.dumps(pack(await line.say(message))).encode()

    async def leave(self, message: Leave) -> bytes:
        """Leave a camera now, unless somebody else is saying something to it."""
        if (line := self._lines.get(message.key)) is not None and line.quiet:
            await line.hang_up()
        return b""

    async def make_room(self, camera_key: str) -> None:
        """Leave a camera once nothing is being said to it, for somebody else is about to dial it.

        Nothing more is said before they have had a moment for that. An empty key means all cameras.
        """
        self._room_until[camera_key] = self._clock.monotonic() + ROOM
        lines = [line for key, line in self._lines.items() if camera_key in ("", key)]
        await asyncio.gather(*(line.give_way() for line in lines))

    async def forget(self, camera_key: str) -> None:
        """Leave a camera at once, and forget its keys."""
        self._room_until.pop(camera_key, None)
        if (line := self._lines.pop(camera_key, None)) is not None:
            await line.close()

    async def close(self) -> None:
        """Leave all of them."""
        await asyncio.gather(*(self.forget(camera_key) for camera_key in tuple(self._lines)))


class _Line:
    """One camera by one set of keys: its session while there is one, and why there is none."""

    def __init__(self, message: Call, clock: Clock, gate: Gate, pauses: Pauses) -> None:
        self._way = message.credentials, message.networks
        self._networks = CameraNetworks.parse(message.networks)
        self._clock = clock
        self._gate = gate
        self._pauses = pauses
        self._refusal: Reason | None = None
        self._failed_at = 0.0
        self._facts = CameraFacts()
        self._news = False
        self._speaking = 0
        self._linger = LINGER
        self._until = 0.0
        self._wake = asyncio.Event()
        self._over = False
        self._opened: asyncio.Future[LanSession | None] = asyncio.get_running_loop().create_future()
        self._keeping: asyncio.Task[None] | None = None
        self._closed = False

    def leads_to(self, message: Call) -> bool:
        """Tell whether it goes the way that a message says."""
        return self._way == (message.credentials, message.networks)

    @property
    def quiet(self) -> bool:
        """Whether nothing is being said."""
        return not self._speaking

    async def close(self) -> None:
        """Hang up for good: what is being said fails."""
        self._closed = True
        await self.hang_up()

    async def hang_up(self) -> None:
        """End the session, or the dial."""
        if self._keeping is not None:
            self._over = True
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def give_way(self) -> None:
        """End the session once nothing is being said; returns then, or when that takes too long."""
        if self._keeping is not None:
            self._linger = self._until = 0.0
            self._wake.set()
            await wait_for(self._clock, self._keeping, PATIENCE)

    async def say(self, message: Call) -> Called:
        """Say something on the session that stands, or on a new one."""
        self._speaking += 1
        payload, reason = b"", ""
        try:
            payload = await self._say(message)
        except LanError as err:
            reason = err.reason
        finally:
            self._speaking -= 1
            self._until = self._clock.monotonic() + self._linger
            self._wake.set()
        news, self._news = self._news, False
        return Called(payload, reason, self._facts, news)

    async def _say(self, message: Call) -> bytes:
        """Return the answer; raises LanError."""
        begun = self._clock.monotonic()
        session = await self._session(message.within)
        left = begun + message.within - self._clock.monotonic()
        try:
            answer = await session.command(message.code, message.payload, max(0.1, left))
        except LanError as err:
            if err.word is Reason.TIMEOUT and session.heard_at < begun:
                # Its pictures come all the time: from whom nothing came is gone, and the next one dials.
                self._over = True
            raise
        self._pauses.healthy()
        return answer

    async def _session(self, within: float) -> LanSession:
        """Return the session that stands, or comes within so many seconds; raises LanError."""
        if self._over:
            await self.hang_up()
        if self._closed:
            raise LanError(Reason.CLOSED)
        if self._keeping is None:
            due = self._failed_at + self._pauses.seconds(watched=True)
            if self._refusal is not None and self._clock.monotonic() < due:
                raise LanError(self._refusal)
            self._opened = asyncio.get_running_loop().create_future()
            # Begun at once: what is cancelled before it begins tells nobody that it ended.
            dial = self._keep(self._opened)
            self._keeping = asyncio.create_task(dial, name="relay call", eager_start=True)
        opened = self._opened
        if not await wait_for(self._clock, opened, within):
            raise LanError(Reason.NO_ANSWER)
        if (session := opened.result()) is None:
            raise LanError(Reason.CLOSED if self._refusal is None else self._refusal)
        return session

    async def _keep(self, opened: asyncio.Future[LanSession | None]) -> None:
        """Dial, and keep the session until nobody has anything to say any more."""
        session: LanSession | None = None
        self._over = False
        self._linger = LINGER
        try:
            await self._gate.enter(urgent=True)
            if (session := await self._dial()) is not None:
                opened.set_result(session)
                await self._until_over()
        finally:
            self._keeping = None
            if not opened.done():
                opened.set_result(None)
            if session is not None:
                await session.close()

    async def _dial(self) -> LanSession | None:
        """Return a session; None when there is none, for which the reason is kept."""
        self._refusal = None
        try:
            session = await LanSession.open(
                self._way[0],
                clock=self._clock,
                on_frame=lambda _: None,
                on_end=self._ended,
                networks=self._networks,
                want_audio=False,
            )
        except LanError as err:
            self._failed(err.word)
        except Exception:
            # A mistake in the engine must cost one camera a command, and whoever gave it a reason.
            _LOGGER.exception("A session could not be opened")
            self._failed(Reason.PROTOCOL_FAULT)
        else:
            self._facts = facts_of(session.info)
            self._news = True
            return session
        return None

    def _failed(self, reason: Reason) -> None:
        self._refusal, self._news = reason, True
        self._failed_at = self._clock.monotonic()
        self._pauses.failed(reason)

    def _ended(self, _error: LanError) -> None:
        self._over = True
        self._wake.set()

    async def _until_over(self) -> None:
        while not self._over:
            left = None if self._speaking else self._until - self._clock.monotonic()
            if left is not None and left <= 0:
                return
            self._wake.clear()
            await wait_for(self._clock, self._wake.wait(), left)
