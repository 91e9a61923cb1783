"""What a keeper keeps, and what opens it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from ..lan import CameraInfo, EndHandler, FrameHandler, LinkStats


class Session(Protocol):
    """What is kept: a LanSession, or what behaves as one."""

    info: CameraInfo
    stats: LinkStats

    async def command(self, code: int, payload: bytes = b"", timeout: float = 5.0) -> bytes:
        """Send a command and return its answer; raises LanError."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


type Opener[S: Session] = Callable[[FrameHandler, EndHandler], Awaitable[S]]
"""Opens a session; raises LanError."""
