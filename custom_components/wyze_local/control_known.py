"""What is known of the controls of one entry's cameras, and who hears of it: what they said, and no guess."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .control_camera import ControlledCamera
from .control_memory import Remembered, async_get_control_memory
from .control_state import ControlState, Path, said_at_log_in
from .engine.control import Feature, Survey, Value

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator


class KnownControls:
    """Keeps what each camera has, and how it stands."""

    def __init__(self, hass: HomeAssistant, coordinator: CamerasCoordinator) -> None:
        """Serve one coordinator's cameras."""
        self._coordinator = coordinator
        self._relaying = coordinator.shared.relaying
        self._clock = coordinator.shared.environment.clock
        self._memory = async_get_control_memory(hass)
        self._cameras: dict[str, ControlledCamera] = {}
        self._listeners: dict[str, set[Callable[[], None]]] = {}
        self._feature_listeners: set[Callable[[], None]] = set()

    async def async_load(self) -> None:
        """Read what the cameras were found to have in earlier runs."""
        await self._memory.async_load()
        self.async_follow(self._coordinator.data)

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
        """Call the listener whenever any camera has other features than before, until the returned call."""
        self._feature_listeners.add(listener)
        return lambda: self._feature_listeners.discard(listener)

    @callback
    def async_follow(self, camera_keys: Collection[str]) -> None:
        """Have exactly these cameras; of new ones what was remembered is known."""
        for camera_key in self._cameras.keys() - camera_keys:
            del self._cameras[camera_key]
            self._listeners.pop(camera_key, None)
        for camera_key in camera_keys:
            if camera_key not in self._cameras:
                known = self._memory.get(camera_key)
                features = known.features if known else frozenset()
                firmware = known.firmware if known else None
                self._cameras[camera_key] = ControlledCamera(ControlState(features), firmware=firmware)
                # What is remembered was found out within the last day, or is asked again after one.
                self._cameras[camera_key].surveyed_at = self._clock.monotonic()

    @callback
    def async_lost(self, camera_key: str) -> None:
        """Forget how a camera stands: nobody can ask it now."""
        if (camera := self._cameras.get(camera_key)) is not None and camera.state.path is not Path.NONE:
            self._async_publish(camera_key, camera, ControlState(camera.state.features))

    @callback
    def async_hear_of(self, camera_key: str, told: Mapping[Feature, Value | None]) -> None:
        """Take what the vendor tells of a camera that is out of reach; None: it does not tell that."""
        if (camera := self._cameras.get(camera_key)) is None:
            return
        before = camera.state
        values = {**(before.values if before.path is Path.CLOUD else {}), **told}
        known = {feature: value for feature, value in values.items() if value is not None}
        state = ControlState(before.features, known, read_at=self._clock.time(), path=Path.CLOUD)
        self._async_publish(camera_key, camera, state)

    @callback
    def _async_learn(self, camera_key: str, camera: ControlledCamera, survey: Survey) -> None:
        """Take what a camera said, now and when it let us in."""
        before = camera.state
        said = said_at_log_in(self._relaying.facts(camera_key))
        points = survey.way_points if Feature.WAY_POINTS in survey.features else before.way_points
        state = ControlState(
            before.features.union(survey.features, said),
            {**(before.values if before.path is Path.LAN else {}), **said, **survey.values},
            survey.position if Feature.POSITION in survey.features else before.position,
            points,
            self._clock.time(),
            Path.LAN,
        )
        self._async_publish(camera_key, camera, state)

    @callback
    def _async_note_firmware(
        self, camera_key: str, camera: ControlledCamera, survey: Survey, whole_at: float | None
    ) -> None:
        """Remember what a camera has; one with other firmware than before is asked for everything anew."""
        firmware = self._relaying.facts(camera_key).firmware
        if whole_at is None:
            if firmware != camera.firmware:
                camera.firmware = None
            return
        if survey.complete:
            camera.firmware, camera.surveyed_at = firmware, whole_at
            known = self._memory.get(camera_key)
            bitrate = known.bitrate if known is not None else None
            self._memory.async_keep(camera_key, Remembered(firmware, camera.state.features, bitrate))

    @callback
    def _async_publish(self, camera_key: str, camera: ControlledCamera, state: ControlState) -> None:
        if self._cameras.get(camera_key) is not camera:
            return
        before, camera.state = camera.state, state
        if state.features != before.features:
            for listener in tuple(self._feature_listeners):
                listener()
        if replace(state, read_at=None) != replace(before, read_at=None):
            for listener in tuple(self._listeners.get(camera_key, ())):
                listener()
