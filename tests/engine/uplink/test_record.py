"""What a restart remembers, whatever the file and the clock say."""

import json
import random
from dataclasses import replace

import pytest
from hypothesis import example, given, strategies as st

from engine.uplink import (
    CheckNow,
    Limited,
    Moment,
    Outcome,
    Phase,
    Record,
    State,
    Tick,
    Uplink,
    begin,
    record,
    restore,
    step,
    wake,
)
from tests.engine.uplink.home import DAY, HOUR, MINUTE, POLICY, START
from tests.engine.uplink.test_steps import at, line, opened, probe, recovering, told

RNG = random.Random(20240216)


def written(state: State) -> Record:
    found: Record = json.loads(json.dumps(record(state)))
    return found


def again(state: State, off: float = 10.0, skew: float = 0.0) -> State:
    """Return the line after so many seconds off, on another steady clock."""
    now = Moment(5.0, state.seen.wall + off + skew)
    return restore(written(state), POLICY, now, RNG)


def outage() -> State:
    """Return a line that has been down for hours, with a long pause before it."""
    state = opened()
    while state.tries < 8:
        assert state.next_try is not None
        state = probe(state, state.next_try, Outcome.NET)
    return state


def limited() -> State:
    return step(line(), Limited(HOUR), at(0), RNG)[0]


STATES = {
    "online": line(),
    "limited": limited(),
    "failing": told(line(), 0, Outcome.NET),
    "offline": outage(),
    "distrusted": told(line(), 0, Outcome.TRUST),
    "recovering": told(told(recovering(), HOUR, Outcome.OK), HOUR + 700, Outcome.OK),
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_what_is_written_is_what_is_read(state: State) -> None:
    there = restore(written(state), POLICY, state.seen, RNG)
    assert written(there) == written(state)
    assert (there.uplink, there.tries, there.cause) == (state.uplink, state.tries, state.cause)
    assert all(isinstance(value, int | str | None) for value in written(state).values())


def test_a_restart_in_an_outage_keeps_its_pause() -> None:
    state = outage()
    there = again(state, off=10.0)
    assert there.uplink is Uplink.OFFLINE
    assert there.tries == 8
    assert state.next_try is not None
    assert there.next_try is not None
    left = state.next_try - state.seen.steady - 10
    assert there.next_try - 5.0 == pytest.approx(left, abs=0.002)
    assert there.lasted == pytest.approx(state.lasted + 10, abs=0.01)


def test_what_is_overdue_after_a_restart_is_done_within_a_minute_but_not_by_all_at_once() -> None:
    due = [again(outage(), off=DAY).next_try or 0.0 for _ in range(200)]
    assert 5.0 <= min(due) < 10
    assert 60 < max(due) <= 65.0


def test_a_probe_that_a_crash_interrupted_has_failed() -> None:
    state = outage()
    assert state.next_try is not None
    state = step(state, Tick(), at(state.next_try), RNG)[0]
    assert state.probe is not None
    there = again(state, off=5.0)
    assert there.tries == 9
    assert there.next_try is not None
    assert there.next_try - 5.0 >= POLICY.backoff_cap / 2 - 5.0


def test_a_probe_of_a_line_that_is_well_is_forgotten() -> None:
    there = again(step(line(), CheckNow(), at(0), RNG)[0])
    assert (there.phase, there.probe, wake(there)) == (Phase.CLOSED, None, None)


@pytest.mark.parametrize(
    ("off", "skew", "left"),
    [(10, 0, 3590), (HOUR / 2, 0, 1800), (2 * HOUR, 0, 0), (10, -DAY, 3600), (10, DAY, 0)],
)
def test_a_limit_outlives_a_restart(off: float, skew: float, left: float) -> None:
    there = again(limited(), off, skew)
    if not left:
        assert there.limited_until is None
        return
    assert there.uplink is Uplink.LIMITED
    assert there.limited_until is not None
    assert left - 1 <= there.limited_until - 5.0 <= left * 1.1 + HOUR * 0.1


def test_a_recovery_goes_on_where_it_was() -> None:
    state = told(told(recovering(), HOUR, Outcome.OK), HOUR + 700, Outcome.OK)
    there = again(step(state, Tick(), at(HOUR + 1200), RNG)[0], off=3 * DAY)
    assert (there.uplink, there.lists) == (Uplink.RECOVERING, 2)
    assert there.recovering_since is not None
    assert 5.0 - there.recovering_since == pytest.approx(1200, abs=0.002)  # the days off do not count
    assert there.last_list is not None
    assert 5.0 - there.last_list == pytest.approx(500, abs=0.002)


@pytest.mark.parametrize("skew", [-DAY, -100.0, -START])
def test_a_clock_that_went_back_makes_an_outage_long(skew: float) -> None:
    there = again(opened(), off=10.0, skew=skew)
    assert there.lasted >= POLICY.long
    assert there.next_try is not None
    assert there.next_try - 5.0 <= POLICY.backoff_cap
    assert probe(probe(there, 40, Outcome.OK), 70, Outcome.OK).uplink is Uplink.RECOVERING


def test_a_short_outage_stays_short_over_a_quick_restart() -> None:
    there = again(opened(), off=10.0)
    assert probe(probe(there, 40, Outcome.OK), 70, Outcome.OK).uplink is Uplink.ONLINE


def test_a_restart_before_an_outage_was_noticed_does_not_make_it_short() -> None:
    there = again(told(told(line(), 0, Outcome.NET), 500, Outcome.NET), off=50.0)
    _then_it_is_noticed(there)


def test_nor_does_a_clock_that_went_back() -> None:
    _then_it_is_noticed(again(told(line(), 0, Outcome.NET), off=10.0, skew=-DAY))


def _then_it_is_noticed(there: State) -> None:
    assert there.phase is Phase.CLOSED
    for _ in range(3):
        there = told(there, 10, Outcome.NET)
    assert probe(probe(there, 40, Outcome.OK), 70, Outcome.OK).uplink is Uplink.RECOVERING


def test_calls_are_not_given_anew_by_a_restart() -> None:
    there = again(replace(outage(), tokens=0.9))
    assert there.tokens == 0


GOOD = written(outage())


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        [],
        "open",
        {},
        GOOD | {"more": 1},
        {name: value for name, value in GOOD.items() if name != "tries"},
        GOOD | {"version": 2},
        GOOD | {"phase": "half"},
        GOOD | {"cause": "weather"},
        GOOD | {"tries": True},
        GOOD | {"tries": 3.0},
        GOOD | {"tries": None},
        GOOD | {"confirm": 1},
        GOOD | {"out_for": 1 << 60},
        GOOD | {"phase": ["open"]},
    ],
    ids=repr,
)
def test_a_damaged_record_is_an_outage_of_unknown_length(damaged: object) -> None:
    there = restore(damaged, POLICY, at(0), RNG)
    assert there.uplink is Uplink.OFFLINE
    assert there.confirm
    assert there.next_try is not None
    assert 0 <= there.next_try <= POLICY.settle
    assert probe(probe(there, 40, Outcome.OK), 70, Outcome.OK).uplink is Uplink.RECOVERING


