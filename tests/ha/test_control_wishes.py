"""Wishes: one thing after the other, the last of many, and nobody's failure is another's success."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.control_wishes import MOST_TURNS, Wishes
from custom_components.wyze_local.engine.control import Feature, Home, Move, Step, Turn
from tests.support.clock import settle

from .control_table import GET_SIREN, SET_NIGHT_VISION, SET_SIREN, Table, TableCamera, failing, laid

ON, OFF = 1, 2


@pytest.fixture
async def table(hass: HomeAssistant) -> AsyncIterator[Table]:
    """Lay a table with one camera that has told how it stands."""
    async with laid(hass, porch=TableCamera()) as found:
        await found.controls.async_refresh("porch")
        found.cameras["porch"].said.clear()
        yield found


class Hand:
    """Presses buttons of the one camera."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.camera = table.cameras["porch"]
        self.outcome = table.outcome

    async def press(self, value: bool) -> asyncio.Task[str]:
        """Wish for the siren, and wait until the wish has come in; returns what becomes of it."""
        wish = self.table.controls.async_set("porch", Feature.SIREN, value)
        task = asyncio.create_task(failing(wish))
        await self.table.pause(0)
        return task

    async def hold(self) -> asyncio.Event:
        """Have the camera be slow from now on, until the event that is returned."""
        self.camera.held = held = asyncio.Event()
        return held

    async def give_up(self, task: asyncio.Task[str]) -> None:
        """Let somebody wish no longer."""
        task.cancel()
        await self.table.pause(0)
        assert task.cancelled()


@pytest.fixture
def hand(table: Table) -> Hand:
    """Return who presses."""
    return Hand(table)


async def test_five_quick_presses_are_two_commands(hand: Hand) -> None:
    """The first is on its way; of the others the last counts, and all of them hear that it was done."""
    held = await hand.hold()
    tasks = [await hand.press(value) for value in (True, False, True, False, True)]
    held.set()
    assert await hand.outcome(*tasks) == [""] * 5
    assert hand.camera.told() == [ON, ON]
    tasks = [await hand.press(value) for value in (True, False)]
    assert await hand.outcome(*tasks) == ["", ""]
    assert hand.camera.siren == OFF


async def test_who_gives_up_changes_nothing_for_others(hand: Hand) -> None:
    """Neither for one who is being served, nor for one who waits."""
    held = await hand.hold()
    served, waits, gone = [await hand.press(value) for value in (True, True, False)]
    await hand.give_up(gone)
    held.set()
    assert await hand.outcome(served, waits) == ["", ""]
    assert hand.camera.siren == ON
    assert OFF not in hand.camera.told()
    # Nothing of it is left for the next.
    assert await hand.outcome(await hand.press(False)) == [""]
    assert hand.camera.siren == OFF


async def test_whose_wish_is_being_said_may_give_up(hand: Hand) -> None:
    """Then the next says what the others want, whether or not it was said already."""
    held = await hand.hold()
    sayer, waits = await hand.press(True), await hand.press(False)
    await hand.give_up(sayer)
    held.set()
    assert await hand.outcome(waits) == [""]
    assert hand.camera.siren == OFF


async def test_the_last_may_give_up_while_another_says_it(hand: Hand) -> None:
    """What was said for one who is gone is not what the others wished."""
    held = await hand.hold()
    first, sayer, last = [await hand.press(value) for value in (True, True, False)]
    hand.camera.held = second = asyncio.Event()
    held.set()
    await hand.table.pause(0)
    assert await hand.outcome(first) == [""]
    # `sayer` says by now what `last` wants.
    await hand.give_up(last)
    second.set()
    assert await hand.outcome(sayer) == [""]
    assert hand.camera.siren == ON


async def test_a_failure_is_told_although_somebody_wished_otherwise_meanwhile(hand: Hand) -> None:
    """The first wish was in vain, whatever became of the second."""
    hand.camera.obeys = False
    held = await hand.hold()
    first = await hand.press(True)
    second = await hand.press(False)
    held.set()
    assert await hand.outcome(first, second) == ["control_ignored", ""]


async def test_features_do_not_take_each_others_place(hand: Hand) -> None:
    held = await hand.hold()
    siren = await hand.press(True)
    wish = hand.table.controls.async_set("porch", Feature.NIGHT_VISION, "on")
    night_vision = asyncio.create_task(failing(wish))
    await hand.table.pause(0)
    assert not hand.camera.told(SET_NIGHT_VISION)
    held.set()
    assert await hand.outcome(siren, night_vision) == ["", ""]
    assert (hand.camera.siren, hand.camera.night_vision) == (ON, 1)


@pytest.mark.parametrize(
    ("unheard", "key", "shown"),
    [
        ({SET_SIREN}, "control_no_answer", False),
        ({SET_SIREN, GET_SIREN}, "control_no_answer", None),
        ({GET_SIREN}, "control_no_answer", None),
        (set(), "control_ignored", True),
    ],
)
async def test_in_vain_only_what_was_read_is_shown(
    hand: Hand, unheard: set[int], key: str, shown: bool | None
) -> None:
    """Whether it obeyed is not known unless it says so; what is read instead is shown at once."""
    camera, controls = hand.camera, hand.table.controls
    camera.obeys, camera.unheard = False, unheard
    # Somebody else may have switched it since it was asked last.
    camera.siren = ON if shown else OFF
    assert await hand.outcome(await hand.press(camera.siren != ON)) == [key]
    assert controls.of("porch").values.get(Feature.SIREN) is shown
    assert controls.of("porch").values[Feature.NIGHT_VISION] == "auto"


class SlowMotor:
    """Turns when the test lets it."""

    def __init__(self) -> None:
        self.wishes = Wishes()
        self.said: list[Move] = []
        self.free = asyncio.Event()

    async def say(self, move: Move) -> None:
        """Be told one turn."""
        self.said.append(move)
        await self.free.wait()

    async def ask(self, *moves: Move) -> list[asyncio.Task[str]]:
        """Wish for turns, one after the other."""
        tasks = []
        for move in moves:
            tasks.append(asyncio.create_task(failing(self.wishes.async_turn(move, self.say))))
            await settle()
        return tasks


async def test_behind_a_slow_camera_only_some_turns_wait() -> None:
    """Each of those is said, for they add up; the oldest gives way to the newest and hears of it."""
    motor = SlowMotor()
    turns = [Turn(pan=degrees) for degrees in range(1, MOST_TURNS + 4)]
    tasks = await motor.ask(*turns)
    motor.free.set()
    assert await asyncio.gather(*tasks) == ["", *["control_overtaken"] * 2, *[""] * MOST_TURNS]
    assert motor.said == [turns[0], *turns[3:]]


async def test_a_turn_to_a_place_is_said_instead_of_those_before_it() -> None:
    """They would end there, too; what comes after it begins there."""
    motor = SlowMotor()
    tasks = await motor.ask(Step(pan=1), Turn(pan=90), Home(), Turn(tilt=5), Turn(tilt=6))
    motor.free.set()
    assert await asyncio.gather(*tasks) == [""] * 5
    assert motor.said == [Step(pan=1), Home(), Turn(tilt=5), Turn(tilt=6)]


async def test_who_gives_up_a_turn_leaves_the_others_theirs() -> None:
    motor = SlowMotor()
    first, gone, last = await motor.ask(Turn(pan=1), Turn(pan=2), Turn(pan=3))
    for task in (gone, first):
        task.cancel()
    await settle()
    motor.free.set()
    assert await last == ""
    assert motor.said == [Turn(pan=1), Turn(pan=3)]
