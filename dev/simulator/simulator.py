"""Several cameras in one event loop."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from . import footage
from .camera import Camera
from .specs import CameraSpec


class Simulator:
    """Cameras that live as long as the `async with` block.

    Raises FootageError when ffmpeg cannot make their pictures, OSError when an address is taken.
    """

    def __init__(self, specs: Iterable[CameraSpec]) -> None:
        """Take the cameras' specs; names must differ."""
        self._specs = [spec.complete() for spec in specs]
        names = [spec.name for spec in self._specs]
        if len(set(names)) != len(names):
            raise ValueError("two cameras have the same name")
        self.cameras: dict[str, Camera] = {}
        """The running cameras by name."""

    async def __aenter__(self) -> Self:
        """Start all cameras."""
        reels = await asyncio.gather(*(footage.load(spec.picture, spec.audio) for spec in self._specs))
        try:
            for spec, reel in zip(self._specs, reels, strict=True):
                camera = Camera(spec, reel)
                await camera.start()
                self.cameras[spec.name] = camera
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all cameras."""
        await self.stop()

    async def stop(self) -> None:
        """Stop all cameras; their viewers are told."""
        for camera in self.cameras.values():
            await camera.stop()
        self.cameras.clear()
