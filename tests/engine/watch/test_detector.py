"""What the detector sees, and above all what it does not see, in made scenes with known truth."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from engine.model import Sensitivity, Zone
from engine.watch.detector import Detector
from engine.watch.look import Change
from tests.support.scenery import Scenery, moments, watched

KEY = 4.0
"""Seconds between key frames here."""


def full(*zones: Zone, sensitivity: Sensitivity = Sensitivity.MEDIUM) -> Detector:
    return Detector(sensitivity, zones)


def key_frames() -> Detector:
    return Detector(Sensitivity.MEDIUM, key_frames=True)


def lamp(start: float, end: float, strength: float) -> Callable[[float], float]:
    return lambda at: strength if start <= at < end else 1.0


QUIET: dict[str, Callable[[int], Scenery]] = {
    "noise": lambda seed: Scenery(seed).noise(2.5),
    "night": lambda seed: Scenery(seed).dark(0.3).noise(4),
    "rain": lambda seed: Scenery(seed).rain(70).noise(1),
    "drift": lambda seed: Scenery(seed).light(lambda at: 1 + 0.2 * math.sin(at / 9)).noise(1),
    "flash": lambda seed: Scenery(seed).light(lamp(20, 21, 1.5), slope=0.5).noise(1),
    "lamp": lambda seed: Scenery(seed).light(lamp(20, 36, 1.45), slope=0.6).noise(1),
    "window": lambda seed: Scenery(seed).side_light(lamp(20, 36, 1.5)).noise(1),
    "infrared": lambda seed: Scenery(seed).infrared(20, 40).noise(1.5),
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("family", QUIET)
def test_nobody_there(family: str, seed: int) -> None:
    assert moments(watched(full(), QUIET[family](seed), 60)) == []


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("family", QUIET)
def test_nobody_there_by_key_frames(family: str, seed: int) -> None:
    assert moments(watched(key_frames(), QUIET[family](seed), 120, KEY)) == []


@pytest.mark.parametrize("seed", range(60, 63))
def test_a_lamp_beside_a_white_wall(seed: int) -> None:
    wall = np.s_[10:50, 60:100]
    scenery = Scenery(seed).thing(lambda _at: wall, 255).light(lamp(30, 60, 1.25)).noise(1)
    assert moments(watched(key_frames(), scenery, 90, KEY)) == []


@pytest.mark.parametrize("seed", range(64, 67))
def test_who_left_while_the_light_changed_is_not_seen_as_a_hole(seed: int) -> None:
    scenery = Scenery(seed).light(lamp(31, 99, 1.8)).noise(1).visitor(30.0, seconds=9, contrast=60)
    looks = watched(key_frames(), scenery, 80, KEY)
    assert Change.LIGHT in {look.change for at, look in looks if at == 32.0}
    assert [at for at in moments(looks) if at >= 40.0] == []


@pytest.mark.parametrize("seed", range(5, 9))
def test_a_tree_in_the_wind_from_the_first_second_on(seed: int) -> None:
    assert moments(watched(full(), Scenery(seed).wind(4).noise(1), 64)) == []


def test_a_flag_that_begins_to_wave_is_soon_left_out() -> None:
    flag = np.s_[20:36, 30:50]
    scenery = Scenery(9).thing(lambda at: flag if at > 20 and at % 3 < 0.6 else None, 230).noise(1)
    assert moments(watched(full(), scenery, 90))[-1] < 60


@pytest.mark.parametrize("seed", range(10, 13))
@pytest.mark.parametrize("family", ["noise", "night", "rain", "drift"])
def test_a_visitor_in_any_weather(family: str, seed: int) -> None:
    scenery = QUIET[family](seed).visitor(15.0, contrast=70, size=20)
    found = moments(watched(full(), scenery, 30))
    assert 15.0 <= found[0] <= 16.5
    assert found[-1] <= 25.0


@pytest.mark.parametrize("seed", range(20, 24))
def test_a_visitor_under_the_tree(seed: int) -> None:
    scenery = Scenery(seed).wind(4).noise(1).visitor(30.0, row=62, contrast=60)
    assert 30.0 <= moments(watched(full(), scenery, 40))[0] <= 31.5


@pytest.mark.parametrize("seed", range(30, 36))
def test_a_visitor_is_in_the_next_key_frame(seed: int) -> None:
    scenery = Scenery(seed).noise(1.5).visitor(30.0, seconds=9, contrast=60)
    assert moments(watched(key_frames(), scenery, 60, KEY)) == [32.0, 36.0]


def test_one_who_switches_the_light_on_is_seen_soon_after() -> None:
    scenery = Scenery(40).light(lamp(15, 99, 1.4)).noise(1).visitor(15.0, seconds=12, contrast=60)
    assert moments(watched(full(), scenery, 30))[0] <= 18.0


def test_the_box_is_around_the_visitor() -> None:
    looks = watched(full(), Scenery(41).noise(1).visitor(10.0, row=48, size=20, seconds=8), 14.2)
    at, look = looks[-1]
    assert at == pytest.approx(14.0)
    assert look.box is not None
    middle = (at - 10) / 8 * (160 + 20) - 5
    assert look.box.left * 160 - 12 <= middle <= (look.box.left + look.box.width) * 160 + 12
    assert look.box.top * 88 == pytest.approx(48, abs=8)
    assert look.box.height * 88 == pytest.approx(20, abs=10)
    assert 0 < look.score < 1


def test_more_of_a_visitor_scores_higher() -> None:
    best = []
    for size in (10, 24, 48):
        looks = watched(full(), Scenery(42).noise(1).visitor(8.0, row=20, size=size), 16)
        best.append(max(look.score for _, look in looks))
    assert best == sorted(best)
    assert best[0] < best[2] / 2


def test_nothing_counts_while_it_warms_up() -> None:
    looks = watched(full(), Scenery(43).noise(1).visitor(0.4, seconds=4, size=24, contrast=70), 12)
    assert {look.change for at, look in looks if at < 2.9} == {Change.WARMING}
    assert all(at >= 2.9 for at in moments(looks))


def test_the_changes_have_their_names() -> None:
    infrared = watched(full(), QUIET["infrared"](44), 60)
    assert Change.INFRARED in {look.change for at, look in infrared if 20 <= at <= 24}
    assert {look.change for at, look in infrared if 28 <= at < 40} == {Change.NONE}
    flash = watched(full(), QUIET["flash"](45), 30)
    assert Change.LIGHT in {look.change for at, look in flash if 20 <= at <= 22}


def test_two_key_frames_after_night_vision_say_nothing() -> None:
    looks = watched(key_frames(), QUIET["infrared"](46).visitor(20.0, seconds=12), 60, KEY)
    assert [look.change for at, look in looks if at in {20.0, 24.0}] == [Change.INFRARED] * 2


def test_a_grey_day_does_not_look_like_night_vision() -> None:
    scenery = Scenery(55).noise(1).visitor(15.0, contrast=60)
    scenery.colour = lambda at: 1.5 + 0.5 * math.sin(3 * at)
    assert moments(watched(full(), scenery, 30))[0] <= 16.5


@pytest.mark.parametrize("strength", [0.1, 0.3])
def test_light_that_never_rests_blinds_it_for_seconds_only(strength: float) -> None:
    def television(seed: int) -> Scenery:
        shades = np.random.default_rng(seed).uniform(1 - strength, 1 + strength, 100)
        return Scenery(seed).light(lambda at: float(shades[int(at * 1.3)]), slope=0.4).noise(1)

    assert moments(watched(full(), television(56), 60)) == []
    scenery = television(57).visitor(30.0, contrast=60, size=20)
    assert 30.0 <= moments(watched(full(), scenery, 40))[0] <= 31.5


def test_another_view_is_no_motion() -> None:
    detector, one, other = full(), Scenery(47).noise(1), Scenery(48).noise(1)
    assert moments(watched(detector, one, 10)) == []
    looks = [detector.look(picture, 10 + at) for at, picture in other.pictures(15)]
    assert not any(look.moving for look in looks)


@pytest.mark.parametrize("seed", [70, 73, 76])
def test_another_view_in_fog_is_no_motion_by_key_frames(seed: int) -> None:
    detector, *views = key_frames(), *(Scenery(seed + number).noise(1) for number in range(3))
    looks = []
    for number, view in enumerate(views):
        view.ground = 128 + (view.ground - 128) * 0.17
        looks += [detector.look(picture, 40 * number + at) for at, picture in view.pictures(40, KEY)]
    assert not any(look.moving for look in looks)


LEFT = Zone("door", 0.0, 0.0, 0.5, 1.0)
LOWER_RIGHT = Zone("gate", 0.5, 0.5, 0.5, 0.5)
UPPER_RIGHT = Zone("sky", 0.5, 0.0, 0.5, 0.5)


def test_motion_counts_only_in_zones() -> None:
    scenery = Scenery(49).noise(1).visitor(10.0, row=60, contrast=60)
    assert moments(watched(full(UPPER_RIGHT), scenery, 20)) == []


def test_zones_are_named_as_they_are_entered() -> None:
    looks = watched(full(LEFT, LOWER_RIGHT), Scenery(50).noise(1).visitor(10.0, row=60, contrast=60), 20)
    assert {look.zones for at, look in looks if look.moving and at < 13} == {("door",)}
    assert {look.zones for at, look in looks if look.moving and at > 15.5} == {("gate",)}


def test_a_tiny_zone_is_a_zone() -> None:
    zone = Zone("letterbox", 0.49, 0.7, 0.05, 0.05)
    found = moments(watched(full(zone), Scenery(51).noise(1).visitor(10.0, row=52, size=24, contrast=70), 20))
    assert all(12 <= at <= 16 for at in found)


def test_how_readily_it_says_so_can_be_chosen() -> None:
    faint = []
    for level in (Sensitivity.LOW, Sensitivity.MEDIUM, Sensitivity.HIGH):
        scenery = Scenery(52).noise(1).visitor(10.0, contrast=16, size=12)
        faint.append(len(moments(watched(full(sensitivity=level), scenery, 20))))
    assert faint == sorted(faint)
    assert faint[0] * 5 < faint[2]
    assert faint[2] > 10


def test_what_stays_is_motion_no_longer() -> None:
    parked = np.s_[50:74, 60:100]
    scenery = Scenery(53).thing(lambda at: parked if at >= 70 else None, 225).noise(1)
    found = moments(watched(full(), scenery, 90))
    assert 70 <= found[0] <= found[-1] <= 72


def test_single_pixels_say_nothing() -> None:
    def firefly(at: float) -> tuple[slice, slice]:
        row, column = 20 + round(6 * math.sin(at)), 40 + round(at * 2) % 60
        return np.s_[row : row + 3, column : column + 3]

    assert moments(watched(full(), Scenery(54).thing(firefly, 250).noise(1), 40)) == []
