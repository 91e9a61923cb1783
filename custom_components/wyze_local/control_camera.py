"""What the controls keep of each camera, and the way by which they speak to it."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .control_calls import CameraCalls
from .control_state import ControlFailed, ControlState
from .engine.control import CameraControl, Feature, Value

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator


class RelaySender:
    """Sends commands on the session that the relay holds, or on a short one."""

    def __init__(self, coordinator: CamerasCoordinator, camera_key: str) -> None:
        self._relaying = coordinator.shared.relaying
        self._calls = CameraCalls(coordinator)
        self._camera_key = camera_key

    async def command(self, code: int, payload: bytes, timeout: float) -> bytes:
        """Send a command and return the payload of its answer; raises RelayError."""
        if self._calls.are_for(self._camera_key):
            return await self._calls.async_command(self._camera_key, code, payload, timeout)
        return await self._relaying.async_command(self._camera_key, code, payload, timeout)


@dataclass(slots=True)
class Wish:
    """What a feature is to become. Whoever wishes again before its turn has come changes this one."""

    value: Value
    done: bool = False
    error: ControlFailed | None = None


@dataclass(slots=True)
class ControlledCamera:
    """One camera's side of it."""

    state: ControlState
    model: str = ""
    control: CameraControl | None = None
    """For that model; made when it is needed first."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One change at a time: what is read back must be one's own doing."""
    wishes: dict[Feature, Wish] = field(default_factory=dict)
    changed: set[Feature] = field(default_factory=set)
    """What was changed since the questions that are under way were put: their answers may be older."""
    firmware: str | None = None
    """The firmware whose features are known; None for none."""
    surveyed_at: float = float("-inf")
    """When it was asked for everything that its model may have."""
