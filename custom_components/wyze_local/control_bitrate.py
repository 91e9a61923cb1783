"""A person's bitrate: told a camera again after each log-in that asked for the usual one.

Where a size of the picture is chosen, each log-in asks for it, and with it for its usual bitrate: no client
is known that asks for one without the other. So what a person set is remembered, and said once more as soon
as the camera tells that it has the usual one. What else it tells was set elsewhere, and stands.
"""

from typing import TYPE_CHECKING

from homeassistant.core import callback

from .control_memory import Bitrate
from .control_state import ControlFailed
from .engine.control import ControlReason, Feature, Value
from .engine.lan import Resolution, usual_bitrate

if TYPE_CHECKING:
    from .control_camera import ControlledCamera
    from .control_memory import ControlMemory
    from .controls import Controls
    from .coordinator import CamerasCoordinator

_NOT_TAKEN = frozenset({ControlReason.REFUSED, ControlReason.IGNORED})
"""Why a wish is given up: the camera would be told in vain each minute."""


class Bitrates:
    """What people want of the cameras of one entry."""

    def __init__(self, controls: Controls, coordinator: CamerasCoordinator, memory: ControlMemory) -> None:
        """Begin with what was remembered."""
        self._controls = controls
        self._coordinator = coordinator
        self._memory = memory

    @callback
    def async_note(self, camera_key: str, value: Value) -> None:
        """Remember what a camera took; with the camera's own size it keeps it by itself."""
        quality = self._quality(camera_key)
        wanted = Bitrate(quality, value) if quality and isinstance(value, int) else None
        self._memory.async_keep_bitrate(camera_key, wanted)

    async def async_restore(self, camera_key: str, camera: ControlledCamera) -> None:
        """Tell a camera again that has just said how it stands, if a log-in undid what a person set."""
        known = self._memory.get(camera_key)
        wanted = known.bitrate if known is not None else None
        if wanted is None or wanted.quality != self._quality(camera_key):
            return
        usual = usual_bitrate(Resolution(wanted.quality))
        if camera.state.values.get(Feature.BITRATE) != usual or wanted.rate == usual:
            return
        # A person who wishes for another just now goes before.
        if camera.wishes.waits(Feature.BITRATE):
            return
        try:
            await self._controls.async_set(camera_key, Feature.BITRATE, wanted.rate)
        except ControlFailed as err:
            if err.reason in _NOT_TAKEN:
                self._memory.async_keep_bitrate(camera_key, None)

    def _quality(self, camera_key: str) -> str:
        """Return the size that was chosen; empty for the camera's own."""
        watched = self._coordinator.watched(camera_key)
        return watched.settings.resolution if watched is not None else ""
