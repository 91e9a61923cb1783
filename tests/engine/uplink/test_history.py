"""Whole days of one home: an outage, the return from it, and everything that may happen in the middle."""

import random
from itertools import pairwise

import pytest

from engine.uplink import Answered, Call, CheckNow, Outcome, Phase, Policy, Refuse, Uplink, Why
from tests.engine.uplink.home import (
    DAY,
    FOREIGN,
    HANGS,
    HOUR,
    MINUTE,
    OK,
    POLICY,
    REFUSED,
    Answer,
    Home,
    Vendor,
    in_turn,
)

SEEDS = range(20)
OUTAGE = 30 * MINUTE
"""When the outages here begin."""


@pytest.fixture(params=SEEDS)
def rng(request: pytest.FixtureRequest) -> random.Random:
    print(f"seed {request.param}")
    return random.Random(request.param)


def words(home: Home) -> list[str]:
    return [word.value for _, word in home.words]


def when(home: Home, word: Uplink) -> float:
    return next(moment for moment, each in home.words if each is word)


@pytest.mark.parametrize(
    "failure",
    [
        REFUSED,
        HANGS,
        Answer(Outcome.SERVER),
        Answer(Outcome.MALFORMED),
        Answer(Outcome.SLOW, 9.0),
        Answer(Outcome.AUTH),
        Answer(Outcome.CLIENT),
        FOREIGN,
        Answer(Outcome.RATE, retry_after=0.0),
        Answer(Outcome.RATE),
    ],
    ids=lambda failure: failure.outcome.value,
)
def test_a_day_of_outage_costs_the_vendor_few_calls(rng: random.Random, failure: Answer) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, failure)), rng)
    home.run(OUTAGE + DAY)
    assert home.count(OUTAGE) <= 150
    if failure.outcome not in {Outcome.RATE, Outcome.AUTH, Outcome.CLIENT}:
        assert words(home) == ["offline"]


def test_an_outage_is_known_after_three_lists(rng: random.Random) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, REFUSED)), rng)
    home.run(OUTAGE + HOUR)
    failed = [moment for moment, what, _ in home.calls if what == "list" and moment >= OUTAGE]
    assert len(failed) == 3
    assert when(home, Uplink.OFFLINE) == failed[-1]


@pytest.mark.parametrize("failure", [REFUSED, HANGS], ids=["refused", "hanging"])
def test_an_outage_is_known_a_minute_after_a_person_met_it(rng: random.Random, failure: Answer) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, failure)), rng)
    home.polls = False
    home.run(OUTAGE + 10)
    home.ask(Call.ACTION)
    home.run(OUTAGE + 5 * MINUTE)
    assert when(home, Uplink.OFFLINE) <= OUTAGE + 10 + 60


def test_a_short_outage_ends_at_once(rng: random.Random) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, REFUSED), (OUTAGE + 2 * MINUTE, OK)), rng)
    home.polls = False
    home.run(OUTAGE)
    home.ask(Call.ACTION)
    home.run(OUTAGE + HOUR)
    assert words(home) == ["offline", "online"]
    assert when(home, Uplink.ONLINE) < OUTAGE + 8 * MINUTE


def test_february_2024_again(rng: random.Random) -> None:
    """Dead for six hours, mixed up, clean again. Nobody notices the mix-up; still nothing changes."""
    back = OUTAGE + 6 * HOUR
    home = Home(in_turn((0, OK), (OUTAGE, HANGS), (back, OK)), rng)
    home.run(back + 3 * HOUR)
    assert words(home) == ["offline", "recovering", "online"]
    recovering, online = when(home, Uplink.RECOVERING), when(home, Uplink.ONLINE)
    assert not [moment for moment in home.changed if OUTAGE < moment < online]
    assert online - recovering >= HOUR
    assert online <= back + POLICY.backoff_cap + 75 * MINUTE
    clean = [m for m, what, got in home.calls if what == "list" and recovering <= m <= online]
    assert len(clean) >= 3


def test_february_2024_noticed(rng: random.Random) -> None:
    """As above, and the lists of the first ten minutes are seen to be somebody else's."""
    back = OUTAGE + 6 * HOUR

    def vendor(now: float, what: str) -> Answer:
        if not OUTAGE <= now < back:
            mixed = back <= now < back + 10 * MINUTE and what == "list"
            return FOREIGN if mixed else OK
        return HANGS

    home = Home(vendor, rng)
    home.run(back + 4 * HOUR)
    online = when(home, Uplink.ONLINE)
    assert words(home)[-1] == "online"
    assert not [moment for moment in home.changed if OUTAGE < moment < online]
    # The last pause may have been begun by the last mixed-up list, at the cap.
    assert online <= back + 10 * MINUTE + POLICY.backoff_cap + 75 * MINUTE


