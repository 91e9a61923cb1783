"""What the controls keep of each camera, and the way by which they speak to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .control_calls import CameraCalls
from .control_state import ControlState
from .control_wishes import Wishes
from .engine.control import CameraControl, Feature

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
class ControlledCamera:
    """One camera's side of it."""

    state: ControlState
    model: str = ""
    control: CameraControl | None = None
    """For that model; made when it is needed first."""
    wishes: Wishes = field(default_factory=Wishes)
    rounds: list[set[Feature]] = field(default_factory=list)
    """For each round of questions under way, what was changed since it began: answers may be older."""
    firmware: str | None = None
    """The firmware whose features are known; None for none."""
    surveyed_at: float = float("-inf")
    """When it was asked for everything that its model may have."""

    @contextmanager
    def changing(self, feature: Feature) -> Iterator[None]:
        """Have rounds of questions know that a feature is being changed, and when it was."""
        self._note(feature)
        try:
            yield
        finally:
            # Again: some may have begun meanwhile.
            self._note(feature)

    def _note(self, feature: Feature) -> None:
        for changed in self.rounds:
            changed.add(feature)
