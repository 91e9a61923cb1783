"""What a camera has is what it answers, and what was changed is what it says afterwards."""

import json

import pytest

from engine.catalog import ModelControls
from engine.control import ControlError, ControlReason, Feature, Position, Survey, WayPoint
from tests.engine.control.mirror import Mirror
from tests.engine.lan.virtual import LoopClock, virtual


def parameters(**values: int) -> bytes:
    return json.dumps({name.lstrip("p"): value for name, value in values.items()}).encode()


async def everything(mirror: Mirror, model: ModelControls | None = None) -> Survey:
    control = mirror.control(model)
    return await control.ask(control.conceivable)


@virtual
async def test_what_a_camera_has_is_what_it_answers() -> None:
    mirror = Mirror()
    mirror.answers = {
        10020: parameters(p1=2, p2=3, p3=120, p4=0, p5=15, p6=1, p7=2, p50=1, p99=1),
        10070: b"\1",
        10632: b"\1\1",
        11006: b"\0\0\0\0\x28\x5e\1",
        11010: b"\1\x14\x2c\1\5",
    }
    survey = await everything(mirror)
    assert survey.values == {
        Feature.STATUS_LIGHT: False,
        Feature.NIGHT_VISION: "auto",
        Feature.BITRATE: 120,
        Feature.RESOLUTION: "1080p",
        Feature.FPS: 15,
        Feature.FLIP_HORIZONTAL: True,
        Feature.FLIP_VERTICAL: False,
        Feature.IR_RANGE: "far",
        Feature.TIME_STAMP: True,
        Feature.SIREN: True,
    }
    assert survey.position == Position(350, 40)
    assert survey.way_points == (WayPoint(Position(300, 20), 5),)
    assert survey.features == {*survey.values, Feature.POSITION, Feature.WAY_POINTS}
    assert survey.complete


@virtual
async def test_a_camera_that_knows_no_many_questions_is_asked_one_by_one() -> None:
    mirror = Mirror()
    mirror.answers = {10030: b"\1", 10040: b"\2", 10050: b"\x78\0\1\x0f\1\2"}
    control = mirror.control()
    survey = await control.ask(control.conceivable)
    assert survey.values[Feature.BITRATE] == 120
    assert survey.values[Feature.RESOLUTION] == "1080p"
    assert survey.values[Feature.FLIP_VERTICAL] is False
    # The next time nobody waits for what stayed unanswered.
    before = LoopClock().monotonic()
    again = await control.ask(survey.features)
    assert again.values == survey.values
    assert LoopClock().monotonic() - before < 0.5


@virtual
async def test_a_camera_without_motors_is_not_asked_where_it_looks() -> None:
    mirror = Mirror()
    mirror.answers = {
        10020: parameters(p1=1, p27=1),
        11006: bytes(7),
        11010: b"\0",
        11014: b"\1",
        11020: b"\1",
    }
    survey = await everything(mirror, ModelControls(turns=False))
    assert survey.features == {Feature.STATUS_LIGHT}
    assert not {11006, 11010, 11014, 11020} & set(mirror.codes())


@virtual
async def test_a_silent_camera_costs_little_time() -> None:
    mirror = Mirror()
    before = LoopClock().monotonic()
    with pytest.raises(ControlError) as caught:
        await everything(mirror)
    assert (caught.value.word, caught.value.cause) == (ControlReason.NO_ANSWER, "timeout")
    assert LoopClock().monotonic() - before <= 15
    assert len(mirror.said) <= 4


@virtual
async def test_a_camera_that_answers_one_thing_slowly_costs_bounded_time() -> None:
    mirror = Mirror()
    mirror.delay = 1.4
    mirror.answers = {10030: b"\1"}
    before = LoopClock().monotonic()
    survey = await everything(mirror)
    assert survey.features == {Feature.STATUS_LIGHT}
    assert LoopClock().monotonic() - before <= 15
    # Not everything was asked, and that is said.
    assert not survey.complete


@virtual
async def test_a_session_that_ends_ends_the_questions() -> None:
    mirror = Mirror()
    mirror.failure = "wrong_key"
    with pytest.raises(ControlError) as caught:
        await everything(mirror)
    assert caught.value.cause == "wrong_key"


@virtual
async def test_what_makes_no_sense_is_as_good_as_unanswered() -> None:
    mirror = Mirror()
    mirror.answers = {
        10020: b'{"1": 7, "2": "auto", "3": -1, "4": true, "5": 1e9, "x": 1, "6": [1]}',
        10030: b"",
        10040: b"\x09",
        10050: b"\0",
        10090: b"\1\2",
        11006: b"\0\0\0\0\xff\xff\xff",
        11010: b"\xff\1",
        10070: b"\1",
    }
    survey = await everything(mirror)
    assert survey.features == {Feature.TIME_STAMP}


@pytest.mark.parametrize(
    ("feature", "value", "get", "put", "payload"),
    [
        (Feature.STATUS_LIGHT, True, 10030, 10032, b"\1"),
        (Feature.NIGHT_VISION, "on", 10040, 10042, b"\1"),
        (Feature.IR_RANGE, "far", 10044, 10046, b"\1"),
        (Feature.NIGHT_THRESHOLD, "dusk", 10624, 10626, b"\1"),
        (Feature.TIME_STAMP, True, 10070, 10072, b"\1"),
        (Feature.LOGO, True, 10074, 10076, b"\1"),
        (Feature.MOTION_DETECTION, True, 10200, 10206, b"\1\0"),
        (Feature.MOTION_TAGGING, True, 10290, 10292, b"\1"),
        (Feature.MOTION_TRACKING, True, 11020, 11022, b"\1"),
        (Feature.SIREN, True, 10632, 10630, b"\1\1"),
        (Feature.SPOTLIGHT, True, 10640, 10646, b"\1"),
        (Feature.FLOODLIGHT, True, 10788, 12060, b"\1"),
        (Feature.PAN_SCAN, True, 11014, 11016, b"\1"),
    ],
)
@virtual
async def test_a_change_is_said_and_read_back(
    feature: Feature, value: bool | str, get: int, put: int, payload: bytes
) -> None:
    mirror = Mirror()
    mirror.number(get, put, 2)
    assert await mirror.control().set(feature, value) == value
    assert mirror.said == [(put, payload), (get, b"")]


