"""The controls of one entry's cameras: what each has, how it stands, and the way to change it.

Entities show what `of` returns and call `async_set`; nobody else speaks to cameras about their settings.
Truth is what the camera last said: a change counts when it has been read back.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .const import LOGGER
from .control_state import NOT_NOW, ControlFailed, ControlState, Path
from .engine.catalog import ControlCatalog
from .engine.control import CameraControl, ControlError, Feature, Move, Survey, Value, WayPoint

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator


class _RelaySender:
    """Sends commands on the session that the relay holds, or on a short one."""

    def __init__(self, coordinator: CamerasCoordinator, camera_key: str) -> None:
        self._coordinator = coordinator
        self._camera_key = camera_key

    async def command(self, code: int, payload: bytes, timeout: float) -> bytes:
        """Send a command and return the payload of its answer; raises RelayError."""
        relaying = self._coordinator.shared.relaying
        return await relaying.async_command(self._camera_key, code, payload, timeout)


@dataclass(slots=True)
class _Wish:
    """What a feature is to become. Whoever wishes again before its turn has come changes this one."""

    value: Value
    done: bool = False
    error: ControlFailed | None = None


@dataclass(slots=True)
class _Camera:
    """One camera's side of it."""

    control: CameraControl
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One command at a time: cameras are small machines, and what is read back must be one's own doing."""
    wishes: dict[Feature, _Wish] = field(default_factory=dict)
    state: ControlState = field(default_factory=ControlState)


class Controls:
    """Controls of all cameras of one entry."""

    def __init__(self, hass: HomeAssistant, coordinator: CamerasCoordinator, catalog: ControlCatalog) -> None:
        """Serve one coordinator's cameras."""
        self._hass = hass
        self._coordinator = coordinator
        self._catalog = catalog
        self._cameras: dict[str, _Camera] = {}
        self._listeners: dict[str, set[Callable[[], None]]] = {}
        self._feature_listeners: set[Callable[[], None]] = set()

    # What is known

    def of(self, camera_key: str) -> ControlState:
        """Return what is known of a camera's controls; nothing of one that is not known."""
        camera = self._cameras.get(camera_key)
        return camera.state if camera is not None else ControlState()

    @callback
    def async_listen(self, camera_key: str, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener whenever a camera's state is another one, until the returned call."""
        listeners = self._listeners.setdefault(camera_key, set())
        listeners.add(listener)
        return lambda: listeners.discard(listener)

    @callback
    def async_listen_features(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener whenever any camera turned out to have more than was known, until the call."""
        self._feature_listeners.add(listener)
        return lambda: self._feature_listeners.discard(listener)

    # What is done

    async def async_set(self, camera_key: str, feature: Feature, value: Value) -> None:
        """Change a feature; returns when the camera itself says that it has changed.

        Of wishes for one feature that wait for their turn only the last is said, for all who wished. Raises
        ControlFailed.
        """
        camera = self._camera(camera_key)
        wish = camera.wishes.setdefault(feature, _Wish(value))
        wish.value = value
        async with camera.lock:
            if not wish.done:
                # From here on another wish is another one. If we are cancelled now, whoever waits says it.
                camera.wishes.pop(feature, None)
                wish.error = await self._async_set(camera_key, camera, feature, wish.value)
                wish.done = True
        if wish.error is not None:
            raise wish.error

    async def _async_set(
        self, camera_key: str, camera: _Camera, feature: Feature, value: Value
    ) -> ControlFailed | None:
        try:
            found = await camera.control.set(feature, value)
        except ControlError as err:
            LOGGER.debug("A camera was not told (%s: %s)", feature, err)
            return ControlFailed.of(err)
        self._async_learn(camera_key, Survey(frozenset({feature}), {feature: found}))
        return None

    async def async_move(self, camera_key: str, move: Move) -> None:
        """Have a camera look elsewhere; raises ControlFailed."""
        camera = self._camera(camera_key)
        async with camera.lock:
            try:
                position = await camera.control.move(move)
            except ControlError as err:
                raise ControlFailed.of(err) from err
        self._async_learn(camera_key, Survey(frozenset({Feature.POSITION}), position=position))

    async def async_save_way_points(self, camera_key: str, points: tuple[WayPoint, ...]) -> None:
        """Have a camera remember these positions, instead of those in its state; raises ControlFailed."""
        camera = self._camera(camera_key)
        async with camera.lock:
            try:
                found = await camera.control.save_way_points(points)
            except ControlError as err:
                raise ControlFailed.of(err) from err
        self._async_learn(camera_key, Survey(frozenset({Feature.WAY_POINTS}), way_points=found))

    async def async_refresh(self, camera_key: str) -> None:
        """Ask a camera how everything stands that it has or may have; raises ControlFailed."""
        camera = self._camera(camera_key)
        async with camera.lock:
            try:
                survey = await camera.control.ask(camera.state.features or camera.control.conceivable)
            except ControlError as err:
                self._async_publish(camera_key, replace(camera.state, values={}, path=Path.NONE))
                raise ControlFailed.of(err) from err
        self._async_learn(camera_key, survey)

    # Inside

    def _camera(self, camera_key: str) -> _Camera:
        """Return a camera that can be told something; raises ControlFailed."""
        if (camera := self._cameras.get(camera_key)) is not None:
            return camera
        if (watched := self._coordinator.watched(camera_key)) is None:
            raise ControlFailed(NOT_NOW)
        model = self._catalog.model(watched.record.camera.credentials.model)
        clock = self._coordinator.shared.environment.clock
        control = CameraControl(_RelaySender(self._coordinator, camera_key), clock, model)
        camera = self._cameras[camera_key] = _Camera(control)
        return camera

    @callback
    def _async_learn(self, camera_key: str, survey: Survey, path: Path = Path.LAN) -> None:
        """Take what a camera said."""
        if (camera := self._cameras.get(camera_key)) is None:
            return
        before = camera.state
        said: Mapping[Feature, Value] = {**before.values, **survey.values}
        state = ControlState(
            before.features | survey.features,
            said,
            survey.position or before.position,
            survey.way_points if Feature.WAY_POINTS in survey.features else before.way_points,
            self._coordinator.shared.environment.clock.time(),
            path,
        )
        self._async_publish(camera_key, state)

    @callback
    def _async_publish(self, camera_key: str, state: ControlState) -> None:
        camera = self._cameras[camera_key]
        before, camera.state = camera.state, state
        if state.features != before.features:
            for listener in tuple(self._feature_listeners):
                listener()
        for listener in tuple(self._listeners.get(camera_key, ())):
            listener()
