"""The line to the vendor of one account: `engine.uplink` with a clock, a timer and the vault's memory.

Every call that the account makes is asked for here first, and what became of it is told here. When the line
is down nothing is asked but a probe now and then; when it comes back after long, its word only confirms.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .engine.uplink import (
    Announce,
    Answered,
    Call,
    CalledOff,
    CheckNow,
    Event,
    Go,
    Hold,
    Limited,
    Moment,
    Outcome,
    Phase,
    Probe,
    Probed,
    Refuse,
    Save,
    Tick,
    Uplink,
    Verdict,
    Wants,
    Why,
    begin,
    step,
    wake,
)
from .line_memory import LineMemory
from .line_status import Answer, LineLog, LineStatus, moment_at, since_when

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry
    from .entry_vault import EntryVault
    from .environment import Environment

_LEAST_WAIT = 0.01
"""Seconds that the timer waits at least, so that no rounding makes it turn in a circle."""
_WELL = frozenset({Outcome.OK, Outcome.SLOW})


class Line:
    """The line of one account. Everything it starts ends with `async_close`."""

    def __init__(
        self,
        entry: WyzeLocalConfigEntry,
        vault: EntryVault,
        environment: Environment,
        *,
        spawn: Callable[[Coroutine[None, None, None]], asyncio.Task[None]],
        ask_list: Callable[[], Awaitable[None]],
        ask_user: Callable[[], Awaitable[Answer]],
        changed: Callable[[LineStatus], None],
    ) -> None:
        """Prepare; nothing happens before `async_start`.

        `ask_list` is called when a list is due; `ask_user` makes the probe's call, and is called for nothing
        else; `changed` is called with the status as it was when it has become another one.
        """
        self._entry = entry
        self._clock = environment.clock
        self._rng = environment.random
        self.policy = environment.uplink
        self._spawn = spawn
        self._ask_list = ask_list
        self._ask_user = ask_user
        self._changed = changed
        self._machine = begin(self.policy, self._now)
        self._memory = LineMemory(vault, spawn)
        self._running = False
        self._next_list: float | None = None
        """When the next list is due, by the steady clock."""
        self._timer: asyncio.Task[None] | None = None
        self._due: float | None = None
        """When the timer goes off."""
        self._listing: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self._log = LineLog()
        self.status = LineStatus.of(self._machine, since_when(self._machine))

    # How it stands

    @property
    def state(self) -> Uplink:
        """The line in one word."""
        return self._machine.uplink

    @property
    def may_change(self) -> bool:
        """Whether an answer may add or change anything."""
        return self._machine.may_change

    @property
    def may_confirm(self) -> bool:
        """Whether an answer may confirm what is known."""
        return self._machine.may_confirm

    @property
    def lists(self) -> int:
        """How many clean lists of a recovery have come."""
        return self._machine.lists

    # Life

    @callback
    def async_start(self) -> None:
        """Begin where the last run left off; the first list comes at once unless something is wrong."""
        self._running = True
        self._recall()
        self._next_list = self._first_list()
        self._plan()

    @callback
    def async_recall(self) -> None:
        """Take up what the vault remembers, if it was shut until now."""
        if self._running and self._recall():
            self._next_list = self._first_list()
            self._plan()

    def _recall(self) -> bool:
        found = self._memory.recall(self.policy, self._now, self._rng)
        if found is None:
            return False
        self._machine = found
        status = LineStatus.of(found, since_when(found))
        self._log.resume(status)
        self._show(status)
        return True

    def _first_list(self) -> float | None:
        """Return when the first list is due: whoever was failing before is not met with a call at once."""
        if self._machine.phase is Phase.OPEN:
            return None
        now = self._now.steady
        well = self._machine.phase is Phase.CLOSED and self._machine.out_since is None
        return now if well else now + self._rng.uniform(0.0, self.policy.settle)

    @callback
    def async_rest(self) -> None:
        """Ask nothing, and wait for nothing, until `async_start`; a probe that ends by this is forgotten."""
        self._halt()
        self._send(CalledOff())

    def _halt(self) -> None:
        self._running = False
        for task in (self._timer, self._listing, self._probing):
            if task is not None:
                task.cancel()
        self._timer = self._due = self._next_list = None

    async def async_close(self) -> None:
        """End for good: what waits is called off, and what a restart must not forget is written."""
        self._halt()
        due = wake(self._machine)
        if due is None or due > self._now.steady:
            # Only to let time pass; what is due would begin a probe.
            self._machine, _ = step(self._machine, Tick(), self._now, self._rng)
        await self._memory.async_close(self._machine)

    # Calls

    async def ask(self, call: Call) -> Go | Refuse:
        """Ask for a call, and wait for its turn if there is one; pays for it when it may be made."""
        verdict = self._send(Wants(call))
        if isinstance(verdict, Hold):
            await self._clock.sleep(verdict.seconds)
            verdict = self._send(Wants(call, held=True))
        refused = verdict if isinstance(verdict, Refuse) else None
        if call is Call.LIST:
            self._next_list = self._after_list(refused)
            self._plan()
        return refused or Go()

    def _after_list(self, refused: Refuse | None) -> float | None:
        """Return when the next list is due."""
        now = self._now.steady
        if refused is None:
            return now + self.policy.next_poll(self._rng)
        if refused.why is Why.LIMITED:
            return now + refused.seconds + self._rng.uniform(0.0, self.policy.settle)
        # The end of an outage brings the next list by itself.
        return now + refused.seconds if refused.why is Why.BUDGET else None

    @callback
    def answered(self, call: Call, answer: Answer) -> None:
        """Tell what became of a call; of a list, when it has been judged."""
        self._send(Answered(call, answer.outcome, answer.retry_after))

    @callback
    def limited(self, retry_after: float | None) -> None:
        """Tell for how many seconds a good answer wants nothing more to be asked; None: it does not."""
        if retry_after is not None:
            self._send(Limited(retry_after))

    @callback
    def list_in(self, seconds: float) -> None:
        """Have the next list asked for in so many seconds, if it may be asked for then."""
        if self._next_list is not None:
            self._next_list = self._now.steady + seconds
            self._plan()

    async def async_check(self) -> Refuse | None:
        """Ask the vendor one thing now, for a person; returns when that is over, or why it was not done."""
        verdict = self._send(CheckNow())
        if not isinstance(verdict, Refuse) and self._probing is not None:
            await asyncio.wait({self._probing})
        return verdict if isinstance(verdict, Refuse) else None

    # The machine

    @property
    def _now(self) -> Moment:
        return Moment(self._clock.monotonic(), self._clock.time())

    def _send(self, event: Event) -> Verdict | None:
        """Take a step and do what comes out; returns the verdict on what was asked for, if it was."""
        verdict: Verdict | None = None
        self._machine, effects = step(self._machine, event, self._now, self._rng)
        for effect in effects:
            match effect:
                case Probe():
                    self._probing = self._spawn(self._async_probe(effect))
                case Save():
                    self._memory.async_keep(self._machine)
                case Announce():
                    self._follow(effect, listed=isinstance(event, Answered) and event.call is Call.LIST)
                case _:
                    verdict = effect
        changed = self.state is not self.status.state
        since = moment_at(self._machine.seen.wall) if changed else self.status.since
        self._show(LineStatus.of(self._machine, since))
        if isinstance(event, Answered | Probed) and event.outcome in _WELL:
            self._log.answered(self.status)
        self._plan()
        return verdict

    def _follow(self, told: Announce, *, listed: bool) -> None:
        """Ask for no list while the line is down, and soon for one when it is back and none has just come."""
        if told.now is Uplink.OFFLINE:
            self._next_list = None
        elif told.was in {Uplink.OFFLINE, Uplink.RECOVERING} and not listed:
            soon = self._now.steady + self._rng.uniform(0.0, self.policy.settle)
            self._next_list = soon if self._next_list is None else min(self._next_list, soon)

    def _show(self, status: LineStatus) -> None:
        before, self.status = self.status, status
        if status.state is not before.state:
            self._log.note(status)
        if status != before:
            self._changed(before)

    async def _async_probe(self, probe: Probe) -> None:
        try:
            async with asyncio.timeout(probe.timeout):
                answer = await self._ask_user()
        except TimeoutError:
            answer = Answer(Outcome.NET)
        self._send(Probed(probe.number, answer.outcome, answer.retry_after))

    # The one timer

    def _plan(self) -> None:
        """Let the timer go off when there is something to do next."""
        moments = [moment for moment in (wake(self._machine), self._next_list) if moment is not None]
        due = min(moments, default=None) if self._running else None
        if due == self._due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = None if due is None else self._spawn(self._async_wait(due))

    async def _async_wait(self, due: float) -> None:
        await self._clock.sleep(max(due - self._now.steady, _LEAST_WAIT))
        self._timer = self._due = None
        self._send(Tick())
        now = self._now.steady
        if self._next_list is not None and self._next_list <= now:
            self._next_list = now + self.policy.next_poll(self._rng)
            if (self._listing is None or self._listing.done()) and not self._entry.pref_disable_polling:
                self._listing = self._spawn(self._async_list())
        self._plan()

    async def _async_list(self) -> None:
        await self._ask_list()
