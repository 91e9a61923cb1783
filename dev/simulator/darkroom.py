"""Makes the pictures that a camera's state asks for, while somebody looks, no faster than they are shown.

They are coded by an ffmpeg of their own from the frame on that the camera has reached, with the same
numbers burned in: the change skips and repeats none of them.
"""

import asyncio
import logging

from .coding import Cutter, FootageError, VideoFrame, coded
from .look import Look
from .scenes import drawn
from .specs import Picture

_READ = 1 << 16
_AHEAD = 2.0
"""Seconds that are coded before they are shown."""
_DENSE, _DENSE_EVERY = 1.5, 0.2
"""For so many seconds the pictures begin with key frames at this distance, at each of which the change can
happen: nobody knows how long ffmpeg takes."""

_LOGGER = logging.getLogger(__name__)


class Reel:
    """The pictures of one loop, coded while they are shown."""

    def __init__(self, picture: Picture, look: Look, first: int) -> None:
        """Begin to make them, from the frame `first` on, which is a key frame."""
        self.look = look
        self.enter = first
        self.failed = False
        self._picture = picture
        self._length = picture.seconds * picture.fps
        self._first = 0 if picture.file else first
        self._frames: list[VideoFrame] = []
        self._ahead = round(_AHEAD * picture.fps)
        self._shown = 0
        self._hungry = asyncio.Event()
        self._hungry.set()
        self._task = asyncio.get_running_loop().create_task(self._make())

    def at(self, number: int) -> VideoFrame | None:
        """Return the picture of that number, None while it is not there yet; go on making what follows it."""
        self._shown = (number - self._first) % self._length
        if len(self._frames) - self._shown < self._ahead:
            self._hungry.set()
        return self._frames[self._shown] if self._shown < len(self._frames) else None

    def close(self) -> asyncio.Task[None]:
        """Make no more of them; return the task that ends."""
        self._task.cancel()
        return self._task

    async def _make(self) -> None:
        """Code the loop, pausing when enough is there."""
        try:
            await self._code(await asyncio.to_thread(self._arguments))
        except (FootageError, OSError) as error:
            self.failed = True
            _LOGGER.warning("a camera's pictures do not follow its state: %s", error)

    def _arguments(self) -> list[str]:
        """Return ffmpeg's arguments."""
        picture = self._picture
        number = f"mod(n+{self._first},{self._length})" if self._first else "n"
        dense, every = round(_DENSE * picture.fps), max(1, round(_DENSE_EVERY * picture.fps))
        since = f"mod({number}-{self.enter}+{self._length},{self._length})"
        keys = f"expr:not(mod({number},{picture.gop}))+lt({since},{dense})*not(mod({since},{every}))"
        return [
            *drawn(picture, self.look, number), *coded(picture),
            "-force_key_frames", keys, "-forced-idr", "1", "-flush_packets", "1", "pipe:1",
        ]  # fmt: skip

    async def _code(self, arguments: list[str]) -> None:
        """Run ffmpeg and take what it writes."""
        process = await asyncio.create_subprocess_exec(
            "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, limit=_READ,
        )  # fmt: skip
        assert process.stdout
        try:
            cutter = Cutter(self._picture.video)
            while data := await process.stdout.read(_READ):
                self._frames += cutter.feed(data)
                if len(self._frames) - self._shown >= self._ahead:
                    self._hungry.clear()
                await self._hungry.wait()
            self._frames += cutter.finish()
            if await process.wait() or len(self._frames) != self._length:
                raise FootageError(f"ffmpeg made {len(self._frames)} of {self._length} frames")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
