"""The camera's clock mapped to ours: never back, never far off, whatever the camera believes."""

import itertools
import random

import pytest
from hypothesis import given, strategies as st

from engine.relay.clock import RESYNC, CameraClock


def raw(seconds: float) -> tuple[int, int]:
    whole = int(seconds // 1)
    return whole, min(999_999, int((seconds - whole) * 1e6))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["video", "audio"]),
            st.integers(0, 2**32 - 1),
            st.integers(0, 999_999),
            st.floats(0, 5),
        ),
        max_size=60,
    )
)
def test_time_never_runs_back_and_stays_near_the_arrival(steps: list[tuple[str, int, int, float]]) -> None:
    clock = CameraClock()
    now = 1000.0
    last: dict[str, float] = {}
    for lane, seconds, microseconds, pause in steps:
        now += pause
        stamp = clock.map(lane, seconds, microseconds, now)
        assert stamp > last.get(lane, 0.0)
        assert abs(stamp - now) <= RESYNC + 0.1
        last[lane] = stamp


@pytest.mark.parametrize("ppm", [-300, 0, 300])
def test_it_follows_a_clock_that_drifts_and_smooths_late_arrivals(ppm: int) -> None:
    clock, rng = CameraClock(), random.Random(5)
    stamps, errors = [], []
    for number in range(15 * 600):
        taken = number / 15
        now = 50.0 + taken + 0.002 + (rng.random() ** 8) * 0.2
        stamps.append(clock.map("video", *raw(1_700_000_000 + taken * (1 + ppm / 1e6)), now))
        errors.append(stamps[-1] - (50.0 + taken))
    assert clock.resyncs == 0
    assert min(errors[150:]) > -0.03
    assert max(errors[150:]) < 0.12
    steps = [later - sooner for sooner, later in itertools.pairwise(stamps[150:])]
    assert max(abs(step - 1 / 15) for step in steps) < 0.06, "arrival jitter shows"


def test_it_begins_anew_when_the_camera_learns_the_time() -> None:
    clock = CameraClock()
    first = clock.map("video", *raw(12.0), 100.0)
    second = clock.map("video", *raw(1_700_000_000.0), 100.1)
    third = clock.map("video", *raw(5.0), 100.2)
    assert [first, second, third] == pytest.approx([100.0, 100.1, 100.2], abs=0.01)
    assert clock.resyncs == 2


def test_sound_and_pictures_keep_their_distance() -> None:
    clock = CameraClock()
    for number in range(100):
        now = 200 + number / 10
        clock.map("video", *raw(number / 10), now)
    sound = clock.map("audio", *raw(9.95), 209.98)
    picture = clock.map("video", *raw(10.0), 210.03)
    assert picture - sound == pytest.approx(0.05, abs=0.005)


def test_a_camera_whose_seconds_stand_still() -> None:
    clock = CameraClock()
    stamps = []
    for number in range(15 * 20):
        taken = 0.3 + number / 15
        stamps.append(clock.map("video", 7, int(taken % 1 * 1e6), 300 + number / 15))
    steps = [later - sooner for sooner, later in itertools.pairwise(stamps)]
    assert steps == pytest.approx([1 / 15] * len(steps), abs=0.005)


def test_a_new_session_does_not_take_back_what_was_handed_out() -> None:
    clock = CameraClock()
    before = clock.map("video", *raw(50.0), 400.0)
    clock.session()
    assert clock.map("video", *raw(3.0), 400.0) > before
