"""Actions that turn a camera and keep its presets. For whoever may control it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import probatio

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import service

from .camera import WyzeLocalCamera
from .const import DOMAIN
from .control_state import Path
from .controls import Controls
from .engine.control import MAX_PAN, MAX_TILT, MAX_WAY_POINTS, SPEEDS, Feature, GoTo, Step, Turn, WayPoint

PAN_TILT = "pan_tilt"
STEP = "step"
GO_TO_PRESET = "go_to_preset"
SAVE_PRESET = "save_preset"
DELETE_PRESET = "delete_preset"

ATTR_PAN = "pan"
ATTR_TILT = "tilt"
ATTR_SPEED = "speed"
ATTR_DIRECTION = "direction"
ATTR_PRESET = "preset"
ATTR_WAIT = "wait"

DIRECTIONS: Final[Mapping[str, Mapping[str, int]]] = {
    "left": {"pan": -1},
    "right": {"pan": 1},
    "up": {"tilt": 1},
    "down": {"tilt": -1},
}

type _Schema = dict[str | probatio.Marker, Any]
type _Act = Callable[[WyzeLocalCamera, Controls, Mapping[str, Any]], Awaitable[None]]


def _whole(low: int, high: int) -> Any:
    return probatio.All(probatio.Coerce(int), probatio.Range(min=low, max=high))


_SPEED: _Schema = {probatio.Optional(ATTR_SPEED, default=5): _whole(SPEEDS[0], SPEEDS[-1])}
_PRESET = _whole(1, MAX_WAY_POINTS)


async def _turn(camera: WyzeLocalCamera, controls: Controls, data: Mapping[str, Any]) -> None:
    await controls.async_move(camera.camera_key, Turn(data[ATTR_PAN], data[ATTR_TILT], data[ATTR_SPEED]))


async def _step(camera: WyzeLocalCamera, controls: Controls, data: Mapping[str, Any]) -> None:
    move = Step(**DIRECTIONS[data[ATTR_DIRECTION]], speed=data[ATTR_SPEED])
    await controls.async_move(camera.camera_key, move)


async def _go(camera: WyzeLocalCamera, controls: Controls, data: Mapping[str, Any]) -> None:
    if controls.of(camera.camera_key).path is not Path.LAN:
        # What it remembers is not known since the start, or since it went away: that is not nothing.
        await controls.async_refresh(camera.camera_key)
    points = controls.of(camera.camera_key).way_points
    place = _known(camera, points, data[ATTR_PRESET])
    await controls.async_move(camera.camera_key, GoTo(points[place].position))


async def _save(camera: WyzeLocalCamera, controls: Controls, data: Mapping[str, Any]) -> None:
    """Keep where the camera looks: in the place of a preset, or as a new one."""
    # Somebody may have turned it since it was asked last.
    await controls.async_refresh(camera.camera_key)
    state = controls.of(camera.camera_key)
    if state.position is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="position_unknown",
            translation_placeholders={"camera": camera.entity_id},
        )
    points = list(state.way_points)
    place = len(points) if (number := data.get(ATTR_PRESET)) is None else number - 1
    if place > len(points) or place == MAX_WAY_POINTS:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="preset_no_place",
            translation_placeholders={"camera": camera.entity_id, "count": str(len(points))},
        )
    points[place : place + 1] = [WayPoint(state.position, data[ATTR_WAIT])]
    await controls.async_save_way_points(camera.camera_key, tuple(points))


async def _delete(camera: WyzeLocalCamera, controls: Controls, data: Mapping[str, Any]) -> None:
    await controls.async_refresh(camera.camera_key)
    points = controls.of(camera.camera_key).way_points
    place = _known(camera, points, data[ATTR_PRESET])
    await controls.async_save_way_points(camera.camera_key, points[:place] + points[place + 1 :])


def _known(camera: WyzeLocalCamera, points: tuple[WayPoint, ...], number: int) -> int:
    """Return the place of a preset that people count from one; raises ServiceValidationError for none."""
    if number > len(points):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="preset_not_found",
            translation_placeholders={"camera": camera.entity_id, "count": str(len(points))},
        )
    return number - 1


ACTIONS: Final[Mapping[str, tuple[_Schema, Feature, _Act]]] = {
    PAN_TILT: (
        {
            probatio.Optional(ATTR_PAN, default=0): _whole(-MAX_PAN, MAX_PAN),
            probatio.Optional(ATTR_TILT, default=0): _whole(-MAX_TILT, MAX_TILT),
            **_SPEED,
        },
        Feature.POSITION,
        _turn,
    ),
    STEP: ({probatio.Required(ATTR_DIRECTION): probatio.In(DIRECTIONS), **_SPEED}, Feature.POSITION, _step),
    GO_TO_PRESET: ({probatio.Required(ATTR_PRESET): _PRESET}, Feature.WAY_POINTS, _go),
    SAVE_PRESET: (
        {
            probatio.Optional(ATTR_PRESET): _PRESET,
            probatio.Optional(ATTR_WAIT, default=10): _whole(0, 255),
        },
        Feature.WAY_POINTS,
        _save,
    ),
    DELETE_PRESET: ({probatio.Required(ATTR_PRESET): _PRESET}, Feature.WAY_POINTS, _delete),
}
"""What each action takes, what a camera needs for it, and what is done."""


@callback
def async_set_up_control_services(hass: HomeAssistant) -> None:
    """Register the actions; they are there whether an entry is loaded or not."""
    for name, (schema, feature, act) in ACTIONS.items():
        # Checks by itself that the caller may control each of the cameras.
        service.async_register_platform_entity_service(
            hass,
            DOMAIN,
            name,
            entity_domain=CAMERA_DOMAIN,
            schema=schema,
            func=_for_cameras_with(feature, act),
        )


def _for_cameras_with(
    feature: Feature, act: _Act
) -> Callable[[WyzeLocalCamera, ServiceCall], Awaitable[None]]:
    async def do(camera: WyzeLocalCamera, call: ServiceCall) -> None:
        controls = camera.coordinator.config_entry.runtime_data.controls
        if feature not in controls.of(camera.camera_key).features:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="control_missing",
                translation_placeholders={"camera": camera.entity_id},
            )
        await act(camera, controls, call.data)

    return do
