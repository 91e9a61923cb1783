"""Commands for cameras that go2rtc holds itself: it passes none on, so each takes a short session of ours.

What the camera says to its key on the way is told to whoever counts that, once for each dial.
"""

import contextlib
from typing import TYPE_CHECKING

from .engine.model import Credentials
from .engine.relay import CallCommand, CallWay, RelayError

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator


class CameraCalls:
    """Speaks to the cameras of one entry that the relay does not hold."""

    def __init__(self, coordinator: CamerasCoordinator) -> None:
        """Serve one coordinator."""
        self._coordinator = coordinator
        self._relaying = coordinator.shared.relaying

    def are_for(self, camera_key: str) -> bool:
        """Tell whether a camera can be spoken to in this way only."""
        watched = self._coordinator.watched(camera_key)
        return watched is not None and watched.called

    async def async_leave(self, camera_key: str) -> None:
        """Leave a camera that has been asked everything: whoever wants its picture may need the session."""
        if self.are_for(camera_key):
            with contextlib.suppress(RelayError):
                await self._relaying.async_leave(camera_key)

    async def async_command(self, camera_key: str, code: int, payload: bytes, within: float) -> bytes:
        """Send a command and return the payload of its answer; raises RelayError."""
        coordinator = self._coordinator
        watched = coordinator.watched(camera_key)
        if watched is None or not isinstance(keys := watched.record.camera.credentials, Credentials):
            raise RelayError("no such camera", reason="unknown_camera")
        way = CallWay(keys, coordinator.networks)
        called = await self._relaying.async_call(camera_key, way, CallCommand(code, payload, within))
        if called.dialled and coordinator.watched(camera_key) is watched:
            if not called.reason:
                coordinator.on_handshake(camera_key, watched.record, True)
            elif called.reason == "wrong_key":
                coordinator.async_failed(camera_key, watched, called.reason)
                coordinator.publish()
        if called.reason:
            raise RelayError("the camera was not told", reason=called.reason)
        return called.payload
