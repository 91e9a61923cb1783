"""The last picture of one camera as a still, made once however many ask, under the camera's own mark.

Each camera has its own, which goes with its reader: nothing is left of one that is watched no more.
"""

import asyncio
import threading
from collections.abc import Callable

import av
from av.video.frame import VideoFrame

from ..model import EngineError
from .board import Hand, Mark
from .states import WatchStill
from .still import jpeg_of


class Stills:
    """Makes the stills of one camera, one at a time: its threads share one mark."""

    def __init__(self, mark: Mark, encode: Callable[[VideoFrame], bytes] = jpeg_of) -> None:
        """Make them by `encode`, in other threads, with the camera's mark for stills."""
        self._mark = mark.of(Hand.STILL)
        self._encode = encode
        self._last: WatchStill | None = None
        self._making: asyncio.Task[WatchStill] | None = None

    async def get(self, frame: VideoFrame, taken_at: float) -> WatchStill:
        """Return a picture as a still, or the one that is just being made; raises EngineError."""
        if self._last is not None and self._last.taken_at == taken_at:
            return self._last
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._make(frame, taken_at), name="still")
            # Also when nobody waits any more: what it failed of is no news then.
            self._making.add_done_callback(lambda task: task.cancelled() or task.exception())
        # Who gives up does not end the thread, which has the video in hand until it is done.
        return await asyncio.shield(self._making)

    async def _make(self, frame: VideoFrame, taken_at: float) -> WatchStill:
        try:
            jpeg = await asyncio.to_thread(self._encode_marked, frame)
        except (av.FFmpegError, ValueError) as err:
            raise EngineError(reason="no_picture") from err
        self._last = WatchStill(jpeg, taken_at)
        return self._last

    def _encode_marked(self, frame: VideoFrame) -> bytes:
        thread = threading.current_thread()
        before = thread.name
        with self._mark:
            # A crash names its thread in its last words: by this it is this camera's, and nobody else's.
            thread.name = self._mark.thread
            try:
                return self._encode(frame)
            finally:
                thread.name = before
