"""Keeps the one session of a camera: on demand with a linger or always, dialled again whenever it ends."""

import asyncio
import logging
import random
from collections.abc import Callable

from ..child import wait_for
from ..lan import CameraInfo, LanError, MediaFrame, Reason
from ..model import Clock
from .gate import Gate
from .hub import Hub
from .opening import Opener, Session
from .pauses import HEALTHY_SECONDS, REFUSALS, Pauses, stalls_after
from .states import Phase

LINGER = 30.0
"""Seconds that a session outlives the last reader at the most: as long as somebody looked before."""

GLANCE = 2.0
"""Seconds that it outlives somebody who only fetched a still."""

COMING = 12.0
"""Seconds from a description until whoever asked for it reads at last; enough for a second try."""

BARREN = frozenset({"no_media", "no_key_frame"})
"""Ends of sessions that logged in and may then have brought nothing that could be decoded."""

COMMAND_LINGER = 5.0
"""Seconds that a session outlives the last command."""

FIRST_PICTURE = 5.0
"""Seconds from log-in to the first picture."""

FIRST_KEY = 15.0
"""Seconds from log-in to the first picture that can be decoded alone."""

_LOGGER = logging.getLogger(__name__)


class Keeper[S: Session]:
    """One camera's session and how it stands."""

    def __init__(
        self,
        opener: Opener[S],
        hub: Hub,
        *,
        clock: Clock,
        rng: random.Random,
        gate: Gate,
        on_state: Callable[[Phase, str], None],
        on_info: Callable[[CameraInfo], None] = lambda _: None,
    ) -> None:
        """Prepare; `start` begins."""
        self._opener = opener
        self._hub = hub
        self._clock = clock
        self._gate = gate
        self._on_state = on_state
        self._on_info = on_info
        self._pauses = Pauses(rng)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Future[S]] = set()
        self._until = 0.0
        self._readers = 0
        self._read_since = 0.0
        self._always = False
        self._anew = False
        self._ended: LanError | None = None
        self._live_since: float | None = None
        self._failed_at = 0.0
        self._failure = (Phase.LOST, "")
        self._opened_at = 0.0
        self.session: S | None = None
        """The session that stands, or None."""
        self.phase = Phase.IDLE
        self.reason = ""
        self.barren = 0
        """How many sessions in a row logged in and then brought nothing that could be decoded."""
        self.refusals = 0
        """How many dials so far ended because the camera did not know the key."""

    def start(self) -> None:
        """Begin to keep."""
        self._task = asyncio.create_task(self._run(), name="relay keeper")

    async def close(self) -> None:
        """End; the session is hung up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._fail_waiting(LanError(Reason.CLOSED))

    # Wishes

    @property
    def watched(self) -> bool:
        """Whether anybody looks, or wants to within this moment."""
        return self._readers > 0 or self._clock.monotonic() < self._until

    @property
    def wanted(self) -> bool:
        """Whether there should be a session."""
        return self._always or self.watched

    @property
    def pausing(self) -> bool:
        """Whether a failure is so fresh that it is not tried again yet."""
        return self._pause_left() > 0 and not self._anew

    def wish(self, seconds: float = COMING) -> None:
        """Want a session for some time from now on."""
        self._until = max(self._until, self._clock.monotonic() + seconds)
        self._wake.set()

    def readers(self, count: int) -> None:
        """Hear how many readers there are; the session lingers as long as they looked."""
        now = self._clock.monotonic()
        if count and not self._readers:
            self._read_since = now
        elif count < self._readers:
            if not count:
                self._until = now
            self.wish(min(LINGER, max(GLANCE, now - self._read_since)))
        self._readers = count
        self._wake.set()

    def always(self, value: bool) -> None:
        """Keep a session whether or not anybody looks."""
        self._always = value
        self._wake.set()

    def open_anew(self, opener: Opener[S]) -> None:
        """Take another way to open; what stands is hung up and dialled at once."""
        self._opener = opener
        self._anew = True
        self.barren = 0
        self._pauses.healthy()
        self._wake.set()

    async def command(self, code: int, payload: bytes, within: float) -> bytes:
        """Send a command on the session, on a short one if need be; raises LanError."""
        self.wish(COMMAND_LINGER + within)
        end = self._clock.monotonic() + within
        session = await self.open_session(within)
        try:
            return await session.command(code, payload, max(0.1, end - self._clock.monotonic()))
        finally:
            self.wish(COMMAND_LINGER)

    async def open_session(self, within: float) -> S:
        """Return the session that stands, or comes within so many seconds; raises LanError, not `timeout`."""
        if self.session is not None:
            return self.session
        if self.phase is Phase.REFUSED and self.pausing:
            raise LanError(Reason(self.reason))
        waiter: asyncio.Future[S] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            if not await wait_for(self._clock, waiter, within):
                raise LanError(Reason(self.reason) if self.reason in set(Reason) else Reason.NO_ANSWER)
            return waiter.result()
        finally:
            self._waiting.discard(waiter)
            waiter.cancel()

    # Keeping

    async def _run(self) -> None:
        while True:
            if not self.wanted:
                self._set(Phase.IDLE)
                await self._woken(None)
            elif self.pausing:
                if self.phase is Phase.IDLE:
                    # Who comes back within the pause hears at once what was wrong.
                    self._set(*self._failure)
                await self._woken(self._pause_left())
            else:
                await self._keep_one()

    def _pause_left(self) -> float:
        due = self._failed_at + self._pauses.seconds(watched=self.watched)
        return due - self._clock.monotonic()

    async def _keep_one(self) -> None:
        """Dial, keep the session until it ends, and note why it did."""
        if self.phase in {Phase.IDLE, Phase.LIVE}:
            self._set(Phase.CONNECTING)
        await self._gate.enter(urgent=self.watched)
        if not self.wanted:
            return
        self._anew = False
        self._ended = None
        self._live_since = None
        self._hub.session()
        try:
            session = await self._opener(self._frame, self._end)
        except LanError as err:
            self._failed(err.reason)
            self._fail_waiting(err)
            return
        except Exception:
            # A mistake in the engine must cost one camera a try, not all of them the relay.
            _LOGGER.exception("A session could not be opened")
            self._failed(Reason.PROTOCOL_FAULT)
            return
        try:
            self._opened(session)
            reason = await self._until_over()
        finally:
            self.session = None
            self._hub.ended()
            await session.close()
        self._over(reason)

    def _opened(self, session: S) -> None:
        self.session = session
        self._opened_at = self._clock.monotonic()
        self._hub.announced(talk=session.info.two_way, sound=session.info.audio)
        self._on_info(session.info)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(session)

    async def _until_over(self) -> str:
        """Return why the session is over; empty when it is our own wish."""
        while True:
            if self._ended is not None:
                return self._ended.reason
            if self._anew or not self.wanted:
                return ""
            now = self._clock.monotonic()
            if now >= (due := self._stalls_at()):
                undecodable = self._hub.pictures and self._live_since is None
                return "no_key_frame" if undecodable else "no_media"
            await self._woken(due - now)

    def _stalls_at(self) -> float:
        """Return when the session counts as dead if nothing comes until then."""
        last = self._hub.last_picture
        if self._hub.pictures == 0 or last is None:
            return self._opened_at + FIRST_PICTURE
        pace = self._hub.pace
        patience = FIRST_PICTURE if pace is None else stalls_after(pace)
        if self._live_since is None:
            return min(last + patience, self._opened_at + FIRST_KEY)
        return last + patience

    def _over(self, reason: str) -> None:
        last = self._hub.last_picture
        since = self._live_since
        if since is not None and last is not None and last - since >= HEALTHY_SECONDS:
            self._pauses.healthy()
        self.barren += reason in BARREN and since is None
        if reason:
            self._failed(reason)

    def _failed(self, reason: str) -> None:
        self._pauses.failed(reason)
        self._failed_at = self._clock.monotonic()
        phase = Phase.STALLED if reason in BARREN else Phase.LOST
        self._failure = (Phase.REFUSED if reason in REFUSALS else phase), reason
        self.refusals += (refused := reason == Reason.WRONG_KEY)
        self._set(*self._failure, again=refused or self.barren > 0)

    def _fail_waiting(self, error: LanError) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(error)

    # What the session says

    def _frame(self, frame: MediaFrame) -> None:
        self._hub.frame(frame)
        if self._live_since is None and self._hub.started:
            self._live_since = self._clock.monotonic()
            self.barren = 0
            self._set(Phase.LIVE)

    def _end(self, error: LanError) -> None:
        self._ended = error
        self._wake.set()

    def _set(self, phase: Phase, reason: str = "", *, again: bool = False) -> None:
        if again or (phase, reason) != (self.phase, self.reason):
            self.phase, self.reason = phase, reason
            self._on_state(phase, reason)

    async def _woken(self, seconds: float | None) -> None:
        """Wait for a wish or news, at most so long; wakes by itself when the linger is over."""
        left = self._until - self._clock.monotonic()
        if not self._readers and left > 0:
            seconds = left if seconds is None else min(seconds, left)
        self._wake.clear()
        await wait_for(self._clock, self._wake.wait(), seconds)
