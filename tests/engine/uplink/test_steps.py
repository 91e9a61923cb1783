"""Each rule of the line by itself, as a table."""

import random
from dataclasses import replace

import pytest

from engine.uplink import (
    Announce,
    Answered,
    Call,
    CalledOff,
    Event,
    Limited,
    Moment,
    Outcome,
    Phase,
    Policy,
    Probe,
    Probed,
    Save,
    State,
    Tick,
    Uplink,
    begin,
    step,
    wake,
)
from tests.engine.uplink.home import DAY, HOUR, MINUTE, POLICY, START

RNG = random.Random(20240216)
WORDS = {
    "o": Outcome.OK,
    "s": Outcome.SLOW,
    "n": Outcome.NET,
    "5": Outcome.SERVER,
    "m": Outcome.MALFORMED,
    "a": Outcome.AUTH,
    "c": Outcome.CLIENT,
    "T": Outcome.TRUST,
}


def at(seconds: float) -> Moment:
    return Moment(seconds, START + seconds)


def line(policy: Policy = POLICY) -> State:
    return begin(policy, at(0))


def told(state: State, seconds: float, outcome: Outcome, call: Call = Call.LIST) -> State:
    return step(state, Answered(call, outcome), at(seconds), RNG)[0]


def opened(seconds: float = 0.0) -> State:
    """Return a line that three failures at one moment have opened."""
    state = begin(POLICY, at(seconds))
    for _ in range(3):
        state = told(state, seconds, Outcome.NET)
    assert state.phase is Phase.OPEN
    return state


def probe(state: State, seconds: float, outcome: Outcome, takes: float = 0.0) -> State:
    """Let a probe that is due go out, and come back."""
    state, effects = step(replace(state, next_try=seconds), Tick(), at(seconds), RNG)
    assert [effect for effect in effects if isinstance(effect, Probe)], effects
    return step(state, Probed(state.probes, outcome), at(seconds + takes), RNG)[0]


def recovering(seconds: float = HOUR) -> State:
    """Return a line that has begun to recover at a moment."""
    state = probe(opened(), seconds - 30, Outcome.OK)
    state = probe(state, seconds, Outcome.OK)
    assert state.phase is Phase.RECOVERING
    return state


@pytest.mark.parametrize(
    ("outcomes", "every", "opens_at"),
    [
        ("nnn", 900, 3),
        ("5mn", 900, 3),
        ("nn", 900, None),
        ("nnon", 60, 4),  # three of the last four
        ("nnoon", 60, 5),
        ("nnooo", 60, None),
        ("onnoonoo", 60, 6),
        ("onoooonooo", 60, None),
        ("nnon", 1200, None),  # two of them only in half an hour
        ("nonononono", 900, None),
        ("ssss", 60, 4),  # half of four calls
        ("ssssss", 1000, 6),
        ("sssss", 1000, None),
        ("ssosso", 1000, None),
        ("aaaaaaaaaa", 60, None),
        ("cccccccccc", 60, None),
        ("nnaacacn", 900, 8),  # neither failure nor good answer
        ("T", 900, 1),
        ("oT", 900, 2),
        ("ooooooooo" + "nnn", 60, 12),
    ],
)
def test_what_takes_the_line_down(outcomes: str, every: float, opens_at: int | None) -> None:
    state, found = line(), None
    for number, letter in enumerate(outcomes, 1):
        state = told(state, number * every, WORDS[letter])
        if state.phase is Phase.OPEN and found is None:
            found = number
    assert found == opens_at


def test_old_calls_do_not_count() -> None:
    """Of more than ten calls in half an hour the newest ten count."""
    state = line()
    for number in range(6):
        state = told(state, number, Outcome.OK)
    for number in range(6, 16):
        state = told(state, number, Outcome.NET if number % 3 == 0 else Outcome.OK)
    assert state.phase is Phase.CLOSED
    assert len(state.window) == 10


@pytest.mark.parametrize("tries", [*range(1, 9), 40, 10_000])
def test_pauses_double_up_to_a_quarter_of_an_hour(tries: int) -> None:
    cap = min(900.0, 30.0 * 2 ** (min(tries, 20) - 1))
    pauses = [POLICY.pause(tries, RNG) for _ in range(500)]
    assert cap / 2 <= min(pauses) < cap * 0.55
    assert cap * 0.95 < max(pauses) <= cap


def test_each_failed_probe_makes_the_pause_longer() -> None:
    state, now = opened(), 0.0
    for tries in range(1, 9):
        assert state.tries == tries
        cap = min(900.0, 30.0 * 2 ** (tries - 1))
        assert state.next_try is not None
        assert cap / 2 <= state.next_try - now <= cap
        now = state.next_try
        state = probe(state, now, Outcome.NET)