WHOLE = st.integers(-(1 << 50), 1 << 50)


@given(
    st.fixed_dictionaries(
        {
            name: st.one_of(st.just(value), WHOLE)
            if isinstance(value, int) and not isinstance(value, bool) and name != "version"
            else st.just(value)
            for name, value in GOOD.items()
        }
        | {"phase": st.sampled_from(["closed", "open", "recovering"]), "probing": st.booleans()}
        | {"list_ago": st.none() | WHOLE, "out_for": st.none() | WHOLE}
    ),
    st.floats(0, 4e9),
    st.integers(0, 1000),
)
@example(GOOD | {"limited_for": 1 << 50}, at(0).wall, 0)
def test_whatever_is_written_leaves_nothing_stuck(value: Record, wall: float, seed: int) -> None:
    """Numbers out of all bounds are cut to what the policy can mean."""
    now = Moment(0.0, wall)
    state = restore(value, POLICY, now, random.Random(seed))
    assert -1 <= state.tokens <= POLICY.burst
    if state.limited_until is not None:
        assert 0 < state.limited_until <= POLICY.rate_most
    if state.phase is Phase.OPEN:
        assert state.tries >= 1
        assert state.due is not None
        limit = state.limited_until or 0.0
        assert state.due <= max(POLICY.backoff_cap, limit, 2 * POLICY.refill)
    if state.recovering_since is not None:
        assert -POLICY.recover_for <= state.recovering_since <= 0
    assert json.loads(json.dumps(record(state))) == record(state)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_any_json_is_read_without_an_error(value: object) -> None:
    assert restore(value, POLICY, at(0), RNG).uplink is Uplink.OFFLINE


def test_a_shorter_policy_bounds_what_a_longer_one_wrote() -> None:
    short = POLICY.scaled(0.01)
    state = outage()
    there = restore(written(state), short, state.seen, RNG)
    assert there.next_try is not None
    assert there.next_try - state.seen.steady <= short.backoff_cap
    assert begin(short, at(0)).policy is short


def test_a_record_holds_nothing_but_times_and_counts() -> None:
    assert set(GOOD) == {
        *("version", "saved_at", "phase", "cause", "tries", "probing", "next_in", "out_for", "confirm"),
        *("recovered_for", "lists", "list_ago", "limited_for", "tokens"),
    }
    assert MINUTE < GOOD["out_for"] / 1000 < 2 * HOUR  # type: ignore[operator]
