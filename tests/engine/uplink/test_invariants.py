"""Any events in any order on any clocks: what must hold after each of them."""

import json
import random

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from engine import uplink
from tests.engine.uplink.home import DAY, HOUR, POLICY, START

RETRY = st.none() | st.floats(-DAY, 2 * DAY)
OUTCOMES = st.sampled_from(uplink.Outcome)
CALLS = st.sampled_from(uplink.Call)


class Line(RuleBasedStateMachine):
    """One line, its coordinator and its clocks, and a witness that keeps its own books."""

    @initialize(seed=st.integers(0, 2**32))
    def born(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.steady, self.wall = 1000.0, START
        self.state = uplink.begin(POLICY, self.moment)
        self.word = uplink.Uplink.ONLINE
        self.flight: int | None = None
        self.flown = 0.0
        self.down_since: tuple[float, float] | None = None
        self.foreign = False
        self.recovering = 0.0
        self.clean: list[float] = []
        self.asked: list[float] = []
        self.saved: str | None = None

    @property
    def moment(self) -> uplink.Moment:
        return uplink.Moment(self.steady, self.wall)

    def send(self, event: uplink.Event) -> tuple[uplink.Effect, ...]:
        before = self.state
        self.state, effects = uplink.step(before, event, self.moment, self.rng)
        again, more = uplink.step(before, event, self.moment, random.Random(0))
        assert (again.phase, again.uplink) == (
            self.state.phase,
            self.state.uplink,
        )  # by chance only times
        assert [type(effect) for effect in more if not isinstance(effect, uplink.Save)] == [
            type(effect) for effect in effects if not isinstance(effect, uplink.Save)
        ]
        for effect in effects:
            if isinstance(effect, uplink.Probe):
                assert self.state.limited_until is None
                if self.flight is not None:
                    assert self.steady >= self.flown + effect.timeout  # given up by then
                self.flight, self.flown = effect.number, self.steady
                self.asked.append(self.steady)
            elif isinstance(effect, uplink.Announce):
                assert (effect.was, effect.now) == (self.word, self.state.uplink)
                self.word = effect.now
            elif isinstance(effect, uplink.Save):
                self.saved = json.dumps(uplink.record(self.state))
        if isinstance(event, uplink.Wants):
            verdicts = [
                effect for effect in effects if isinstance(effect, uplink.Go | uplink.Hold | uplink.Refuse)
            ]
            assert len(verdicts) == 1
            if isinstance(verdicts[0], uplink.Go | uplink.Hold):
                self.asked.append(self.steady)
        self._watch(before.phase, event)
        return effects

    def _watch(self, before: uplink.Phase, event: uplink.Event) -> None:
        """Keep our own books of outages and recoveries."""
        phase = self.state.phase
        if isinstance(event, uplink.Answered | uplink.Probed) and event.outcome is uplink.Outcome.TRUST:
            self.foreign = True
            assert phase is uplink.Phase.OPEN
        if before is uplink.Phase.CLOSED and phase is uplink.Phase.OPEN:
            self.down_since = (self.steady, self.wall)
        if phase is uplink.Phase.RECOVERING and before is uplink.Phase.OPEN:
            self.recovering, self.clean = self.steady, []
        if (
            before is uplink.Phase.RECOVERING
            and isinstance(event, uplink.Answered)
            and event.call is uplink.Call.LIST
        ):
            if event.outcome is uplink.Outcome.OK:
                if not self.clean or self.steady >= self.clean[-1] + POLICY.list_gap:
                    self.clean.append(self.steady)
            elif event.outcome in {uplink.Outcome.NET, uplink.Outcome.SERVER, uplink.Outcome.MALFORMED}:
                self.clean = []
        if phase is uplink.Phase.CLOSED and before is not uplink.Phase.CLOSED:
            assert self.down_since is not None
            if before is uplink.Phase.RECOVERING:
                assert self.steady - self.recovering >= POLICY.recover_for - 0.01
                assert len(self.clean) >= POLICY.lists
            else:
                lasted = max(self.steady - self.down_since[0], self.wall - self.down_since[1])
                assert lasted < POLICY.long
                assert not self.foreign
            self.foreign, self.down_since = False, None

    @rule(seconds=st.one_of(st.floats(0, 120), st.floats(0, 3 * HOUR)))
    def wait(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds

    @rule()
    def wait_until_it_wants_to(self) -> None:
        due = uplink.wake(self.state)
        if due is not None and due > self.steady:
            self.wall += due - self.steady
            self.steady = due
        self.send(uplink.Tick())

    @rule(call=CALLS, outcome=OUTCOMES, retry=RETRY)
    def answer(self, call: uplink.Call, outcome: uplink.Outcome, retry: float | None) -> None:
        self.send(uplink.Answered(call, outcome, retry))

    @rule(call=CALLS, outcome=st.sampled_from([uplink.Outcome.NET, uplink.Outcome.SERVER]))
    def fail(self, call: uplink.Call, outcome: uplink.Outcome) -> None:
        for _ in range(3):
            self.send(uplink.Answered(call, outcome))

    @rule(
        outcome=st.sampled_from([uplink.Outcome.OK, uplink.Outcome.OK, uplink.Outcome.OK, *uplink.Outcome]),
        retry=RETRY,
    )
    def come_back(self, outcome: uplink.Outcome, retry: float | None) -> None:
        if self.flight is not None:
            number, self.flight = self.flight, None
            self.send(uplink.Probed(number, outcome, retry))

    @rule()
    def vendor_comes_back(self) -> None:
        """Two good probes, whenever they are due."""
        for _ in range(12):
            if self.state.phase is not uplink.Phase.OPEN:
                break
            self.wait_until_it_wants_to()
            self.come_back(uplink.Outcome.OK, None)

    @rule(lists=st.integers(1, 6), gap=st.sampled_from([300.0, 720.0, 900.0, 1080.0]))
    def clean_lists(self, lists: int, gap: float) -> None:
        for _ in range(lists):
            self.wait(gap)
            self.send(uplink.Tick())
            self.answer(uplink.Call.LIST, uplink.Outcome.OK, None)

    @rule(number=st.integers(-3, 40), outcome=OUTCOMES)
    def stray(self, number: int, outcome: uplink.Outcome) -> None:
        """A probe of another time comes back."""
        if number != self.flight:
            before = self.state.phase
            self.send(uplink.Probed(number, outcome))
            if outcome in {uplink.Outcome.OK, uplink.Outcome.SLOW} and before is uplink.Phase.OPEN:
                assert self.state.phase is uplink.Phase.OPEN

    @rule(call=CALLS, held=st.booleans())
    def want(self, call: uplink.Call, held: bool) -> None:
        if not held:
            foreseen = uplink.may(self.state, self.moment, call)
            if self.send(uplink.Tick()) == ():
                assert type(uplink.may(self.state, self.moment, call)) is type(foreseen)
            self.send(uplink.Wants(call))

    @rule()
    def check(self) -> None:
        self.send(uplink.CheckNow())

    @rule()
    def call_off(self) -> None:
        """The vendor is left alone for a while, and nothing is learned by that."""
        self.send(uplink.Tick())
        before, self.flight = self.state, None
        self.send(uplink.CalledOff())
        assert self.state.probe is None
        assert (self.state.phase, self.state.tries, self.state.run) == (
            before.phase, before.tries, before.run
        )  # fmt: skip

    @rule(retry=RETRY)
    def limit(self, retry: float | None) -> None:
        self.send(uplink.Limited(retry))

    @rule(jump=st.sampled_from([-DAY, DAY, HOUR, -HOUR, 8 * HOUR, -START, 301.0, -301.0, 299.0, 1e9]))
    def jump(self, jump: float) -> None:
        self.wall = max(0.0, self.wall + jump)

    @rule(off=st.floats(0, 2 * DAY), jump=st.sampled_from([0.0, 0.0, DAY, -DAY, -START]))
    def restart(self, off: float, jump: float) -> None:
        if self.saved is None:
            return
        before = self.state
        self.send(uplink.Tick())
        saved = json.dumps(uplink.record(self.state))
        shift = self.rng.uniform(0, 1e6) - self.steady
        self.steady += shift
        self.wall = max(0.0, self.wall + off + jump)
        self.state = uplink.restore(json.loads(saved), POLICY, self.moment, self.rng)
        assert self.state.phase is json_phase(saved)
        assert self.state.tries >= (before.tries if self.state.phase is uplink.Phase.OPEN else 0)
        assert self.state.uplink is not uplink.Uplink.ONLINE or json_phase(saved) is uplink.Phase.CLOSED
        self.word = self.state.uplink
        self.flight = None
        self.asked.clear()
        self.recovering += shift
        self.clean = [moment + shift for moment in self.clean]
        if self.down_since is not None:
            # What no clock can show, nobody can know: only what the wall clock says of the time off counts.
            self.down_since = (self.down_since[0] + shift - max(0.0, off + jump), self.down_since[1])

    @invariant()
    def never_stuck(self) -> None:
        state = self.state
        if state.phase is not uplink.Phase.OPEN:
            return
        assert state.probe is not None or state.due is not None
        due = uplink.wake(state)
        assert due is not None
        assert due <= state.seen.steady + POLICY.settle + 1e-6
        if state.probe is None and state.limited_until is None:
            assert state.due is not None
            assert state.due <= state.seen.steady + POLICY.backoff_cap + 1e-6
        if state.limited_until is not None:
            assert state.limited_until <= state.seen.steady + POLICY.rate_most

    @invariant()
    def a_recovery_waits_for_nothing_but_time_and_lists(self) -> None:
        state = self.state
        if state.phase is uplink.Phase.RECOVERING:
            assert not state.may_change
            assert state.may_confirm
            assert state.recovering_since is not None
            assert state.recovering_since <= state.seen.steady
            if state.lists >= POLICY.lists:
                assert uplink.wake(state) is not None
        assert state.may_change is (state.phase is uplink.Phase.CLOSED)

    @invariant()
    def never_more_than_the_budget(self) -> None:
        """In any hour of one run: the burst, one a minute, and at most one taken ahead."""
        recent = [moment for moment in self.asked if moment > self.steady - HOUR]
        assert len(recent) <= POLICY.burst + 60 + 2

    @invariant()
    def what_is_written_is_what_is_read(self) -> None:
        there = uplink.restore(
            json.loads(json.dumps(uplink.record(self.state))), POLICY, self.state.seen, self.rng
        )
        assert (there.phase, there.limited_until is None) == (
            self.state.phase,
            self.state.limited_until is None,
        )
        if self.state.phase is not uplink.Phase.CLOSED and self.state.probe is None:
            assert uplink.record(there) | {"next_in": 0} == uplink.record(self.state) | {"next_in": 0}


def json_phase(saved: str) -> uplink.Phase:
    return uplink.Phase(json.loads(saved)["phase"])


def test_any_events_in_any_order() -> None:
    run_state_machine_as_test(Line, settings=settings(stateful_step_count=60))