@pytest.mark.parametrize(
    ("first", "second", "gap", "phase"),
    [
        (Outcome.OK, Outcome.OK, 30.0, Phase.CLOSED),
        (Outcome.OK, Outcome.OK, 29.0, Phase.OPEN),
        (Outcome.OK, Outcome.NET, 30.0, Phase.OPEN),
        (Outcome.OK, Outcome.SLOW, 30.0, Phase.OPEN),
        (Outcome.OK, Outcome.AUTH, 30.0, Phase.OPEN),
        (Outcome.OK, Outcome.TRUST, 30.0, Phase.OPEN),
        (Outcome.OK, Outcome.RATE, 30.0, Phase.OPEN),
        (Outcome.NET, Outcome.OK, 30.0, Phase.OPEN),
        (Outcome.AUTH, Outcome.OK, 30.0, Phase.OPEN),
    ],
)
def test_two_good_probes_end_an_outage(first: Outcome, second: Outcome, gap: float, phase: Phase) -> None:
    state = probe(probe(opened(), 60, first), 60 + gap, second)
    assert state.phase is phase
    if phase is Phase.OPEN:
        assert state.next_try is not None
    else:
        assert (state.tries, state.out_since, state.next_try) == (0, None, None)


def test_a_failure_between_two_good_probes_counts_from_the_start() -> None:
    state = opened()
    for moment, outcome in ((60, Outcome.OK), (100, Outcome.NET), (200, Outcome.OK)):
        state = probe(state, moment, outcome)
    assert state.phase is Phase.OPEN
    assert probe(state, 230, Outcome.OK).phase is Phase.CLOSED


@pytest.mark.parametrize(
    ("lasted", "phase"),
    [(60, Phase.CLOSED), (599, Phase.CLOSED), (600, Phase.RECOVERING), (DAY, Phase.RECOVERING)],
)
def test_a_long_outage_ends_in_a_recovery(lasted: float, phase: Phase) -> None:
    state = probe(probe(opened(), lasted - 30, Outcome.OK), lasted, Outcome.OK)
    assert state.phase is phase
    assert state.may_change is (phase is Phase.CLOSED)
    assert state.may_confirm


def test_an_outage_begins_with_its_first_failure() -> None:
    """Lists that come every quarter of an hour notice late; the vendor was away all that time."""
    state = line()
    for moment in (0, 900, 1800):
        state = told(state, moment, Outcome.NET)
    state = probe(probe(state, 1830, Outcome.OK), 1860, Outcome.OK)
    assert state.phase is Phase.RECOVERING
    state = told(told(line(), 0, Outcome.NET), 900, Outcome.OK)
    for moment in (1800, 1801, 1802):
        state = told(state, moment, Outcome.NET)
    assert state.lasted == 2


@pytest.mark.parametrize(
    ("answers", "ends_at"),
    [
        ([(0, "o"), (15, "o"), (30, "o"), (45, "o")], 60),
        ([(0, "o"), (15, "o"), (30, "o")], 60),
        ([(0, "o"), (5, "o"), (9, "o"), (30, "o")], None),  # two of the four are far enough apart
        ([(0, "o"), (30, "o"), (70, "o")], 70),
        ([(0, "o"), (10, "o"), (20, "m"), (30, "o"), (40, "o"), (50, "o")], 60),
        ([(0, "o"), (10, "o"), (20, "o"), (30, "m"), (50, "o"), (62, "o"), (75, "o")], 75),
        ([(0, "o"), (15, "s"), (30, "o")], None),
        ([(0, "o"), (15, "a"), (30, "o"), (45, "o")], 60),
        ([], None),
    ],
)
def test_a_recovery_takes_an_hour_and_three_clean_lists(
    answers: list[tuple[int, str]], ends_at: int | None
) -> None:
    state, found = recovering(), None
    events = dict(answers)
    for minute in range(100):
        now = HOUR + minute * MINUTE
        state = step(state, Tick(), at(now), RNG)[0]
        if minute in events:
            state = told(state, now, WORDS[events[minute]])
        if state.phase is Phase.CLOSED and found is None:
            found = minute
        assert state.may_change is (found is not None)
    assert found == ends_at


@pytest.mark.parametrize("call", [Call.ACTION, Call.BACKGROUND])
def test_only_lists_make_a_recovery_go_on(call: Call) -> None:
    state = recovering()
    for minute in range(0, 90, 15):
        state = told(state, HOUR + minute * MINUTE, Outcome.OK, call)
    assert (state.phase, state.lists) == (Phase.RECOVERING, 0)


