"""When a camera's Wi-Fi is called weak: by the share of incomplete frames, over a minute."""

from hypothesis import given, strategies as st

from engine.relay import CameraStats, LossWindow


class Link:
    """Plays a session of so many frames per second, and its figures every five seconds."""

    def __init__(self, fps: float = 15) -> None:
        self.window = LossWindow()
        self.now = 50.0
        self._fps = fps
        self._whole = self._broken = 0.0

    def play(self, seconds: float, percent: float = 0.0) -> None:
        for _ in range(round(seconds / 5)):
            self.now += 5
            self._broken += 5 * self._fps * percent / 100
            self._whole += 5 * self._fps * (100 - percent) / 100
            broken = round(self._broken)
            stats = CameraStats(frames=round(self._whole), given_up=broken // 2, missing=broken - broken // 2)
            self.window.observe(self.now, stats)

    def begin_anew(self) -> None:
        self._whole = self._broken = 0


def test_two_percent_is_weak_and_less_than_one_is_well_again() -> None:
    link = Link()
    link.play(65)
    assert (link.window.weak, link.window.percent) == (False, 0.0)
    link.play(60, 1.9)
    assert not link.window.weak
    link.play(60, 2.5)
    assert link.window.weak
    assert link.window.percent is not None
    assert 2.3 < link.window.percent < 2.7
    link.play(120, 1.5)
    assert link.window.weak, "in between, what was said before holds"
    link.play(120, 0.5)
    assert not link.window.weak


def test_a_bad_moment_is_no_weak_signal() -> None:
    link = Link()
    link.play(60)
    link.play(5, 15)
    assert not link.window.weak, "five bad seconds in a minute"
    link.play(10, 15)
    assert link.window.weak
    link.play(65)
    assert not link.window.weak


def test_nothing_is_said_before_enough_is_known() -> None:
    link = Link()
    link.play(20, 50)
    assert link.window.percent is None
    assert not link.window.weak
    link.play(5, 50)
    assert link.window.weak


def test_another_session_begins_anew() -> None:
    link = Link()
    link.play(60, 10)
    assert link.window.weak
    link.begin_anew()
    link.play(20, 10)
    assert link.window.percent is None
    assert not link.window.weak


def test_one_frame_of_a_slow_camera_is_no_weak_signal() -> None:
    window = LossWindow()
    for second in range(0, 61, 5):
        window.observe(second, CameraStats(frames=second, missing=2 if second > 30 else 0))
    assert window.percent is not None
    assert window.percent > 2
    assert not window.weak


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=60))
def test_it_is_a_share_and_keeps_a_minute_only(steps: list[tuple[int, int]]) -> None:
    window, frames, missing = LossWindow(), 0, 0
    for number, (whole, broken) in enumerate(steps):
        frames, missing = frames + whole, missing + broken
        window.observe(number * 5.0, CameraStats(frames=frames, missing=missing))
        assert window.percent is None or 0 <= window.percent <= 100
        assert len(window._sums) <= 14
