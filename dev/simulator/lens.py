"""Plays a camera's footage in real time while somebody looks."""

import asyncio
from collections.abc import Callable

from .footage import Footage, VideoFrame

_LATE = 1.0
"""Seconds of delay (a stopped process, a busy machine) after which the missed time is skipped."""

type OnVideo = Callable[[int, VideoFrame], None]
"""Called with the frame's number and the frame."""
type OnAudio = Callable[[bytes], None]


class Lens:
    """Calls back with each frame and each packet of sound when its time has come."""

    def __init__(self, footage: Footage, on_video: OnVideo, on_audio: OnAudio) -> None:
        """Stand at the first frame, not running."""
        self._footage = footage
        self._on_video = on_video
        self._on_audio = on_audio
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._frame = 0
        self._packet = 0
        self._gop = next((i for i, f in enumerate(footage.frames) if i and f.key), len(footage.frames))

    @property
    def running(self) -> bool:
        """Whether frames are coming."""
        return bool(self._timers)

    def start(self, *, mid_gop: bool) -> None:
        """Run, the first frame at once: a key frame, or one in the middle between two."""
        self.cue_key()
        if mid_gop:
            self._frame = (self._frame + self._gop // 2) % len(self._footage.frames)
        now = asyncio.get_running_loop().time()
        self._arm("video", now, self._video)
        if self._footage.sound:
            self._arm("audio", now, self._audio)

    def stop(self) -> None:
        """Stop until the next start."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def cue_key(self) -> None:
        """Jump forward to the next key frame, as an encoder does that is asked for one."""
        frames = self._footage.frames
        while not frames[self._frame].key:
            self._frame = (self._frame + 1) % len(frames)

    def _arm(self, which: str, when: float, tick: Callable[[float], None]) -> None:
        """Call back at a time of the loop's clock; a time long past is moved to now."""
        loop = asyncio.get_running_loop()
        if loop.time() - when > _LATE:
            when = loop.time()
        self._timers[which] = loop.call_at(when, tick, when)

    def _video(self, due: float) -> None:
        """Send the frame whose time it is."""
        number = self._frame
        frame = self._footage.frames[number]
        self._frame = (number + 1) % len(self._footage.frames)
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
