"""Very many histories by chance: hints early, late, twice and out of order, clocks that jump."""

from dataclasses import dataclass

from hypothesis import example, given, strategies as st

from engine.events import MOST_KEPT, EventStream, Fired, HeardHints, Hint, Kind, Origin, Seen, is_now

NOON = 1_790_000_000.0


@dataclass(frozen=True)
class Step:
    """Something that happens; `after` seconds later, by a wall clock that may be set back."""

    what: str
    after: float
    number: int = 0
    late: float = 0.0
    kinds: frozenset[Kind] = frozenset()


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["began", "grew", "ended", "lost", "hint", "hint", "clip"]),
        st.one_of(st.floats(0, 30), st.floats(-86_400, 86_400)),
        st.integers(0, 5),
        st.floats(-90, 200),
        st.frozensets(st.sampled_from(Kind)),
    ),
    max_size=60,
)


@dataclass(frozen=True)
class Told:
    """What was told, by whom, and because of which hint."""

    fired: Fired
    source: str


def live(history: list[Step], *, cloud: bool) -> tuple[EventStream, list[Told]]:
    """Let a history happen, with the cloud or without; returns what was told in it."""
    stream, heard, told, now = EventStream(), HeardHints(), list[Told](), NOON
    episodes = 0
    for step in history:
        now += step.after
        name = f"episode {episodes}"
        if step.what == "began":
            episodes += 1
            fired = stream.began(f"episode {episodes}", Seen(now, 0.5))
            told += [Told(one, "local") for one in fired]
        elif step.what == "grew":
            stream.grew(name, Seen(now, step.number / 5, (f"zone {step.number}",)))
        elif step.what == "ended":
            stream.ended(name, now)
        elif step.what == "lost":
            stream.lost(now)
        elif step.what == "clip":
            stream.clip(name, f"clip {name}", has_still=step.number % 2 == 0)
        elif cloud:
            hint = Hint(f"hint {step.number}", now - step.late, step.kinds)
            if is_now(hint.at, now):
                told += [Told(one, hint.id) for one in stream.hint(hint, heard.new(hint))]
    return stream, told


def local(told: list[Told]) -> list[float | None]:
    """Return what was told of what is seen here, by when that was."""
    return [one.fired.event.frame_time for one in told if one.source == "local"]


@given(steps)
@example([Step("hint", 0, 1, 0, frozenset({Kind.MOTION})), Step("began", 1)])
def test_the_cloud_takes_nothing_away(history: list[Step]) -> None:
    """Whatever it says: each motion that is seen here is told, once, at the same moment as without it."""
    _, alone = live(history, cloud=False)
    _, both = live(history, cloud=True)
    assert local(both) == local(alone)
    assert len(local(alone)) == sum(step.what == "began" for step in history)
    assert {one.fired.event.origin for one in alone} <= {Origin.LOCAL}


@given(steps)
@example([Step("hint", after, 1, 0, frozenset({Kind.RING})) for after in (0, 1)])
def test_no_hint_is_told_twice(history: list[Step]) -> None:
    _, told = live(history, cloud=True)
    by_hint = [(one.source, one.fired.kind) for one in told if one.source != "local"]
    assert len(by_hint) == len(set(by_hint))


@given(steps)
@example(
    [
        Step("hint", 0, 1, 0, frozenset({Kind.MOTION})),
        Step("began", 0),
        Step("ended", 0),
        Step("hint", -16, 1, 0, frozenset({Kind.MOTION, Kind.SOUND})),
        Step("began", 0),
    ]
)
def test_an_event_tells_each_thing_once(history: list[Step]) -> None:
    """But presses, each of which is one, and motion: the cloud's word of it may come before ours."""
    _, told = live(history, cloud=True)
    said = [
        (one.fired.event.id, one.fired.kind, one.source == "local")
        for one in told
        if one.fired.kind is not Kind.RING
    ]
    assert len(said) == len(set(said))


@given(steps)
def test_the_origin_says_who_told(history: list[Step]) -> None:
    stream, told = live(history, cloud=True)
    for one in told:
        event = one.fired.event
        assert one.fired.kind in event.kinds
        assert (event.origin is Origin.CLOUD) == (event.score is None)
        if one.source == "local":
            assert event.origin is not Origin.CLOUD
        else:
            assert event.origin is not Origin.LOCAL
    assert len(stream._kept) <= MOST_KEPT


@given(steps)
def test_no_event_ends_before_it_began_and_one_at_most_goes_on(history: list[Step]) -> None:
    stream, _ = live(history, cloud=True)
    assert sum(event.ended is None for event in stream._kept) <= 1
    assert all(event.ended is None or event.ended >= event.began for event in stream._kept)
