"""When cameras are asked how they stand: where a session is held anyway, else seldom, and some never."""

import asyncio
import logging

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.control_rounds import ENDS, ENDS_LOOKS
from custom_components.wyze_local.control_state import Path
from custom_components.wyze_local.engine.control import Feature

from .control_table import SET_SIREN, TableCamera, failing, laid


async def test_with_a_session_each_minute_and_at_rest_each_quarter_of_an_hour(hass: HomeAssistant) -> None:
    """And a round that finds something else shows it."""
    seen, rests = TableCamera(live=True), TableCamera()
    async with laid(hass, seen=seen, rests=rests) as table:
        table.controls.async_start()
        await table.pause(3)
        assert (seen.looks, rests.looks) == (1, 1)
        seen.siren = 1
        await table.pause(60)
        assert (seen.looks, rests.looks) == (2, 1)
        assert table.controls.of("seen").values[Feature.SIREN] is True
        for looks in range(3, 8):
            await table.pause(60)
            assert seen.looks == looks
        await table.checks(12, "seen", "rests")
        assert 4 <= rests.looks <= 5


async def test_a_battery_camera_is_asked_only_while_somebody_looks(hass: HomeAssistant) -> None:
    """A session that ends without any other news is noticed: nobody wakes it for what was a minute ago."""
    camera = TableCamera(battery=True, live=True)
    async with laid(hass, gate=camera) as table:
        table.controls.async_start()
        await table.pause(3)
        assert camera.looks == 1
        camera.live = False
        await table.checks(12, "gate")
        assert camera.looks == 1
        # Nor to find out what came of an order in vain.
        camera.unheard, camera.obeys = {SET_SIREN}, False
        wish = asyncio.create_task(failing(table.controls.async_set("gate", Feature.SIREN, True)))
        assert await table.outcome(wish) == ["control_no_answer"]
        before = camera.looks
        await table.checks(4, "gate")
        assert camera.looks == before


async def test_who_is_away_is_not_dialled_and_asked_when_it_is_back(hass: HomeAssistant) -> None:
    """What it said last is shown no longer, and what it has stays known."""
    camera = TableCamera()
    async with laid(hass, porch=camera) as table:
        table.controls.async_start()
        await table.pause(3)
        assert table.controls.of("porch").values[Feature.SIREN] is False
        await table.judge("porch", available=False)
        state = table.controls.of("porch")
        assert (state.path, dict(state.values)) == (Path.NONE, {})
        assert Feature.SIREN in state.features
        camera.siren = 1
        looks, said = camera.looks, len(camera.said)
        await table.checks(8, "porch", available=False)
        assert len(camera.said) == said
        await table.judge("porch")
        await table.pause(1)
        assert camera.looks == looks + 1
        assert table.controls.of("porch").values[Feature.SIREN] is True


async def test_whom_no_check_found_well_lately_nobody_dials(hass: HomeAssistant) -> None:
    """A refused key is found out by the checks, once: a round never dials on its own."""
    camera = TableCamera()
    async with laid(hass, porch=camera) as table:
        table.controls.async_start()
        await table.pause(3)
        said = len(camera.said)
        await table.pause(3600)
        assert len(camera.said) == said
        await table.judge("porch")
        assert len(camera.said) > said


async def test_a_camera_that_is_slow_holds_up_nobody(hass: HomeAssistant) -> None:
    """Several are asked side by side, and never more than four."""
    slow = TableCamera(held=asyncio.Event(), held_to_orders=False)
    others = {f"camera_{number}": TableCamera() for number in range(6)}
    async with laid(hass, slow=slow, **others) as table:
        table.controls.async_start()
        await table.pause(1)
        assert [camera.looks for camera in others.values()] == [1] * 6
        assert slow.said
        assert slow.held is not None
        slow.held.set()


async def test_four_at_most_are_asked_at_once(hass: HomeAssistant) -> None:
    """The others get the places that become free."""
    held = asyncio.Event()
    cameras = {f"camera_{n}": TableCamera(held=held, held_to_orders=False) for n in range(6)}
    async with laid(hass, **cameras) as table:
        table.controls.async_start()
        await table.pause(1)
        assert sum(bool(camera.said) for camera in cameras.values()) == 4
        held.set()
        await table.pause(1)
        assert all(camera.looks == 1 for camera in cameras.values())


async def test_a_mistake_costs_one_round_and_is_logged_once(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """The rounds go on, for this camera and for the others."""
    odd, other = TableCamera(live=True, fault=KeyError("ours")), TableCamera(live=True)
    async with laid(hass, odd=odd, other=other) as table:
        table.controls.async_start()
        await table.pause(200)
        assert other.looks >= 3
        assert 3 <= len(odd.said) <= 10
        errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert len(errors) == 1
        odd.fault = None
        await table.pause(61)
        assert odd.looks == 1
    caplog.clear()


async def test_after_an_order_in_vain_it_is_soon_looked_what_came_of_it(hass: HomeAssistant) -> None:
    """It did what it was told, and only its answers were lost: that shows within seconds, not minutes."""
    camera = TableCamera()
    async with laid(hass, porch=camera) as table:
        table.controls.async_start()
        await table.pause(3)
        camera.unheard = {SET_SIREN, 10632}
        wish = asyncio.create_task(failing(table.controls.async_set("porch", Feature.SIREN, True)))
        assert await table.outcome(wish) == ["control_no_answer"]
        assert Feature.SIREN not in table.controls.of("porch").values
        camera.unheard = set()
        await table.pause(4)
        assert table.controls.of("porch").values[Feature.SIREN] is True


async def test_a_siren_that_ends_by_itself_at_rest_is_soon_shown_as_off(hass: HomeAssistant) -> None:
    """Not only a quarter of an hour later; one that sounds on is asked a few times, and then as ever."""
    camera = TableCamera()
    async with laid(hass, porch=camera) as table:
        table.controls.async_start()
        await table.pause(3)
        await table.controls.async_set("porch", Feature.SIREN, True)
        camera.siren = 2
        await table.pause(ENDS)
        assert table.controls.of("porch").values[Feature.SIREN] is False
        looks = camera.looks
        await table.pause(10 * ENDS)
        assert camera.looks == looks
        await table.controls.async_set("porch", Feature.SIREN, True)
        looks = camera.looks
        for _ in range(3 * ENDS_LOOKS):
            await table.pause(ENDS)
        assert camera.looks == looks + ENDS_LOOKS
        await table.controls.async_set("porch", Feature.SIREN, True)
        await table.controls.async_set("porch", Feature.SIREN, False)
        looks = camera.looks
        await table.pause(2 * ENDS)
        assert camera.looks == looks, "a person ended it"


async def test_nobody_wakes_a_battery_to_see_whether_its_siren_ended(hass: HomeAssistant) -> None:
    """It is seen when somebody looks, after the first picture."""
    camera = TableCamera(battery=True, live=True)
    async with laid(hass, gate=camera) as table:
        table.controls.async_start()
        await table.pause(3)
        await table.controls.async_set("gate", Feature.SIREN, True)
        camera.live, camera.siren = False, 2
        looks = camera.looks
        await table.checks(4, "gate")
        assert camera.looks == looks
        camera.live = True
        await table.judge("gate")
        await table.pause(1)
        assert camera.looks == looks
        await table.pause(2)
        assert table.controls.of("gate").values[Feature.SIREN] is False
