"""Actions that turn a camera and keep its presets, for whoever may control it."""

from typing import Any

import pytest

from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er

from .clip_rig import person
from .control_rig import EVERYTHING, PLAIN, Able, fresh

__all__ = ["fresh"]

everything = pytest.mark.parametrize("simulator", [[EVERYTHING]], indirect=True)


async def act(able: Able, action: str, context: Context | None = None, **data: Any) -> None:
    """Do something with the camera."""
    await able.call(f"wyze_local.{action}", context, entity_id="camera.porch", **data)


def looks_at(able: Able) -> tuple[int, int]:
    """Return where it really looks."""
    return able.settings.pan, able.settings.tilt


@everything
async def test_it_turns_by_degrees_and_by_steps(fresh: Able) -> None:
    """Right and up are positive; a device can be chosen instead of its camera."""
    pan, tilt = looks_at(fresh)
    await act(fresh, "pan_tilt", pan=30, tilt=-20, speed=9)
    assert looks_at(fresh) == (pan + 30, tilt - 20)
    await act(fresh, "step", direction="left")
    await act(fresh, "step", direction="up")
    assert looks_at(fresh) == (pan + 20, tilt - 10)
    entity = er.async_get(fresh.hass).async_get("camera.porch")
    assert entity is not None
    await fresh.call("wyze_local.pan_tilt", device_id=entity.device_id, pan=-20)
    assert looks_at(fresh) == (pan, tilt - 10)


@everything
async def test_presets_are_saved_gone_to_and_deleted(fresh: Able) -> None:
    """What is saved is where it looks now, whoever turned it; numbers count from one."""
    fresh.settings.turn_to(40, 30)
    await act(fresh, "save_preset", wait=7)
    fresh.settings.turn_to(200, 90)
    await act(fresh, "save_preset")
    assert [(one.pan, one.tilt) for one in fresh.settings.way_points] == [(40, 30), (200, 90)]
    assert fresh.settings.way_points[0].wait == 7
    await act(fresh, "go_to_preset", preset=1)
    assert looks_at(fresh) == (40, 30)
    await act(fresh, "save_preset", preset=2)
    await act(fresh, "delete_preset", preset=1)
    assert [(one.pan, one.tilt) for one in fresh.settings.way_points] == [(40, 30)]
    with pytest.raises(ServiceValidationError, match="remembers 1"):
        await act(fresh, "go_to_preset", preset=2)
    with pytest.raises(ServiceValidationError, match="no place"):
        await act(fresh, "save_preset", preset=3)
    fresh.settings.turn_to(200, 90)
    # As after a start, when it was not asked yet.
    fresh.controls.async_lost(fresh.key)
    await act(fresh, "go_to_preset", preset=1)
    assert looks_at(fresh) == (40, 30)


@pytest.mark.parametrize("simulator", [[PLAIN]], indirect=True)
async def test_who_has_no_motor_says_so(fresh: Able) -> None:
    """Instead of doing nothing without a word."""
    with pytest.raises(ServiceValidationError) as err:
        await act(fresh, "pan_tilt", pan=10)
    assert err.value.translation_key == "control_missing"


@everything
async def test_only_who_may_control_the_camera_turns_it(fresh: Able) -> None:
    """Who may only look is turned away, and the camera stays."""
    before = looks_at(fresh)
    # The first of all is the owner, who may everything.
    await fresh.hass.auth.async_create_user("Owner")
    onlooker = await person(fresh.hass, "camera.porch", policy=("read",))
    for action, data in (("pan_tilt", {"pan": 10}), ("save_preset", {}), ("step", {"direction": "up"})):
        with pytest.raises(Unauthorized):
            await act(fresh, action, Context(user_id=onlooker.id), **data)
    assert looks_at(fresh) == before
    assert not fresh.settings.way_points
    resident = await person(fresh.hass, "camera.porch")
    await act(fresh, "pan_tilt", Context(user_id=resident.id), pan=10)
    assert looks_at(fresh) == (before[0] + 10, before[1])
