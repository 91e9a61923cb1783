"""The judge of script/demo --scenario: when a picture was back, and which figures break a limit."""

import pytest

from dev.demo.comeback import SETTLE, back_at
from dev.demo.judge import Sighting
from dev.demo.scenario.faults import is_patient
from dev.demo.scenario.report import Report, judge

FPS = 15
CUT = 1_800_000_000.0


def shown(begin: float, seconds: float, *, still: bool = False) -> list[Sighting]:
    """Return the frames of a picture that moves for some seconds, seen from the moment of a fault."""
    count = round(seconds * FPS)
    return [Sighting(7 if still else index % 360, CUT + begin + index / FPS) for index in range(count)]


def test_a_picture_that_comes_back_was_back_at_its_first_frame() -> None:
    frames = [*shown(-1, 1.05), *shown(2.5, 2)]
    assert back_at(frames, CUT, CUT + 4.4) == pytest.approx(CUT + 2.5)


@pytest.mark.parametrize(
    ("frames", "now"),
    [
        ([], 10.0),
        (shown(-1, 1), 10.0),
        ([*shown(-1, 1), *shown(2.5, 0.5)], 3.0),
        ([*shown(-1, 1), *shown(2.5, 2)], 6.0),
        ([*shown(-1, 1), *shown(2.5, 2, still=True)], 4.4),
        (shown(-1, 3), 2.0),
    ],
    ids=["nothing", "stands", "only just", "stopped again", "one frame over and over", "may yet stop"],
)
def test_what_does_not_surely_move_again_is_not_back(frames: list[Sighting], now: float) -> None:
    assert back_at(frames, CUT, CUT + now) is None


def test_a_picture_that_went_on_was_back_at_once() -> None:
    assert back_at(shown(-1, SETTLE + 2), CUT, CUT + SETTLE + 0.9) == CUT


def test_a_machine_that_stumbles_afterwards_changes_nothing() -> None:
    frames = [*shown(-1, 1), *shown(2.5, 1), *shown(3.9, 1)]
    assert back_at(frames, CUT, CUT + 4.8) == pytest.approx(CUT + 2.5)


def test_a_figure_above_its_limit_and_one_that_is_missing_are_told() -> None:
    assert judge("f", "back_s", 0.5, 0.6) == judge("f", "lost_frames", 0, 0) == ""
    assert "back_s is 0.7 s" in judge("f", "back_s", 0.7, 0.6)
    assert "lost_frames is 1, at most 0" in judge("f", "lost_frames", 1, 0)
    assert "no back_s at all" in judge("f", "back_s", None, 5)
    report = Report("s")
    assert report.add("f", {"back_s": None, "as": "x"}, {"back_s": 5.0}) == report.failures != []
    assert '"ok": false' in report.line()


def test_pauses_that_do_not_grow_are_noticed() -> None:
    assert is_patient([0.1, 0.9, 1.8, 3.5])
    assert is_patient([2.4, 0.9, 1.8, 3.5]), "the first start was slow"
    assert not is_patient([0.1, 0.1, 0.1])
