"""Which pictures are looked at because of what that costs; and when a picture was taken."""

import pytest

from engine.model import WatchMode
from engine.watch.cost import TOO_MUCH, WINDOW, Choice, Meter
from engine.watch.stamps import JUMP, Stamps


def measured(cost: float, seconds: float, size: int = 1000) -> Meter:
    """Return what was measured of a camera of such a cost after so many seconds, at ten packets a second."""
    meter = Meter()
    meter.begin(100.0, 7.0)
    for tick in range(1, round(seconds * 10) + 1):
        meter.count(size)
        meter.read(100.0 + tick / 10, 7.0 + cost * tick / 10)
    return meter


def test_cost_and_bytes_are_those_of_the_last_minute() -> None:
    meter = measured(0.2, 300)
    assert meter.cost == pytest.approx(0.2)
    assert meter.rate == pytest.approx(10000, rel=0.01)
    assert meter.full
    for tick in range(1, 601):
        meter.read(400 + tick / 10, 7 + 0.2 * 300)
    assert meter.cost == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(
    ("wanted", "size", "begins"),
    [
        (WatchMode.AUTO, (640, 360), WatchMode.FULL),
        (WatchMode.AUTO, (1920, 1080), WatchMode.KEY),
        (WatchMode.FULL, (1920, 1080), WatchMode.FULL),
        (WatchMode.KEY, (320, 180), WatchMode.KEY),
    ],
)
def test_a_camera_begins_with_what_is_wanted_or_with_what_its_size_allows(
    wanted: WatchMode, size: tuple[int, int], begins: WatchMode
) -> None:
    choice = Choice(wanted)
    choice.first_picture(*size)
    assert choice.mode is begins


def test_what_costs_too_much_for_a_minute_is_looked_at_less_and_that_is_news_once() -> None:
    choice = Choice(WatchMode.AUTO)
    choice.first_picture(640, 360)
    assert not choice.measured(measured(TOO_MUCH * 1.2, WINDOW - 10)), "a start costs more than the rest"
    assert not choice.measured(measured(TOO_MUCH * 0.8, WINDOW * 3))
    dear = measured(TOO_MUCH * 1.2, WINDOW + 10)
    assert choice.measured(dear)
    assert choice.mode is WatchMode.KEY
    assert not choice.measured(dear)
    choice.first_picture(640, 360)
    assert choice.mode is WatchMode.KEY, "and stays so when its stream begins anew"


def test_nobody_takes_away_what_a_person_insists_on() -> None:
    choice = Choice(WatchMode.FULL)
    choice.first_picture(1920, 1080)
    assert not choice.measured(measured(0.9, WINDOW + 10))
    assert choice.mode is WatchMode.FULL


def test_pictures_that_come_all_at_once_do_not_seem_to_come_over_seconds() -> None:
    """A stream begins with pictures that are up to some seconds old."""
    stamps = Stamps()
    burst = [stamps.map(tick / 10 - 4, 50.0) for tick in range(41)]
    assert burst[-1] == 50.0
    assert burst[-1] - burst[0] < 0.01
    later = [stamps.map(tick / 10, 50.0 + tick / 10) for tick in range(1, 21)]
    assert later == pytest.approx([50.0 + tick / 10 for tick in range(1, 21)])


def test_what_was_held_up_is_as_old_as_it_is() -> None:
    stamps = Stamps()
    for tick in range(20):
        stamps.map(tick / 10, 50.0 + tick / 10)
    assert stamps.map(2.0, 53.0) == pytest.approx(52.0, abs=0.01), "a second on the way"
    assert stamps.map(2.1, 53.0) == pytest.approx(52.1, abs=0.01)


def test_time_never_runs_back_nor_ahead() -> None:
    stamps = Stamps()
    assert stamps.map(1000.0, 50.0) == 50.0
    assert stamps.map(None, 50.1) == 50.1
    assert stamps.map(1.0, 50.2) == 50.2, f"a jump of more than {JUMP} s is no distance"
    assert stamps.map(0.9, 50.3) == 50.2
    assert stamps.map(9.0, 50.4) == 50.4
