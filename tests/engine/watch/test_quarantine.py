"""Who is held back after the worker died, for how long, and who is tried again when."""

import random

import pytest

from engine.watch.quarantine import FORGIVEN, JITTER, PAUSES, TRIAL, Quarantine

NOW = 1000.0


@pytest.fixture
def quarantine() -> Quarantine:
    return Quarantine(random.Random(3))


def let_go(quarantine: Quarantine, now: float) -> float:
    """Wait for the next one to be tried; returns when that is."""
    wait = quarantine.wait(now)
    assert wait is not None
    return now + wait


def test_nobody_is_held_back_for_nothing(quarantine: Quarantine) -> None:
    assert quarantine.accuse((), NOW) == frozenset()
    assert quarantine.wait(NOW) is None
    assert quarantine.release(NOW) is None
    assert not quarantine.holds("a")


def test_who_does_it_again_and_again_waits_ever_longer_and_never_for_ever(quarantine: Quarantine) -> None:
    now = NOW
    for pause in (*PAUSES, PAUSES[-1]):
        assert quarantine.accuse(["a"], now) == {"a"}
        assert quarantine.holds("a")
        assert quarantine.release(now) is None, "not before its time"
        due = let_go(quarantine, now)
        assert pause * (1 - JITTER) <= due - now <= pause * (1 + JITTER)
        assert quarantine.release(due) == "a"
        assert not quarantine.holds("a")
        now = due + 1


def test_who_had_no_part_in_it_is_not_held_back(quarantine: Quarantine) -> None:
    quarantine.accuse(["a"], NOW)
    assert not quarantine.holds("b")
    due = let_go(quarantine, NOW)
    quarantine.release(due)
    assert quarantine.accuse(["a", "b"], due + TRIAL + 60) == {"a"}, "who has done it before"


def test_several_suspects_are_told_apart_by_trying_one_at_a_time(quarantine: Quarantine) -> None:
    assert quarantine.accuse(["a", "b", "c"], NOW) == {"a", "b", "c"}
    due = let_go(quarantine, NOW)
    first = quarantine.release(due)
    assert first is not None
    assert quarantine.release(due) is None
    second_at = let_go(quarantine, due)
    assert second_at >= due + TRIAL
    second = quarantine.release(second_at)
    assert second not in (None, first)
    assert second is not None
    # Both are there now, and the process dies: it is the one that has just come.
    assert quarantine.accuse([first, second], second_at + 1) == {second}
    assert not quarantine.holds(first)
    third = quarantine.release(let_go(quarantine, second_at + 1))
    assert {first, second, third} == {"a", "b", "c"}


def test_who_is_watched_for_long_is_forgiven(quarantine: Quarantine) -> None:
    for _ in range(3):
        quarantine.accuse(["a"], NOW)
    due = let_go(quarantine, NOW)
    quarantine.release(due)
    quarantine.note("a", watched=True, now=due)
    quarantine.note("a", watched=True, now=due + FORGIVEN - 1)
    quarantine.accuse(["a"], due + FORGIVEN)
    assert quarantine.strikes("a") == 1


def test_who_is_not_there_is_not_forgiven_for_it(quarantine: Quarantine) -> None:
    """A camera that is away for an hour has shown nothing."""
    quarantine.accuse(["a"], NOW)
    due = let_go(quarantine, NOW)
    quarantine.release(due)
    quarantine.note("a", watched=True, now=due)
    quarantine.note("a", watched=False, now=due + 5)
    quarantine.accuse(["a"], due + 3600)
    assert quarantine.strikes("a") == 2


def test_who_is_taken_away_and_comes_again_begins_anew(quarantine: Quarantine) -> None:
    quarantine.accuse(["a"], NOW)
    quarantine.forget("a")
    assert not quarantine.holds("a")
    assert quarantine.wait(NOW) is None
