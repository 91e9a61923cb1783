"""A session of the engine as a test has it: what it handed out, and when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from engine.lan import LanError, LanSession, MediaFrame
from engine.model import Credentials
from tests.engine.lan.camera import Camera
from tests.engine.lan.virtual import LoopClock


class Viewer:
    """Keeps what the handlers of a session were told."""

    session: LanSession

    def __init__(self) -> None:
        self.frames: list[MediaFrame] = []
        self.times: list[float] = []
        """When each was handed out."""
        self.ends: list[LanError] = []

    async def open(self, credentials: Credentials, **options: Any) -> LanSession:
        self.session = await LanSession.open(
            credentials,
            clock=LoopClock(),
            on_frame=self._on_frame,
            on_end=self.ends.append,
            **options,
        )
        return self.session

    def _on_frame(self, frame: MediaFrame) -> None:
        self.frames.append(frame)
        self.times.append(asyncio.get_running_loop().time())


@asynccontextmanager
async def watching(camera: Camera, **options: Any) -> AsyncIterator[Viewer]:
    """Watch a camera for a while."""
    viewer = Viewer()
    async with camera:
        await viewer.open(camera.credentials(), **options)
        try:
            yield viewer
        finally:
            await viewer.session.close()
    assert [heard for _, heard in camera.heard if not heard.kind] == []


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


async def pass_time(seconds: float) -> None:
    """Let virtual time pass."""
    await asyncio.sleep(seconds)


async def reason_of(viewer: Viewer, credentials: Credentials, **options: Any) -> str:
    """Return why a session does not open."""
    try:
        await viewer.open(credentials, **options)
    except LanError as err:
        return err.reason
    await viewer.session.close()
    return "opened"
