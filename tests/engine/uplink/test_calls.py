"""Which calls are made: what the line, the vendor's limit and our own budget let through."""

import random
from dataclasses import replace

import pytest

from engine.uplink import (
    Announce,
    Answered,
    Call,
    CheckNow,
    Go,
    Hold,
    Limited,
    Outcome,
    Phase,
    Policy,
    Probe,
    Probed,
    Refuse,
    Save,
    State,
    Tick,
    Uplink,
    Wants,
    Why,
    begin,
    may,
    step,
    wake,
)
from tests.engine.uplink.home import HOUR, POLICY
from tests.engine.uplink.test_steps import at, line, opened, recovering, told

RNG = random.Random(20240216)


def limited() -> State:
    return step(line(), Limited(600.0), at(0), RNG)[0]


def spent(state: State, calls: int = 10) -> State:
    """Return the line with so many background calls made at its moment."""
    for _ in range(calls):
        state, effects = step(state, Wants(Call.BACKGROUND), state.seen, RNG)
        assert effects == (Go(),)
    return state


@pytest.mark.parametrize("call", list(Call))
@pytest.mark.parametrize(
    ("state", "verdict"),
    [(line(), Go()), (recovering(), Go()), (limited(), Why.LIMITED), (opened(), Why.OFFLINE)],
    ids=["online", "recovering", "limited", "offline"],
)
def test_who_may_call(state: State, verdict: object, call: Call) -> None:
    found = may(state, state.seen, call)
    assert (found.why if isinstance(found, Refuse) else found) == verdict
    assert step(state, Wants(call), state.seen, RNG)[1] == (found,)


def test_a_refusal_says_when_it_makes_sense_again() -> None:
    state = opened()
    assert state.next_try is not None
    assert may(state, at(5), Call.ACTION) == Refuse(Why.OFFLINE, state.next_try - 5)
    state = limited()
    assert state.limited_until is not None
    assert may(state, at(5), Call.ACTION) == Refuse(Why.LIMITED, state.limited_until - 5)


def test_ten_calls_at_once_then_one_a_minute() -> None:
    state = spent(line())
    made = 0
    for second in range(1, 3601):
        state, effects = step(state, Wants(Call.BACKGROUND), at(second), RNG)
        made += effects == (Go(),)
    assert made == 60


def test_a_saved_up_burst_is_no_larger_after_a_week() -> None:
    state = step(line(), Tick(), at(7 * 86400), RNG)[0]
    assert step(spent(state), Wants(Call.BACKGROUND), at(7 * 86400), RNG)[1] == (Refuse(Why.BUDGET, 60.0),)


def test_one_action_waits_for_its_turn_and_what_nobody_waits_for_is_dropped() -> None:
    state = spent(line())
    assert may(state, at(15), Call.LIST) == Refuse(Why.BUDGET, 45.0)
    state, effects = step(state, Wants(Call.ACTION), at(15), RNG)
    assert effects == (Hold(45.0),)
    assert isinstance(may(state, at(15), Call.ACTION), Refuse)
    assert isinstance(may(state, at(60), Call.BACKGROUND), Refuse)
    state, effects = step(state, Wants(Call.ACTION, held=True), at(60), RNG)
    assert effects == (Go(),)
    assert isinstance(may(state, at(119), Call.BACKGROUND), Refuse)
    assert may(state, at(120), Call.BACKGROUND) == Go()


def test_whoever_held_meets_the_line_as_it_is_then() -> None:
    state = step(spent(line()), Wants(Call.ACTION), at(0), RNG)[0]
    state = told(state, 30, Outcome.TRUST)
    assert isinstance(step(state, Wants(Call.ACTION, held=True), at(60), RNG)[1][0], Refuse)


def test_probes_are_paid_for_as_well() -> None:
    state = replace(opened(), next_try=0.0, tokens=0.0)
    assert step(state, Tick(), at(0), RNG)[1] == ()
    assert wake(state) == 60.0
    state, effects = step(state, Tick(), at(60), RNG)
    assert Probe(1, POLICY.probe_timeout) in effects
    assert state.tokens < 1


@pytest.mark.parametrize(
    ("state", "moment", "expected"),
    [
        (line(), 0, None),
        (recovering(), HOUR + 60, None),
        (opened(), 0, None),
        (limited(), 0, Why.LIMITED),
        (replace(line(), tokens=0.5), 0, Why.BUDGET),
        (step(line(), CheckNow(), at(0), RNG)[0], 1, Why.CHECKING),
        (step(step(line(), CheckNow(), at(0), RNG)[0], Probed(1, Outcome.OK), at(1), RNG)[0], 29, Why.SOON),
        (step(step(line(), CheckNow(), at(0), RNG)[0], Probed(1, Outcome.OK), at(1), RNG)[0], 30, None),
    ],
    ids=["online", "recovering", "offline", "limited", "spent", "checking", "soon", "later"],
)
def test_a_person_may_have_the_line_checked(state: State, moment: float, expected: Why | None) -> None:
    state, effects = step(state, CheckNow(), at(moment), RNG)
    if expected is None:
        assert isinstance(effects[0], Probe)
        assert state.probe is not None
        return
    assert isinstance(effects[0], Refuse)
    assert effects[0].why is expected
    assert effects[0].seconds > 0


