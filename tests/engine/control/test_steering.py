"""A turn happens once, whatever is lost on the way."""

import asyncio

import pytest

from engine.control import ControlError, ControlReason, GoTo, Home, Position, Step, Turn
from tests.engine.control.mirror import Mirror
from tests.engine.lan.virtual import virtual


@virtual
async def test_a_turn_is_by_as_much_as_was_said() -> None:
    mirror = Mirror()
    mirror.motors(100, 50)
    assert await mirror.control().move(Turn(-30, 10, 9)) == Position(70, 60)
    assert (11000, b"\xe2\xff\x0a\0\x09") in mirror.said


@pytest.mark.parametrize("lost", ["lost", "unheard"])
@virtual
async def test_a_lost_datagram_turns_nothing_twice(lost: str) -> None:
    mirror = Mirror()
    at = mirror.motors(100, 50)
    getattr(mirror, lost).append(11000)
    assert await mirror.control().move(Turn(pan=30)) == Position(130, 50)
    assert at == [130, 50]
    assert mirror.codes().count(11000) == 1


@virtual
async def test_a_motor_that_is_late_turns_nothing_twice() -> None:
    """The answer was lost, and the camera tells for another two seconds where it looked before."""
    mirror = Mirror()
    at = mirror.motors(100, 50)
    told = mirror.answers[11006]
    assert callable(told)
    still, loop = told(b""), asyncio.get_running_loop()
    since = loop.time()
    mirror.answers[11006] = lambda payload: told(payload) if loop.time() > since + 3 else still
    mirror.unheard = [11000]
    assert await mirror.control().move(Turn(pan=30)) == Position(130, 50)
    assert at == [130, 50]
    assert mirror.codes().count(11000) == 1


@virtual
async def test_a_turn_that_is_lost_again_and_again_is_given_up() -> None:
    mirror = Mirror()
    at = mirror.motors(100, 50)
    mirror.lost = [11000] * 3
    with pytest.raises(ControlError) as caught:
        await mirror.control().move(Turn(pan=30))
    assert caught.value.word is ControlReason.NO_ANSWER
    assert at == [100, 50]
    assert mirror.lost == [11000]


@virtual
async def test_who_does_not_say_where_it_looks_is_told_once() -> None:
    mirror = Mirror()
    mirror.motors()
    del mirror.answers[11006]
    mirror.unheard = [11000]
    with pytest.raises(ControlError) as caught:
        await mirror.control().move(Turn(pan=30))
    assert caught.value.word is ControlReason.NO_ANSWER
    assert mirror.codes().count(11000) == 1
    assert await mirror.control().move(Turn(pan=30)) is None


@virtual
async def test_whose_position_makes_no_sense_turns_all_the_same() -> None:
    mirror = Mirror()
    mirror.answers = {11006: b"\xff" * 7, 11000: b"\1", 11002: b"\1", 11004: b"\1"}
    control = mirror.control()
    for move in (Turn(10), Step(1), Home()):
        assert await control.move(move) is None
    assert [code for code in mirror.codes() if code != 11006] == [11000, 11002, 11004]


@virtual
async def test_steps_and_the_way_home() -> None:
    mirror = Mirror()
    mirror.motors()
    mirror.answers |= {11002: b"\1", 11004: b"\1"}
    await mirror.control().move(Step(pan=-1))
    await mirror.control().move(Step(tilt=1, speed=1))
    await mirror.control().move(Step(pan=1, tilt=-1))
    assert [said for said in mirror.said if said[0] == 11002] == [
        (11002, b"\1\0\5"),
        (11002, b"\0\1\1"),
        (11002, b"\2\2\5"),
    ]
    assert await mirror.control().move(Home()) == Position(100, 50)
    assert (11004, b"\3") in mirror.said


@virtual
async def test_going_somewhere_ends_there() -> None:
    mirror = Mirror()
    mirror.motors()
    assert await mirror.control().move(GoTo(Position(300, 20))) == Position(300, 20)
    mirror.answers[11018] = b"\1"
    with pytest.raises(ControlError) as caught:
        await mirror.control().move(GoTo(Position(10, 20)))
    assert caught.value.word is ControlReason.IGNORED
    mirror.answers[11018] = b"\0"
    with pytest.raises(ControlError, match="refused"):
        await mirror.control().move(GoTo(Position(10, 20)))


@pytest.mark.parametrize(
    "move",
    [
        Turn(),
        Turn(361),
        Turn(0, -181),
        Turn(5, 5, 0),
        Step(),
        Step(2),
        Step(0, 1, 10),
        GoTo(Position(-1, 0)),
        GoTo(Position(0, 181)),
    ],
)
@virtual
async def test_what_is_no_move_is_not_sent(move: Turn | Step | GoTo) -> None:
    mirror = Mirror()
    mirror.motors()
    with pytest.raises(ControlError, match="unsupported"):
        await mirror.control().move(move)
    assert not {11000, 11002, 11018} & set(mirror.codes())
