"""One camera's media on its way: frames come in from the session, readers get them, formats are learned."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from ..lan import Codec, Kind, MediaFrame
from ..model import Clock
from .clock import CameraClock
from .formats import SOUND, AudioFormat, Formats, VideoFormat, bare_aac, strip_adts
from .gop import Gop, Sample
from .nal import split

FPS_WINDOW = 5.0
"""Seconds over which pictures per second are counted."""

STEADY = 30.0
"""Readers are not sent away more often than this because pictures changed within their codec, in seconds."""


class Sink(Protocol):
    """A reader."""

    def take(self, sample: Sample) -> None:
        """Get the next sample; must not raise."""
        ...

    def formats_changed(self) -> None:
        """Hear that pictures are coded differently from now on."""
        ...


class Hub:
    """What readers of one camera share."""

    def __init__(self, clock: Clock, on_formats: Callable[[Formats], None]) -> None:
        """Begin with nothing known; `on_formats` is told whenever more is."""
        self._clock = clock
        self._on_formats = on_formats
        self._camera_clock = CameraClock()
        self._times: deque[float] = deque(maxlen=600)
        self._changed_at: float | None = None
        self.started = False
        """Whether this session has brought a picture that can be decoded alone."""
        self.sound_expected = False
        """Whether the camera announces sound."""
        self.gop = Gop()
        self.formats = Formats()
        self.sinks: set[Sink] = set()
        self.last_picture: float | None = None
        """When the last picture of any kind came, by our monotonic clock."""
        self.pictures = 0
        """Pictures of this session, whether or not they can be shown."""

    def remember(self, formats: Formats) -> None:
        """Take back what was known before a restart."""
        if self.formats == Formats():
            self.formats = formats

    def session(self) -> None:
        """Begin a new session: nothing before its first key frame can be decoded."""
        self._camera_clock.session()
        self.gop.clear()
        self.started = False
        self.pictures = 0

    def announced(self, *, talk: bool, sound: bool) -> None:
        """Note whether the camera takes sound, and whether it sends any."""
        self.sound_expected = sound
        self._set(replace(self.formats, talk=talk))

    @property
    def fps(self) -> float:
        """Pictures per second over the last seconds."""
        since = self._clock.monotonic() - FPS_WINDOW
        return sum(time > since for time in self._times) / FPS_WINDOW

    def frame(self, frame: MediaFrame) -> None:
        """Take a frame of the present session."""
        at = self._camera_clock.map(
            frame.kind, frame.camera_seconds, frame.camera_microseconds, frame.received_at
        )
        if frame.kind is Kind.VIDEO:
            self.last_picture = frame.received_at
            self.pictures += 1
            self._times.append(frame.received_at)
            self._picture(frame, at)
        else:
            self._sound(frame, at)

    def _picture(self, frame: MediaFrame, at: float) -> None:
        if frame.codec not in {Codec.H264, Codec.H265}:
            return
        units = split(frame.data)
        if not units:
            return
        before = self.formats.video
        video = before if before and before.codec == frame.codec else VideoFormat(str(frame.codec))
        syntax = video.syntax
        key = any(syntax.is_key(unit) for unit in units)
        if key:
            video = video.learn(units)
            if not any(syntax.parameter(unit) for unit in units):
                units = [*(unit for unit in (video.vps, video.sps, video.pps) if unit), *units]
        if not video.complete or not (key or self.started):
            return
        self.started = True
        if video != before:
            self._set(replace(self.formats, video=video))
            if before is not None:
                self._changed(anew=before.codec != video.codec)
        sample = Sample(video=True, key=key, units=tuple(units), at=at)
        self.gop.add(sample)
        for sink in tuple(self.sinks):
            sink.take(sample)

    def _changed(self, *, anew: bool) -> None:
        """Let readers come again, but never because a camera changes its mind all the time."""
        now = self._clock.monotonic()
        if anew or self._changed_at is None or now - self._changed_at >= STEADY:
            self._changed_at = now
            for sink in tuple(self.sinks):
                sink.formats_changed()

    def _sound(self, frame: MediaFrame, at: float) -> None:
        if frame.codec not in SOUND or not frame.data:
            return
        units = [frame.data]
        audio: AudioFormat | None
        if frame.codec is Codec.AAC:
            audio, units = strip_adts(frame.data)
            audio = audio or bare_aac(frame.sample_rate, frame.channels or 1)
        else:
            audio = AudioFormat(str(frame.codec), frame.sample_rate or 8000, frame.channels or 1)
        if audio is None:
            return
        if audio != self.formats.audio:
            self._set(replace(self.formats, audio=audio))
        sample = Sample(video=False, key=True, units=tuple(units), at=at)
        for sink in tuple(self.sinks):
            sink.take(sample)

    def _set(self, formats: Formats) -> None:
        if formats != self.formats:
            self.formats = formats
            self._on_formats(formats)