@pytest.mark.parametrize(
    ("feature", "value", "older", "payload"),
    [
        (Feature.FLIP_HORIZONTAL, True, False, (10052, b"\0\0\0\0\1\0")),
        (Feature.FLIP_VERTICAL, False, False, (10052, b"\0\0\0\0\0\2")),
        (Feature.FPS, 20, False, (10052, b"\0\0\0\x14\0\0")),
        (Feature.BITRATE, 300, False, (10056, b"\0\x2c\1\0\0")),
        (Feature.BITRATE, 300, True, (10052, b"\x2c\1\0\0\0\0")),
        (Feature.RESOLUTION, "360p", False, (10056, b"\2\0\0\0\0")),
        (Feature.RESOLUTION, "360p", True, (10052, b"\0\0\2\0\0\0")),
        (Feature.MOTION_DETECTION, False, True, (10202, b"\2\0")),
    ],
)
@virtual
async def test_older_models_are_told_in_their_way(
    feature: Feature, value: bool | int | str, older: bool, payload: tuple[int, bytes]
) -> None:
    mirror = Mirror()
    mirror.answers = {
        10020: parameters(p3=300, p4=1, p5=20, p6=1, p7=2, p13=2),
        10052: b"\1",
        10056: b"\1",
        10202: b"\1",
        10200: b"\2\x80",
    }
    assert await mirror.control(ModelControls(older_commands=older)).set(feature, value) == value
    assert mirror.said[0] == payload


@virtual
async def test_the_clock_may_go_on_meanwhile() -> None:
    mirror = Mirror()
    mirror.answers = {10092: b"\1", 10090: (1_790_000_003).to_bytes(4, "little")}
    assert await mirror.control().set(Feature.CLOCK, 1_790_000_000) == 1_790_000_003
    with pytest.raises(ControlError, match="ignored"):
        await mirror.control().set(Feature.CLOCK, 1_789_000_000)


@virtual
async def test_what_takes_a_moment_is_waited_for() -> None:
    mirror = Mirror()
    began = LoopClock().monotonic()
    mirror.answers = {10032: b"\1", 10030: lambda _: b"\1" if LoopClock().monotonic() > began + 1 else b"\2"}
    assert await mirror.control().set(Feature.STATUS_LIGHT, True) is True


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({10032: b"\1", 10030: b"\2"}, ControlReason.IGNORED),
        ({10032: b"\0", 10030: b"\1"}, ControlReason.REFUSED),
        ({10032: b"", 10030: b"\1"}, ControlReason.MALFORMED),
        ({10032: b"\1", 10030: b""}, ControlReason.MALFORMED),
        ({10032: b"\1"}, ControlReason.NO_ANSWER),
        ({10030: b"\2"}, ControlReason.NO_ANSWER),
        ({}, ControlReason.NO_ANSWER),
    ],
)
@virtual
async def test_what_did_not_happen_is_not_reported(answers: dict[int, bytes], reason: ControlReason) -> None:
    mirror = Mirror()
    mirror.answers = {**answers}
    before = LoopClock().monotonic()
    with pytest.raises(ControlError) as caught:
        await mirror.control().set(Feature.STATUS_LIGHT, True)
    assert caught.value.word is reason
    assert LoopClock().monotonic() - before < 12


@virtual
async def test_a_lost_answer_is_no_failure() -> None:
    mirror = Mirror()
    mirror.number(10030, 10032, 2)
    mirror.unheard = [10032]
    assert await mirror.control().set(Feature.STATUS_LIGHT, True) is True


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        (Feature.STATUS_LIGHT, 1),
        (Feature.STATUS_LIGHT, "on"),
        (Feature.NIGHT_VISION, True),
        (Feature.NIGHT_VISION, "sometimes"),
        (Feature.BITRATE, True),
        (Feature.BITRATE, 0),
        (Feature.BITRATE, 70_000),
        (Feature.WIFI_SIGNAL, 50),
        (Feature.POSITION, 5),
    ],
)
@virtual
async def test_what_no_camera_understands_is_not_sent(feature: Feature, value: bool | int | str) -> None:
    mirror = Mirror()
    with pytest.raises(ControlError, match="unsupported"):
        await mirror.control().set(feature, value)
    assert mirror.said == []


@virtual
async def test_way_points_are_remembered_by_the_camera() -> None:
    mirror = Mirror()
    kept = [b"\0"]

    def write(payload: bytes) -> bytes:
        kept[0] = payload
        return b"\1"

    mirror.answers = {11012: write, 11010: lambda _: kept[0]}
    points = (WayPoint(Position(300, 20), 5), WayPoint(Position(0, 0), 0))
    assert await mirror.control().save_way_points(points) == points
    assert kept[0] == b"\2\x14\x2c\1\5\0\0\0\0"
    mirror.answers[11012] = b"\1"
    with pytest.raises(ControlError, match="ignored"):
        await mirror.control().save_way_points(points[:1])
    with pytest.raises(ControlError, match="unsupported"):
        await mirror.control().save_way_points((WayPoint(Position(300, 200)),))
