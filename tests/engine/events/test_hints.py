"""Hints of the cloud are told once, and not late."""

import json

import pytest

from engine.events import AHEAD, LATE, MOST_HEARD, MOST_OVER_RESTART, HeardHints, Hint, Kind, is_now

NOON = 1_790_000_000.0


def hint(name: str, *kinds: Kind) -> Hint:
    return Hint(name, NOON, frozenset(kinds))


def test_once() -> None:
    heard = HeardHints()
    assert heard.new(hint("a", Kind.MOTION)) == {Kind.MOTION}
    assert heard.new(hint("a", Kind.MOTION)) == set()
    assert heard.new(hint("b", Kind.MOTION)) == {Kind.MOTION}


def test_what_the_vendor_adds_is_new() -> None:
    heard = HeardHints()
    heard.new(hint("a", Kind.MOTION))
    assert heard.new(hint("a", Kind.MOTION, Kind.PERSON)) == {Kind.PERSON}
    assert heard.new(hint("a")) == set()
    assert heard.new(hint("a", Kind.PERSON)) == set()


def test_over_a_restart() -> None:
    heard = HeardHints()
    heard.new(hint("a", Kind.MOTION))
    again = HeardHints.restored(json.loads(json.dumps(heard.record())))
    assert again.new(hint("a", Kind.MOTION, Kind.PET)) == {Kind.PET}


def test_over_a_restart_the_newest() -> None:
    heard = HeardHints()
    for number in range(2 * MOST_OVER_RESTART):
        heard.new(hint(f"{number}", Kind.RING))
    again = HeardHints.restored(heard.record())
    assert len(again.record()) == MOST_OVER_RESTART
    assert again.new(hint(f"{2 * MOST_OVER_RESTART - 1}", Kind.RING)) == set()


def test_only_so_many_are_remembered() -> None:
    """The newest; one that comes again is new among them."""
    heard = HeardHints()
    for number in range(MOST_HEARD):
        heard.new(hint(f"{number}", Kind.SOUND))
    heard.new(hint("0", Kind.SOUND))
    heard.new(hint("more", Kind.SOUND))
    assert len(heard._heard) == MOST_HEARD
    assert heard.new(hint("0", Kind.SOUND)) == set()
    assert heard.new(hint("1", Kind.SOUND)) == {Kind.SOUND}


@pytest.mark.parametrize(
    "record", [None, 7, {}, [None], [[]], [[7]], [["x" * 65, "ring"]], [["a", 7]], "ring"]
)
def test_what_is_no_memory_remembers_nothing(record: object) -> None:
    assert HeardHints.restored(record).record() == []


def test_words_that_nobody_knows_are_left_out() -> None:
    assert HeardHints.restored([["a", "ring", "flood"]]).record() == [["a", "ring"]]


@pytest.mark.parametrize(
    ("at", "now"),
    [
        (0.0, True),
        (-LATE, True),
        (-LATE - 1, False),
        (AHEAD, True),
        (AHEAD + 1, False),
        (float("nan"), False),
    ],
)
def test_neither_late_nor_from_the_future(at: float, now: bool) -> None:
    assert is_now(NOON + at, NOON) is now
