"""Switches of a camera: each changes one thing of it, and shows what it says."""

import pytest

from .control_rig import EVERYTHING, Able, able, fresh

__all__ = ["able", "fresh"]

SWITCHES = {
    "status_light": "status_light",
    "picture_mirrored": "flip_horizontal",
    "picture_upside_down": "flip_vertical",
    "time_in_the_picture": "time_stamp",
    "logo_in_the_picture": "logo",
    "camera_s_own_motion_detection": "motion_detection",
    "frame_around_what_moves": "motion_tagging",
    "follow_what_moves": "motion_tracking",
    "patrol": "pan_scan",
}


@pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)
async def test_each_changes_one_thing(able: Able) -> None:
    """There and back, with nothing else changed on the way."""
    for name, setting in SWITCHES.items():
        entity_id = f"switch.porch_{name}"
        was = able.state(entity_id)
        assert was == ("on" if getattr(able.settings, setting) == 1 else "off"), name
        others = {one: getattr(able.settings, one) for one in SWITCHES.values() if one != setting}
        changed = await able.switch(entity_id, on=was == "off")
        assert changed == ("on" if was == "off" else "off"), name
        assert getattr(able.settings, setting) == (1 if was == "off" else 2), name
        assert others == {one: getattr(able.settings, one) for one in others}, name
        assert await able.switch(entity_id, on=was == "on") == was