def test_a_check_that_fails_does_not_make_the_next_try_later() -> None:
    state = opened()
    for _ in range(6):
        state = step(replace(state, next_try=state.seen.steady), Tick(), state.seen, RNG)[0]
        state = step(state, Probed(state.probes, Outcome.NET), state.seen, RNG)[0]
    planned, tries = state.next_try, state.tries
    assert planned is not None
    state = step(state, CheckNow(), at(31), RNG)[0]
    state = step(state, Probed(state.probes, Outcome.NET), at(32), RNG)[0]
    assert (state.next_try, state.tries) == (planned, tries)


def test_a_check_may_be_one_of_the_two_good_probes() -> None:
    state = step(opened(), CheckNow(), at(1), RNG)[0]
    state = step(state, Probed(state.probes, Outcome.OK), at(2), RNG)[0]
    state = step(state, CheckNow(), at(32), RNG)[0]
    assert step(state, Probed(state.probes, Outcome.OK), at(33), RNG)[0].uplink is Uplink.ONLINE


def test_never_two_probes_at_once() -> None:
    state = step(replace(opened(), next_try=0.0), Tick(), at(0), RNG)[0]
    assert not step(state, Tick(), at(1), RNG)[1]
    assert step(state, CheckNow(), at(40), RNG)[1] == (Refuse(Why.CHECKING, 50.0),)


def test_what_a_person_met_is_looked_into_and_a_good_answer_ends_the_suspicion() -> None:
    state = told(line(), 0, Outcome.NET, Call.ACTION)
    due = wake(state)
    assert due is not None
    assert POLICY.confirm / 2 <= due <= POLICY.confirm
    state, effects = step(state, Tick(), at(due), RNG)
    assert Save() not in effects
    state = step(state, Probed(state.probes, Outcome.OK), at(due), RNG)[0]
    assert wake(state) is None
    assert wake(told(line(), 0, Outcome.NET, Call.BACKGROUND)) is None


@pytest.mark.parametrize("outcome", [Outcome.AUTH, Outcome.CLIENT])
def test_an_answer_of_another_kind_ends_the_suspicion_too(outcome: Outcome) -> None:
    state = told(line(), 0, Outcome.NET, Call.ACTION)
    state = step(state, Tick(), at(5), RNG)[0]
    state = step(state, Probed(state.probes, outcome), at(5), RNG)[0]
    assert (state.phase, wake(state)) == (Phase.CLOSED, None)


def test_each_change_is_told_once() -> None:
    state, heard = line(), []
    for moment in range(5):
        state, effects = step(state, Answered(Call.LIST, Outcome.SERVER), at(moment), RNG)
        heard += [effect for effect in effects if not isinstance(effect, Probe)]
    # The first failure is written down as well: a restart must not make an outage look short.
    assert heard == [Save(), Save(), Announce(Uplink.ONLINE, Uplink.OFFLINE, Outcome.SERVER)]


def test_an_outage_outranks_a_limit() -> None:
    state = step(opened(), Limited(600.0), at(1), RNG)[0]
    assert state.uplink is Uplink.OFFLINE
    assert state.due == state.limited_until
    state = step(recovering(), Limited(600.0), at(HOUR), RNG)[0]
    assert state.uplink is Uplink.RECOVERING
    assert not state.may_change


def test_a_slow_answer_is_told_by_its_time() -> None:
    assert [POLICY.outcome(seconds) for seconds in (0.1, 5.0, 5.1)] == [Outcome.OK, Outcome.OK, Outcome.SLOW]


def test_lists_are_not_asked_for_in_step() -> None:
    polls = [POLICY.next_poll(RNG) for _ in range(500)]
    assert 720 <= min(polls) < 740
    assert 1060 < max(polls) <= 1080


def test_a_policy_is_scaled_as_a_whole_but_for_the_network() -> None:
    scaled = POLICY.scaled(0.1)
    assert (scaled.backoff, scaled.recover_for, scaled.refill, scaled.poll) == (3.0, 360.0, 6.0, 90.0)
    assert (scaled.probe_timeout, scaled.slow, scaled.jump) == (75.0, 5.0, 300.0)
    assert (scaled.trip, scaled.lists, scaled.burst, scaled.share) == (3.0, 3, 10, 0.5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"backoff": 0.0},
        {"refill": -1.0},
        {"recover_for": float("inf")},
        {"jump": float("nan")},
        {"rate_least": 1e6},
        {"least": 11},
    ],
    ids=str,
)
def test_a_policy_that_waits_for_nothing_or_for_ever_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"policy|bound"):
        Policy(**wrong)  # type: ignore[arg-type]


def test_a_line_begins_online() -> None:
    state = begin(POLICY, at(0))
    assert (state.uplink, state.may_confirm, state.may_change, wake(state)) == (
        Uplink.ONLINE,
        True,
        True,
        None,
    )
