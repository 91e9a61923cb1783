"""Plays a camera's footage in real time while somebody looks."""

import asyncio
from collections.abc import Callable

from .coding import VideoFrame
from .footage import Footage
from .look import USUAL, Look
from .reels import Reels
from .specs import Picture

_PATIENCE = 0.02
"""Seconds until a picture is asked for again that is not there yet."""
_LATE = 1.0
"""Seconds of delay (a stopped process, a busy machine) after which the missed time is skipped."""

type OnVideo = Callable[[int, VideoFrame], None]
"""Called with the frame's number and the frame."""
type OnAudio = Callable[[bytes], None]


class Lens:
    """Calls back with each frame and each packet of sound when its time has come."""

    def __init__(self, picture: Picture, footage: Footage, on_video: OnVideo, on_audio: OnAudio) -> None:
        """Stand at the first frame, not running."""
        self._footage = footage
        self._reels = Reels(picture, footage.frames)
        self._look = USUAL
        self._on_video = on_video
        self._on_audio = on_audio
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._frame = 0
        self._packet = 0
        self._gop = next((i for i, f in enumerate(footage.frames) if i and f.key), len(footage.frames))
        self._walk_ends = 0.0
        self._walk_left = 0
        """Pictures of a walk that are yet to come: those that a busy machine sends late belong to it, too."""

    @property
    def running(self) -> bool:
        """Whether frames are coming."""
        return bool(self._timers)

    def start(self, *, mid_gop: bool) -> None:
        """Run, the first frame at once: a key frame, or one in the middle between two."""
        if asyncio.get_running_loop().time() >= self._walk_ends:
            # Nobody looked while it was under way.
            self._walk_left = 0
        self.cue_key()
        if mid_gop:
            for _ in range(self._gop // 2):
                self._frame = self._after(self._frame)
        self._reels.begin(self._look, self._frame)
        now = asyncio.get_running_loop().time()
        self._arm("video", now, self._video)
        if self._footage.sound:
            self._arm("audio", now, self._audio)

    def stop(self) -> None:
        """Stop until the next start."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._reels.end()

    def show(self, look: Look) -> None:
        """Let the pictures look different: from a key frame on that comes as soon as it is coded."""
        self._look = look
        if self.running:
            self._reels.change(look, self._frame)

    async def closed(self) -> None:
        """Wait until no pictures are made any more, after the last `stop`."""
        await self._reels.closed()

    def cue_key(self) -> None:
        """Jump forward to the next key frame, as an encoder does that is asked for one."""
        self._frame = self._placed(self._frame)
        while not self._footage.frames[self._frame].key:
            self._frame = self._after(self._frame)

    def walk(self, seconds: float) -> None:
        """Show the part in which somebody walks, from the next frame on, until they walked for so long."""
        footage = self._footage
        coming = (footage.somebody_from - footage.walk_from) / footage.fps
        self._walk_ends = asyncio.get_running_loop().time() + coming + seconds
        self._walk_left = round((coming + seconds) * footage.fps)
        self._frame = footage.walk_from

    def _part(self) -> tuple[int, int]:
        """Return the first frame of the part that is played now, and the one after its last."""
        apart, end = self._footage.walk_from, len(self._footage.frames)
        if not apart:
            return 0, end
        return (apart, end) if self._walk_left else (0, apart)

    def _placed(self, frame: int) -> int:
        """Return the frame, or the first one of the part that is played now when it lies outside."""
        first, end = self._part()
        return frame if first <= frame < end else first

    def _after(self, frame: int) -> int:
        """Return the frame that follows."""
        return self._placed(frame + 1)

    def _arm(self, which: str, when: float, tick: Callable[[float], None]) -> None:
        """Call back at a time of the loop's clock; a time long past is moved to now."""
        loop = asyncio.get_running_loop()
        if loop.time() - when > _LATE:
            when = loop.time()
        self._timers[which] = loop.call_at(when, tick, when)

    def _video(self, due: float) -> None:
        """Send the frame whose time it is."""
        number = self._frame
        frame = self._reels.at(number)
        if frame is None:
            if self._reels.failed:
                self.cue_key()
            self._arm("video", asyncio.get_running_loop().time() + _PATIENCE, self._video)
            return
        self._walk_left = max(0, self._walk_left - 1)
        self._frame = self._after(number)
        self._arm("video", due + 1 / self._footage.fps, self._video)
        self._on_video(number, frame)

    def _audio(self, due: float) -> None:
        """Send the packet whose time it is."""
        sound = self._footage.sound
        assert sound
        packet = sound.packets[self._packet]
        self._packet = (self._packet + 1) % len(sound.packets)
        self._arm("audio", due + sound.samples / sound.rate, self._audio)
        self._on_audio(packet)
