"""The judge of moving pictures tells the truth from counters alone."""

import itertools

from hypothesis import given, strategies as st

from engine.stream.health import Motion, StreamHealth


def test_nobody_watches() -> None:
    """Without viewers nothing is claimed."""
    health = StreamHealth()
    assert health.observe(0, watched=False, video_packets=0) is Motion.IDLE
    assert health.observe(2, watched=False, video_packets=500) is Motion.IDLE


def test_growth_is_life() -> None:
    """Packets that keep coming are a live picture."""
    health = StreamHealth()
    assert health.observe(0, watched=True, video_packets=0) is Motion.STARTING
    for second in range(1, 60):
        assert health.observe(second, watched=True, video_packets=second * 15) is Motion.LIVE


def test_silence_is_a_stall_after_six_seconds_and_not_before() -> None:
    """A counter that stands still is noticed in time, and not on a hiccup."""
    health = StreamHealth()
    health.observe(0, watched=True, video_packets=100)
    assert health.observe(5.9, watched=True, video_packets=100) is Motion.LIVE
    assert health.observe(6.0, watched=True, video_packets=100) is Motion.STALLED
    assert health.observe(8.0, watched=True, video_packets=101) is Motion.LIVE


def test_a_dial_that_never_brings_a_packet_is_a_stall() -> None:
    """Somebody who waits for the first picture is not told that it is live."""
    health = StreamHealth()
    health.observe(0, watched=True, video_packets=0)
    assert health.observe(19.9, watched=True, video_packets=0) is Motion.STARTING
    assert health.observe(20.0, watched=True, video_packets=0) is Motion.STALLED


def test_a_new_connection_counts_from_zero() -> None:
    """A counter that fell to zero is no life; its growth is."""
    health = StreamHealth()
    health.observe(0, watched=True, video_packets=900)
    assert health.observe(7, watched=True, video_packets=0) is Motion.STALLED
    assert health.observe(8, watched=True, video_packets=3) is Motion.LIVE


def test_healing_waits_and_is_rationed() -> None:
    """A source is opened anew after eight seconds, then at most every six."""
    health = StreamHealth()
    health.observe(0, watched=True, video_packets=10)
    health.observe(7, watched=True, video_packets=10)
    assert not health.wants_heal(7)
    healed = []
    for tenth in range(70, 400):
        now = tenth / 10
        health.observe(now, watched=True, video_packets=10)
        if health.wants_heal(now):
            healed.append(now)
            health.healed(now)
    assert healed[0] == 8.0
    assert all(later - earlier >= 6.0 for earlier, later in itertools.pairwise(healed))
    assert len(healed) >= 5


def test_what_waits_for_its_turn_to_be_opened_anew_is_not_asked_for_again() -> None:
    """Among fifty cameras a turn takes its time: each is opened anew once for it, and then rests as well."""
    health = StreamHealth()
    health.observe(0, watched=True, video_packets=10)
    asked = []
    for now in range(1, 60):
        health.observe(now, watched=True, video_packets=10)
        if health.wants_heal(now):
            asked.append(now)
        if now == 28:
            health.healed(now)
    assert asked == [8, 34]


@given(st.lists(st.tuples(st.floats(0.1, 5), st.booleans(), st.integers(0, 50)), max_size=60))
def test_live_is_never_claimed_without_growth(readings: list[tuple[float, bool, int]]) -> None:
    """Whatever the counters do: a live verdict means that packets came within the last six seconds."""
    health, now, packets, grew_at = StreamHealth(), 0.0, 0, float("-inf")
    for step, watched, new in readings:
        now += step
        packets += new
        if new:
            grew_at = now
        motion = health.observe(now, watched=watched, video_packets=packets)
        assert (motion is Motion.IDLE) is not watched
        if motion is Motion.LIVE and packets == 0:
            raise AssertionError("live without a single packet")
        if motion is Motion.LIVE and health._watched_since is not None:
            assert now - max(grew_at, health._watched_since) < 6.0
