"""What keeps ending is started again at once, then ever more patiently, and the person is told in the end."""

import random

from hypothesis import given, strategies as st

from engine.model import Backoff
from engine.model.backoff import FAILURES, HEALTHY_SECONDS, MAX_DELAY


def test_the_first_restart_is_at_once_and_the_others_ever_later() -> None:
    backoff = Backoff(random.Random(1))
    backoff.ready(0)
    delays = [backoff.failed(1000.0 * number) for number in range(12)]
    assert delays[0] == 0
    for delay, usual in zip(delays[1:], [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60], strict=True):
        assert 0.8 * usual <= delay <= min(usual, MAX_DELAY)
    assert not backoff.hopeless, "once in a quarter of an hour is no hopeless case"


def test_many_failures_in_a_row_are_told_until_it_is_healthy_for_long() -> None:
    backoff = Backoff(random.Random(1))
    for number in range(FAILURES):
        assert not backoff.hopeless
        backoff.failed(number * 10)
    assert backoff.hopeless
    backoff.ready(100)
    assert backoff.failed(100 + HEALTHY_SECONDS) == 0
    assert not backoff.hopeless


@given(st.lists(st.floats(0, 2000), max_size=60), st.integers())
def test_no_wait_is_longer_than_a_minute_and_only_firsts_come_at_once(gaps: list[float], seed: int) -> None:
    backoff = Backoff(random.Random(seed))
    now, immediate = 0.0, 0
    for gap in gaps:
        backoff.ready(now)
        now += gap
        delay = backoff.failed(now)
        assert 0 <= delay <= MAX_DELAY
        immediate = immediate + 1 if delay == 0 and gap < 300 else 0
        assert immediate <= 1
        now += delay