def test_a_mix_up_without_any_outage_stops_everything_at_its_first_answer(rng: random.Random) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, FOREIGN), (OUTAGE + 20 * MINUTE, OK)), rng)
    home.run(OUTAGE + 4 * HOUR)
    first = next(moment for moment, _, got in home.calls if got is Outcome.TRUST)
    assert when(home, Uplink.OFFLINE) == pytest.approx(first + 0.3)
    assert words(home) == ["offline", "recovering", "online"]
    assert when(home, Uplink.ONLINE) - when(home, Uplink.RECOVERING) >= HOUR


def test_nothing_is_asked_before_the_vendor_allows_it(rng: random.Random) -> None:
    limited = Answer(Outcome.RATE, retry_after=HOUR)
    home = Home(in_turn((0, OK), (OUTAGE, limited), (OUTAGE + 20 * MINUTE, OK)), rng)
    home.run(OUTAGE + 20 * MINUTE)
    assert words(home) == ["limited"]
    since = when(home, Uplink.LIMITED)
    home.run(since + HOUR - 1)
    refusal = home.send(CheckNow())[0]
    assert isinstance(refusal, Refuse)
    assert refusal.why is Why.LIMITED
    assert 0 < refusal.seconds <= 361
    assert isinstance(home.ask(Call.ACTION)[0], Refuse)
    assert home.count(since) == 0
    home.run(since + 1.1 * HOUR + 20 * MINUTE)
    assert words(home) == ["limited", "online"]
    assert HOUR <= when(home, Uplink.ONLINE) - since <= 1.1 * HOUR


def test_restarts_in_an_outage_neither_hurry_nor_forget(rng: random.Random) -> None:
    back = OUTAGE + 12 * HOUR
    home = Home(in_turn((0, OK), (OUTAGE, HANGS), (back, OK)), rng)
    home.run(OUTAGE + HOUR)
    while home.now < back:
        tries = home.state.tries
        home.restart(off=rng.choice((1.0, 20.0, 300.0)))
        assert home.state.tries >= tries
        home.run(home.now + rng.uniform(1.0, 20 * MINUTE))
    assert home.count(OUTAGE, back) <= 150 / 2 + 20
    home.run(home.now + POLICY.backoff_cap + 75 * MINUTE)
    assert words(home) == ["offline", "recovering", "online"]


def test_a_restart_loop_does_not_hammer(rng: random.Random) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, HANGS), (OUTAGE + HOUR, Answer(Outcome.NET, 1e9))), rng)
    home.run(OUTAGE + HOUR)
    since, tries = home.now, home.state.tries
    for _ in range(200):
        home.restart(off=5.0)
        home.run(home.now + 25.0)
    assert home.state.tries > tries
    assert home.count(since) <= 200 * 30 / (POLICY.backoff_cap / 2) + 2


def test_restarts_in_a_recovery_do_not_shorten_it(rng: random.Random) -> None:
    back = OUTAGE + HOUR * 2
    home = Home(in_turn((0, OK), (OUTAGE, HANGS), (back, OK)), rng)
    while home.state.phase is not Phase.RECOVERING:
        home.run(home.now + MINUTE)
    began = home.now - MINUTE
    while home.state.phase is Phase.RECOVERING and home.now < began + 5 * HOUR:
        home.run(home.now + rng.uniform(MINUTE, 25 * MINUTE))
        home.restart(off=rng.choice((5.0, HOUR / 2)))
    assert words(home)[-1] == "online"
    assert when(home, Uplink.ONLINE) - began >= HOUR


JUMPS = {
    "day-ahead": DAY,
    "day-back": -DAY,
    "summer": HOUR,
    "winter": -HOUR,
    "decades-back": -1_700_000_000.0,
}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
def test_a_clock_that_jumps_leaves_nothing_stuck(rng: random.Random, jump: float, restarted: bool) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, REFUSED)), rng)
    home.run(OUTAGE + 4 * HOUR)
    at = home.now
    home.skew += jump
    if restarted:
        home.restart(skew=home.skew)
    home.run(at + POLICY.backoff_cap + POLICY.settle + 30)
    assert home.count(at) >= 1
    assert home.count(at) <= 4
    home.run(at + 10 * HOUR)
    assert home.count(at) <= 150 / 2


