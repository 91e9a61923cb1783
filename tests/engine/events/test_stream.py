"""What becomes of local news and hints of the cloud, in whatever order they come."""

import pytest

from engine.events import MOST_KEPT, WINDOW, EventStream, Fired, Hint, Kind, Origin, Seen
from engine.model import Box

NOON = 1_790_000_000.0
BOX, OTHER_BOX = Box(0.1, 0.1, 0.2, 0.2), Box(0.5, 0.5, 0.1, 0.1)


def seen(at: float, score: float = 0.5, zones: tuple[str, ...] = (), box: Box | None = BOX) -> Seen:
    return Seen(NOON + at, score, zones, box)


def hint(at: float, *kinds: Kind, name: str = "one") -> Hint:
    return Hint(name, NOON + at, frozenset(kinds))


def told(fired: tuple[Fired, ...]) -> list[tuple[Kind, Origin]]:
    return [(one.kind, one.event.origin) for one in fired]


def say(stream: EventStream, one: Hint) -> list[tuple[Kind, Origin]]:
    """Give a stream a hint of which nothing was told before."""
    return told(stream.hint(one, one.kinds))


def test_motion_is_told_when_it_begins_and_only_then() -> None:
    stream = EventStream()
    assert told(stream.began("a", seen(0, zones=("Gate",)))) == [(Kind.MOTION, Origin.LOCAL)]
    assert stream.moving
    stream.grew("a", seen(2, 0.9, ("Path", "Gate"), OTHER_BOX))
    stream.grew("a", seen(3, 0.2))
    stream.ended("a", NOON + 12)
    event = stream.last
    assert event is not None
    assert (event.score, event.box, event.frame_time) == (0.9, OTHER_BOX, NOON + 2)
    assert event.zones == ("Gate", "Path")
    assert (event.began, event.ended) == (NOON, NOON + 12)
    assert event.kinds == {Kind.MOTION}
    assert not stream.moving


@pytest.mark.parametrize("at", [-WINDOW, -1, 0, 5, 12, 12 + WINDOW])
def test_a_hint_near_what_was_seen_here_adds_to_it(at: float) -> None:
    """Only what is new of it is told: that something moves was known."""
    stream = EventStream()
    stream.began("a", seen(0))
    stream.ended("a", NOON + 12)
    assert say(stream, hint(at, Kind.MOTION, Kind.PERSON)) == [(Kind.PERSON, Origin.BOTH)]
    assert stream.last is not None
    assert (stream.last.id, stream.last.score) == ("a", 0.5)


@pytest.mark.parametrize("at", [-WINDOW - 0.1, 12 + WINDOW + 0.1])
def test_a_hint_further_away_is_an_event_of_its_own(at: float) -> None:
    stream = EventStream()
    stream.began("a", seen(0))
    stream.ended("a", NOON + 12)
    assert say(stream, hint(at, Kind.MOTION, Kind.PERSON)) == [
        (Kind.MOTION, Origin.CLOUD),
        (Kind.PERSON, Origin.CLOUD),
    ]
    assert stream.last is not None
    assert (stream.last.score, stream.last.clip_id, stream.last.frame_time) == (None, None, None)


def test_a_hint_belongs_to_motion_that_goes_on_however_long() -> None:
    stream = EventStream()
    stream.began("a", seen(0))
    assert say(stream, hint(500, Kind.PET)) == [(Kind.PET, Origin.BOTH)]
    assert stream.moving


def test_the_cloud_first_does_not_silence_what_is_seen_here() -> None:
    """Even if it told of motion already: whoever waits for local motion must get it."""
    stream = EventStream()
    assert say(stream, hint(0, Kind.MOTION)) == [(Kind.MOTION, Origin.CLOUD)]
    assert told(stream.began("a", seen(10))) == [(Kind.MOTION, Origin.BOTH)]
    stream.grew("a", seen(11, 0.9))
    event = stream.named("a")
    assert event is not None
    assert (event.began, event.score, event.id) == (NOON, 0.9, "one")


def test_a_hint_takes_the_event_that_was_seen_here_before_a_nearer_one_of_the_cloud() -> None:
    stream = EventStream()
    stream.began("a", seen(0))
    stream.ended("a", NOON + 1)
    say(stream, hint(17, Kind.SOUND))
    assert say(stream, hint(16, Kind.PERSON, name="two")) == [(Kind.PERSON, Origin.BOTH)]


def test_each_press_of_the_button_is_told() -> None:
    """However close to another; of anything else an event tells once."""
    stream = EventStream()
    stream.began("a", seen(0))
    assert say(stream, hint(1, Kind.RING, Kind.PERSON)) == [
        (Kind.PERSON, Origin.BOTH),
        (Kind.RING, Origin.BOTH),
    ]
    assert say(stream, hint(4, Kind.RING, Kind.PERSON, name="two")) == [(Kind.RING, Origin.BOTH)]


def test_what_was_told_before_is_not_told_again() -> None:
    stream = EventStream()
    assert stream.hint(hint(0, Kind.PERSON), frozenset()) == ()
    assert stream.last is None


def test_who_looks_no_more_sees_nothing_move() -> None:
    stream = EventStream()
    stream.began("a", seen(0))
    stream.lost(NOON + 5)
    assert not stream.moving
    stream.began("b", seen(6))
    stream.began("c", seen(7))
    assert [event is not None and event.ended for event in map(stream.named, "abc")] == [
        NOON + 5,
        NOON + 7,
        None,
    ]


def test_a_clip_is_known_with_its_event() -> None:
    stream = EventStream()
    (first,) = stream.began("a", seen(0), "clip")
    assert first.event.clip_id == "clip"
    assert not first.event.has_still
    assert not first.event.clip_finished
    finished = stream.clip("a", "clip", finished=True, has_still=True)
    assert finished is not None
    assert (finished.clip_finished, finished.has_still) == (True, True)
    failed = stream.clip("a", None, finished=True, has_still=True)
    assert failed is not None
    assert (failed.clip_id, failed.clip_finished, failed.has_still) == (None, False, False)
    assert stream.clip("nobody", "clip") is None


def test_only_so_many_events_are_kept() -> None:
    stream = EventStream()
    for number in range(3 * MOST_KEPT):
        stream.began(f"{number}", seen(100 * number))
    assert stream.named("0") is None
    assert stream.named(f"{2 * MOST_KEPT}") is not None
    assert len(stream._kept) == len(stream._names) == MOST_KEPT
