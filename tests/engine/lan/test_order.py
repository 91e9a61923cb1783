"""Frames come out whole, in order and once, however their pieces come in; waiting and memory have an end."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from engine.lan import LinkStats
from engine.lan.media import Fragment, Info
from engine.lan.order import HOLD, MAX_BYTES, MAX_OPEN, Assembled, Lane
from tests.engine.lan.wire import KEY, OTHER

STEP = 1 / 15


def info(size: int) -> Info:
    return Info(codec_id=0x4E, flags=0, fps=15, microseconds=0, seconds=0, size=size)


def pieces(
    number: int, *, stream: int = OTHER, count: int = 3, size: int | None = None, body: bytes = b"abcd"
) -> list[Fragment]:
    """Return the pieces of a frame; each piece tells number and place."""
    number %= 1 << 32
    parts = [number.to_bytes(4) + bytes((place,)) + body for place in range(count)]
    end = info(sum(map(len, parts)) if size is None else size)
    return [
        Fragment(stream, number, count, place, part, end if place == count - 1 else None)
        for place, part in enumerate(parts)
    ]


def numbers(frames: list[Assembled]) -> list[int]:
    """Return the camera's own numbers of frames, checked for wholeness."""
    found = []
    for frame in frames:
        number = frame.data[:4]
        assert frame.data == b"".join(
            number + bytes((place,)) + b"abcd" for place in range(len(frame.data) // 9)
        )
        found.append(int.from_bytes(number))
    return found


class Watcher:
    """A lane with a clock that only a test moves."""

    def __init__(self) -> None:
        self.stats = LinkStats()
        self.lane = Lane(self.stats)
        self.now = 0.0
        self.out: list[Assembled] = []

    def add(self, *fragments: Fragment) -> list[int]:
        """Give pieces; return the numbers of the frames that came out."""
        out = [frame for piece in fragments for frame in self.lane.add(piece, self.now)]
        self.out += out
        return numbers(out)

    def wait(self, seconds: float) -> list[int]:
        self.now += seconds
        out = self.lane.poll(self.now)
        self.out += out
        return numbers(out)

    def steady(self, first: int, count: int = 10) -> None:
        """Give some frames as they should come."""
        for number in range(first, first + count):
            assert self.add(*pieces(number)) == [number % (1 << 32)]
            self.now += STEP


def test_a_frame_comes_out_with_its_last_piece() -> None:
    watcher = Watcher()
    first, second, third = pieces(7)
    assert watcher.add(second) == watcher.add(third) == []
    assert watcher.lane.deadline is None
    assert watcher.add(first) == [7]
    assert watcher.lane.deadline is None


@given(st.randoms(use_true_random=False), st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_the_order_of_a_frames_pieces_does_not_matter(chance: random.Random, number: int, count: int) -> None:
    """Nor do copies: each frame comes out once."""
    watcher = Watcher()
    given_ = pieces(number, count=count) * 2
    chance.shuffle(given_)
    assert watcher.add(*given_) == [number]
    assert watcher.stats.late == count


@given(st.integers(0), st.sampled_from([1, 2**32 - 15]))
def test_a_network_that_reorders_loses_nothing(seed: int, first: int) -> None:
    """Pieces are up to 100 ms late, which is more than a frame: all frames come, in order."""
    watcher, chance = Watcher(), random.Random(seed)
    watcher.steady(first - 10)
    sent = [
        (number * STEP + chance.choice((0, 0, 0, 0, chance.random() * 0.1)), at, piece)
        for number in range(30)
        for at, piece in enumerate(pieces(first + number, count=chance.randint(1, 4)))
    ]
    found, begun = [], watcher.now
    for moment, _, piece in sorted(sent, key=lambda entry: entry[:2]):
        while (deadline := watcher.lane.deadline) is not None and deadline < begun + moment:
            watcher.now = deadline
            found += watcher.wait(0)
        watcher.now = begun + moment
        found += watcher.add(piece)
    found += watcher.wait(HOLD)
    assert found == [(first + number) % 2**32 for number in range(30)]
    assert [b.number - a.number for a, b in pairwise(watcher.out)] == [1] * 39
    assert (watcher.stats.given_up, watcher.stats.missing, watcher.stats.malformed) == (0, 0, 0)


def test_a_whole_frame_waits_for_an_older_one_and_no_longer_than_that() -> None:
    watcher = Watcher()
    watcher.steady(1)
    assert watcher.add(*pieces(11)[:2]) == []
    assert watcher.add(*pieces(12)) == []
    assert watcher.lane.deadline == watcher.now + HOLD
    assert watcher.wait(HOLD - 0.001) == []
    assert watcher.wait(0.001) == [12]
    assert watcher.lane.deadline is None
    stats = watcher.stats
    assert (stats.given_up, stats.lost_fragments, stats.missing, stats.reordered) == (1, 1, 0, 1)
    assert watcher.add(pieces(11)[2]) == []
    assert stats.late == 1


def test_an_older_frame_that_gets_whole_in_time_lets_the_newer_ones_go() -> None:
    watcher = Watcher()
    watcher.steady(1)
    first, second, third = pieces(11)
    assert watcher.add(first, third, *pieces(12), *pieces(13)) == []
    assert watcher.wait(HOLD / 2) == []
    assert watcher.add(second) == [11, 12, 13]
    assert watcher.stats.reordered == 2
    assert watcher.stats.given_up == 0


def test_a_frame_of_which_nothing_came_yet_is_waited_for_where_frames_came_steadily() -> None:
    watcher = Watcher()
    watcher.steady(1)
    assert watcher.add(*pieces(12)) == []
    assert watcher.add(*pieces(11)) == [11, 12]
    assert watcher.add(*pieces(14)) == []
    assert watcher.wait(HOLD) == [14]
    assert watcher.stats.missing == 1


def test_numbers_that_never_were_without_gaps_are_waited_for_by_nobody() -> None:
    """A camera that counts in twos, or counts sound and pictures together, must not add delay."""
    watcher = Watcher()
    for number in range(2, 200, 2):
        assert watcher.add(*pieces(number)) == [number]


def test_lost_frames_show_as_gaps_in_the_numbers_that_are_handed_out() -> None:
    watcher = Watcher()
    watcher.steady(1)
    watcher.add(*pieces(13), pieces(14)[0], *pieces(15))
    watcher.wait(HOLD)
    assert [frame.number for frame in watcher.out][9:] == [10, 13, 15]
    assert (watcher.stats.missing, watcher.stats.given_up) == (2, 1)


@pytest.mark.parametrize(
    ("key", "other"), [(1, 1), (500, 14_000), (500, 510), (500, 503), (500, 490), (9000, 20)]
)
def test_streams_that_count_apart_are_noticed_and_nothing_is_lost(key: int, other: int) -> None:
    """Key frames and others have numbers of their own: whatever these are, no frame of six groups is lost."""
    watcher = Watcher()
    found = []
    for group in range(6):
        sent = [pieces(key + group, stream=KEY)]
        sent += [pieces(other + group * 29 + at) for at in range(29)]
        for frame in sent:
            found += watcher.add(*frame)
            found += watcher.wait(STEP)
    expected = []
    for group in range(6):
        expected += [key + group, *range(other + group * 29, other + group * 29 + 29)]
    assert found == expected
    assert not watcher.lane.together
    # The first step from one stream to the other may still look like a loss.
    handed_out = [frame.number for frame in watcher.out]
    assert [after - before for before, after in pairwise(handed_out[1:])] == [1] * 178


def test_streams_that_count_apart_are_put_together_each_by_itself() -> None:
    watcher = Watcher()
    watcher.add(*pieces(1, stream=KEY), *pieces(1, stream=OTHER))
    assert not watcher.lane.together
    # The same number in both, their pieces mixed; and a late one of a frame that is out.
    key, other = pieces(2, stream=KEY), pieces(2, stream=OTHER)
    assert watcher.add(key[0], other[0], key[2], other[2], other[1]) == []
    assert watcher.add(key[1]) == [2, 2]
    assert watcher.add(other[1], *pieces(1, stream=KEY)) == []
    # In the order in which they began, and no longer than the wait.
    assert watcher.add(pieces(3, stream=KEY)[0], *pieces(3, stream=OTHER)) == []
    assert watcher.wait(HOLD) == [3]
    assert watcher.stats.given_up == 1


def test_streams_that_count_together_stay_so_through_loss_and_delay() -> None:
    watcher = Watcher()
    number = 1
    for group in range(6):
        watcher.add(*pieces(number, stream=KEY))
        for at in range(1, 30):
            if (group, at) not in {(1, 29), (2, 28), (2, 29), (4, 3)}:
                watcher.add(*pieces(number + at))
            watcher.wait(STEP)
        number += 30
    # A key frame that comes a little before the frames ahead of it.
    watcher.add(*pieces(number + 2, stream=KEY), *pieces(number), *pieces(number + 1))
    watcher.wait(HOLD)
    assert watcher.lane.together
    found = numbers(watcher.out)
    assert found == sorted(found)
    assert watcher.stats.missing == 4


def test_a_camera_that_counts_from_the_start_again_is_followed() -> None:
    watcher = Watcher()
    watcher.steady(5000)
    watcher.steady(1)
    assert [b.number - a.number for a, b in pairwise(watcher.out)] == [1] * 19


def test_numbers_go_on_behind_their_end() -> None:
    watcher = Watcher()
    watcher.steady(2**32 - 5, 5)
    assert watcher.add(*pieces(0)) == [0]
    assert watcher.add(*pieces(1)) == [1]
    assert watcher.add(*pieces(2**32 - 1)) == []
    assert watcher.stats.missing == 0


@pytest.mark.parametrize(("size", "good"), [(27, True), (0, True), (26, False), (28, False)])
def test_the_size_in_the_trailer_is_checked_unless_it_is_left_out(size: int, good: bool) -> None:
    watcher = Watcher()
    assert watcher.add(*pieces(1, size=size)) == [1] * good
    assert watcher.stats.malformed == (not good)
    # What was thrown away is a gap.
    watcher.add(*pieces(2))
    assert watcher.out[-1].number == 2


def test_a_frame_without_a_trailer_is_none() -> None:
    watcher = Watcher()
    assert watcher.add(*[piece._replace(info=None) for piece in pieces(1)]) == []
    assert watcher.stats.malformed == 1


def test_pieces_that_contradict_each_other_are_not_mixed() -> None:
    watcher = Watcher()
    first, second, third = pieces(1)
    watcher.add(first, second._replace(total=5))
    assert watcher.add(second, third) == [1]
    assert watcher.stats.malformed == 1


def test_a_burst_behind_a_missing_frame_loses_no_whole_one() -> None:
    """After a stall many frames come at once: those that are whole come out, even if one is awaited."""
    watcher = Watcher()
    watcher.steady(1)
    found = []
    for number in range(12, 12 + 3 * MAX_OPEN):
        found += watcher.add(*pieces(number))
    found += watcher.wait(HOLD)
    assert found == list(range(12, 12 + 3 * MAX_OPEN))
    assert watcher.stats.given_up == 0


@given(st.integers(0))
def test_no_pieces_whatsoever_take_more_than_the_bounded_memory(seed: int) -> None:
    watcher, chance = Watcher(), random.Random(seed)
    body = bytes(4000)
    for _ in range(400):
        stream, number = chance.choice((KEY, OTHER)), chance.randrange(2**32)
        total = chance.choice((1, 5, 2048))
        end = info(0) if chance.random() < 0.2 else None
        watcher.lane.add(Fragment(stream, number, total, chance.randrange(total), body, end), watcher.now)
        watcher.now += chance.random() * 0.02
    assert len(watcher.lane._open) <= MAX_OPEN
    assert watcher.lane._bytes == sum(frame.size for frame in watcher.lane._open.values()) <= MAX_BYTES
    watcher.lane.poll(watcher.now + HOLD)
    assert watcher.lane._held == 0


def test_what_is_kept_of_huge_frames_is_bounded() -> None:
    watcher = Watcher()
    body = bytes(4000)
    for place in range(2047):
        for number in (1, 2):
            watcher.lane.add(Fragment(KEY, number, 2048, place, body, None), 0.0)
    assert watcher.lane._bytes <= MAX_BYTES
    assert watcher.stats.given_up == 1


def test_how_many_frames_are_kept_is_bounded() -> None:
    watcher = Watcher()
    for number in range(1, 10 * MAX_OPEN + 1):
        assert watcher.add(pieces(number)[0]) == []
        assert len(watcher.lane._open) <= MAX_OPEN
    assert watcher.stats.given_up == 9 * MAX_OPEN