def test_what_is_overdue_after_a_sleep_is_done_within_a_minute(rng: random.Random) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, REFUSED)), rng)
    home.run(OUTAGE + 6 * HOUR + rng.uniform(0, 900))
    home.skew += 8 * HOUR  # the steady clock stood still
    at = home.now
    home.run(at + 2 * POLICY.settle + 30)
    assert home.count(at) == 1


def test_an_outage_during_a_sleep_counts_as_long() -> None:
    home = Home(in_turn((0, OK), (OUTAGE, REFUSED), (OUTAGE + 3 * MINUTE, OK)), random.Random(1))
    home.polls = False
    home.run(OUTAGE)
    home.ask(Call.ACTION)
    home.run(OUTAGE + 2 * MINUTE)
    home.skew += 8 * HOUR
    home.run(OUTAGE + HOUR)
    assert words(home) == ["offline", "recovering"]


def test_a_clock_that_was_set_back_never_makes_an_outage_short() -> None:
    home = Home(in_turn((0, OK), (OUTAGE, REFUSED), (OUTAGE + 5 * HOUR, OK)), random.Random(1))
    home.run(OUTAGE + 4 * HOUR)
    home.skew -= DAY
    home.run(OUTAGE + 4.5 * HOUR)
    home.restart(skew=-30 * DAY)
    home.run(OUTAGE + 6 * HOUR)
    assert words(home) == ["offline", "recovering"]


def test_logging_everybody_out_is_no_outage(rng: random.Random) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, Answer(Outcome.AUTH))), rng)
    home.run(OUTAGE + DAY)
    assert not home.words


def test_a_slow_vendor_is_left_alone_after_a_while(rng: random.Random) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, Answer(Outcome.SLOW, 9.0))), rng)
    home.run(OUTAGE + 3 * HOUR)
    assert words(home) == ["offline"]


def test_the_same_seed_lives_the_same_day() -> None:
    def day() -> list[tuple[float, str, Outcome]]:
        home = Home(in_turn((0, OK), (OUTAGE, HANGS), (6 * HOUR, OK)), random.Random(7))
        home.run(DAY)
        return home.calls

    assert day() == day()


def test_homes_do_not_come_back_in_step() -> None:
    """Of 500 homes that lost the vendor in the same moment, few ask in the same second when it is back."""
    back = OUTAGE + 3 * HOUR
    seconds: dict[int, int] = {}
    vendor = in_turn((0, OK), (OUTAGE, REFUSED), (back, OK))
    for seed in range(500):
        home = Home(vendor, random.Random(seed))
        home.polls = False
        home.run(OUTAGE)
        home.ask(Call.ACTION)
        home.run(back + POLICY.backoff_cap)
        for moment, *_ in home.calls:
            if moment >= back:
                seconds[int(moment)] = seconds.get(int(moment), 0) + 1
    assert max(seconds.values()) <= 12


def test_a_scaled_policy_lives_the_same_day_faster() -> None:
    policy = Policy().scaled(1 / 60)
    home = Home(in_turn((0, OK), (MINUTE, REFUSED), (3 * MINUTE, OK)), random.Random(1), policy)
    home.run(6 * MINUTE)
    assert words(home) == ["offline", "recovering", "online"]


def test_groups_of_hosts_know_nothing_of_each_other(rng: random.Random) -> None:
    vendors: tuple[Vendor, Vendor] = (in_turn((0, OK)), in_turn((0, FOREIGN)))
    well, ill = (Home(vendor, rng) for vendor in vendors)
    for minute in range(120):
        well.run(minute * MINUTE)
        ill.run(minute * MINUTE)
    assert words(ill) == ["offline"]
    assert not words(well)


def test_a_late_answer_neither_ends_nor_lengthens_an_outage() -> None:
    home = Home(in_turn((0, REFUSED)), random.Random(1))
    home.run(2 * HOUR)
    before = home.state
    for outcome in (Outcome.OK, Outcome.NET, Outcome.AUTH, Outcome.SLOW):
        home.send(Answered(Call.LIST, outcome))
        assert (home.state.phase, home.state.tries, home.state.next_try) == (
            before.phase,
            before.tries,
            before.next_try,
        )


def test_a_probe_nobody_tells_about_has_failed(rng: random.Random) -> None:
    home = Home(in_turn((0, OK), (OUTAGE, REFUSED), (OUTAGE + 2 * HOUR, Answer(Outcome.OK, 1e9))), rng)
    home.run(OUTAGE + 6 * HOUR)
    probes = [moment for moment, what, _ in home.calls if what == "probe"]
    gaps = [after - before for before, after in pairwise([*probes, home.now])]
    assert max(gaps) <= POLICY.backoff_cap + POLICY.probe_timeout * 1.2
    assert home.state.phase is Phase.OPEN
