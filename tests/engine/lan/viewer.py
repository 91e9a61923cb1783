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
        self.ends: list[LanError] = []

    async def open(self, credentials: Credentials, **options: Any) -> LanSession:
        self.session = await LanSession.open(
            credentials,
            clock=LoopClock(),
            on_frame=self.frames.append,
            on_end=self.ends.append,
            **options,
        )
        return self.session


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


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.001)


async def reason_of(viewer: Viewer, credentials: Credentials, **options: Any) -> str:
    """Return why a session does not open."""
    try:
        await viewer.open(credentials, **options)
    except LanError as err:
        return err.reason
    await viewer.session.close()
    return "opened"
