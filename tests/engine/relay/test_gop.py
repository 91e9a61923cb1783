"""The last group of pictures: what is kept, and how it is replayed."""

import itertools

import pytest
from hypothesis import given, strategies as st

from engine.relay.formats import VideoFormat
from engine.relay.gop import MAX_PICTURES, Gop, Sample


def sample(number: int, *, key: bool = False, size: int = 10) -> Sample:
    return Sample(VideoFormat("h264"), key, (bytes(size),), 100 + number / 15)


def test_nothing_before_the_first_key_frame() -> None:
    gop = Gop()
    gop.add(sample(0))
    assert gop.replay() == []


@given(st.lists(st.booleans(), max_size=80))
def test_a_replay_is_the_last_group_and_ends_at_its_true_time(keys: list[bool]) -> None:
    gop = Gop()
    for number, key in enumerate(keys):
        gop.add(sample(number, key=key, size=number + 1))
    replay = gop.replay()
    if not any(keys):
        assert replay == []
        return
    last_key = max(number for number, key in enumerate(keys) if key)
    expected = list(range(last_key, len(keys)))
    assert [len(found.units[0]) - 1 for found in replay] == expected
    assert replay[0].key
    assert replay[-1].at == 100 + expected[-1] / 15
    steps = [later.at - sooner.at for sooner, later in itertools.pairwise(replay)]
    assert steps == pytest.approx([0.001] * len(steps))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=60))
def test_memory_is_bounded(frames: list[tuple[bool, int]]) -> None:
    gop = Gop(max_bytes=1000)
    for number, (key, size) in enumerate(frames):
        gop.add(sample(number, key=key, size=size))
        assert gop.size == sum(found.size for found in gop.replay()) <= 1000
        assert not gop.replay() or gop.replay()[0].key


def test_crumbs_without_a_key_frame_do_not_fill_memory() -> None:
    gop = Gop()
    gop.add(sample(0, key=True))
    for number in range(1, MAX_PICTURES):
        gop.add(sample(number, size=1))
    assert len(gop) == MAX_PICTURES
    gop.add(sample(MAX_PICTURES, size=1))
    assert gop.replay() == []