@pytest.mark.parametrize("outcomes", ["T", "nnn", "omT"])
def test_a_recovery_that_goes_wrong_starts_over(outcomes: str) -> None:
    state = recovering()
    tries = state.tries
    state = told(told(state, HOUR, Outcome.OK), HOUR + 600, Outcome.OK)
    for number, letter in enumerate(outcomes):
        state = told(state, HOUR + 700 + number, WORDS[letter])
    assert state.phase is Phase.OPEN
    assert state.tries == tries + 1
    state = probe(probe(state, HOUR + 800, Outcome.OK), HOUR + 830, Outcome.OK)
    assert (state.phase, state.lists, state.recovering_since) == (Phase.RECOVERING, 0, HOUR + 830)


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("probed", [False, True], ids=["call", "probe"])
def test_an_answer_about_somebody_else_forces_a_full_recovery(phase: Phase, probed: bool) -> None:
    state = {Phase.CLOSED: line(), Phase.OPEN: opened(HOUR), Phase.RECOVERING: recovering()}[phase]
    if probed:
        state = step(replace(state, next_try=HOUR), Tick(), at(HOUR), RNG)[0]
        state = step(state, Probed(state.probes, Outcome.TRUST), at(HOUR), RNG)[0]
    else:
        state = told(state, HOUR, Outcome.TRUST)
    assert (state.uplink, state.cause) == (Uplink.OFFLINE, Outcome.TRUST)
    assert not state.may_confirm
    state = probe(probe(state, HOUR + 60, Outcome.OK), HOUR + 90, Outcome.OK)
    assert state.uplink is Uplink.RECOVERING


def test_a_warning_from_a_probe_that_was_given_up_still_counts() -> None:
    state = step(replace(opened(), next_try=0.0), Tick(), at(0), RNG)[0]
    number = state.probes
    state = step(state, Tick(), at(91), RNG)[0]
    assert state.probe is None
    assert state.tries == 2
    ignored = step(state, Probed(number, Outcome.OK), at(92), RNG)[0]
    assert replace(ignored, seen=state.seen, tokens=state.tokens) == state
    assert step(state, Probed(number, Outcome.TRUST), at(92), RNG)[0].confirm


@pytest.mark.parametrize("down", [False, True], ids=["online", "offline"])
def test_a_probe_that_was_called_off_says_nothing(down: bool) -> None:
    """Nobody waits for it any more, however long the vendor is left alone; the next one does not hurry."""
    before = replace(opened(), next_try=5.0, first_ok=1.0) if down else replace(line(), next_try=5.0)
    state = step(before, Tick(), at(5), RNG)[0]
    assert state.probe is not None
    state = step(state, CalledOff(), at(6), RNG)[0]
    later, effects = step(state, Answered(Call.LIST, Outcome.AUTH), at(DAY), RNG)
    assert effects == ()
    assert (later.phase, later.tries, later.run) == (before.phase, before.tries, before.run)
    assert (later.first_ok, later.out_since) == (before.first_ok, before.out_since)
    assert step(state, Tick(), at(4 + POLICY.check_gap), RNG)[0].probe is None
    assert step(state, Tick(), at(5 + POLICY.check_gap), RNG)[0].probe is not None
    assert step(before, CalledOff(), at(3), RNG)[0].next_try == 5.0


@pytest.mark.parametrize(
    ("told_seconds", "least", "most"),
    [
        (3600.0, 3600, 3960),
        (1.0, 60, 66),
        (-5.0, 60, 66),
        (DAY, 21600, 21600),
        (None, 900, 990),
        (float("nan"), 900, 990),
        (float("inf"), 900, 990),
    ],
)
@pytest.mark.parametrize("event", ["answer", "header", "probe"])
def test_a_limit_lasts_as_long_as_the_vendor_says_within_bounds(
    told_seconds: float | None, least: float, most: float, event: str
) -> None:
    state = line()
    if event == "probe":
        state = step(replace(state, next_try=0.0), Tick(), at(0), RNG)[0]
    events: dict[str, Event] = {
        "answer": Answered(Call.LIST, Outcome.RATE, told_seconds),
        "header": Limited(told_seconds),
        "probe": Probed(1, Outcome.RATE, told_seconds),
    }
    state, effects = step(state, events[event], at(0), RNG)
    assert Announce(Uplink.ONLINE, Uplink.LIMITED, None) in effects
    assert Save() in effects
    assert state.limited_until is not None
    assert least <= state.limited_until <= most
    assert wake(state) == state.limited_until
    assert state.may_change
    shorter = step(state, Limited(1.0), at(1), RNG)[0]
    assert shorter.limited_until is not None
    assert shorter.limited_until >= state.limited_until
    _, effects = step(state, Tick(), at(state.limited_until), RNG)
    assert Announce(Uplink.LIMITED, Uplink.ONLINE, None) in effects
