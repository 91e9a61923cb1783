"""Buttons of a camera: its clock, and back to where it rests."""

import pytest

from .control_rig import EVERYTHING, Able, able, fresh

__all__ = ["able", "fresh"]

pytestmark = pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)


async def test_the_clock_is_set(able: Able) -> None:
    """A camera that lost its time has ours."""
    able.settings.clock_offset = -86_400
    await able.call("button.press", entity_id="button.porch_set_clock")
    assert abs(able.settings.clock_offset) <= 2


async def test_it_turns_back_to_rest(able: Able) -> None:
    """From wherever it looks."""
    rest = (able.settings.pan, able.settings.tilt)
    able.settings.turn_to(20, 20)
    await able.call("button.press", entity_id="button.porch_turn_to_rest")
    assert (able.settings.pan, able.settings.tilt) == rest
