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
        """The cameras by name; when they have stopped, they still tell what they did."""

    async def __aenter__(self) -> Self:
        """Start all cameras."""
        pictures = list({spec.picture for spec in self._specs})
        sounds = list({spec.audio for spec in self._specs})
        reels, tapes = await asyncio.gather(
            asyncio.gather(*map(footage.load_video, pictures)),
            asyncio.gather(*map(footage.load_sound, sounds)),
        )
        videos, audios = dict(zip(pictures, reels, strict=True)), dict(zip(sounds, tapes, strict=True))
        try:
            for spec in self._specs:
                frames, sound = videos[spec.picture], audios[spec.audio]
                parts = (spec.picture.walk_from, spec.picture.somebody_from)
                reel = footage.Footage(frames, spec.picture.fps, sound, *parts)
                camera = Camera(spec, reel)
                camera.start()
                self.cameras[spec.name] = camera
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all cameras."""
        self.stop()
        await asyncio.gather(*(camera.closed() for camera in self.cameras.values()))

    def stop(self) -> None:
        """Stop all cameras; their viewers are told."""
        for camera in self.cameras.values():
            camera.stop()
