"""Which pictures a camera shows: the usual ones, which lie ready, or those that its state asks for."""

import asyncio

from .coding import VideoFrame
from .darkroom import Reel
from .look import USUAL, Look
from .specs import Picture

_LEAD = 0.1
"""Seconds until a reel has its first picture, at best."""


class Reels:
    """The reel that is shown (None: the usual pictures), and the one that takes its place."""

    def __init__(self, picture: Picture, usual: tuple[VideoFrame, ...]) -> None:
        """Have the usual pictures."""
        self._picture = picture
        self._usual = usual
        self._shown: Reel | None = None
        self._coming: Reel | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def failed(self) -> bool:
        """Whether what is shown ended too early: the usual pictures go on from a key frame."""
        return self._shown is not None and self._shown.failed

    def begin(self, look: Look, frame: int) -> None:
        """Show that look from this frame on, even if its first picture takes a moment."""
        if look != USUAL:
            self._shown = Reel(self._picture, look, frame)

    def change(self, look: Look, frame: int) -> None:
        """Show another look soon after this frame, and what is shown now until then."""
        self._close(self._coming)
        self._coming = None
        if look != (self._shown.look if self._shown else USUAL):
            soon = frame + round(_LEAD * self._picture.fps)
            self._coming = Reel(self._picture, look, soon % len(self._usual))

    def end(self) -> None:
        """Show nothing."""
        self._close(self._shown)
        self._close(self._coming)
        self._shown = self._coming = None

    async def closed(self) -> None:
        """Wait until nothing is made any more."""
        await asyncio.gather(*self._closing, return_exceptions=True)

    def at(self, number: int) -> VideoFrame | None:
        """Return the picture of that number, None while it is not there yet."""
        if self._coming and self._due(self._coming, number):
            frame = self._coming.at(number)
            if frame and frame.key:
                self._close(self._shown)
                self._shown, self._coming = self._coming, None
                return frame
        usual = self._usual[number]
        if self._shown is None:
            return usual
        if usual.key and (self.failed or self._shown.look == USUAL):
            self._close(self._shown)
            self._shown = None
            return usual
        return self._shown.at(number)

    def _due(self, reel: Reel, number: int) -> bool:
        """Whether the frame lies behind the one from which on a reel was ordered."""
        return (number - reel.enter) % len(self._usual) < len(self._usual) // 2

    def _close(self, reel: Reel | None) -> None:
        """Make no more of a reel."""
        if reel:
            task = reel.close()
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
