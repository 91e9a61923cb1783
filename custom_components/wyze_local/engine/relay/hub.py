"""One camera's media on its way: frames come in from the session, readers get them, formats are learned."""

import itertools
import statistics
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

GAPS = 9
"""So many of the last gaps between pictures tell how fast a camera is; an outage is one of them, no more."""

STEADY = 30.0
"""Readers are not sent away more often than this because something is coded otherwise, in seconds."""

SILENT = 10.0
"""Seconds of pictures without any sound after which none is described: readers would wait for it."""


class Sink(Protocol):
    """A reader."""

    watch: bool
    """Whether it is our own watch worker: it wants pictures, and is nobody who looks."""

    def take(self, sample: Sample) -> None:
        """Get the next sample; must not raise."""
        ...

    def listens_to(self, audio: AudioFormat) -> bool:
        """Tell whether it takes sound that is coded like this."""
        ...

    def formats_changed(self, formats: Formats) -> None:
        """Hear how things are coded from now on."""
        ...

    def session_over(self) -> None:
        """Hear that nothing more comes for now."""
        ...

    def hang_up(self) -> None:
        """Be sent away."""
        ...


class Hub:
    """What readers of one camera share."""

    def __init__(self, clock: Clock, on_formats: Callable[[Formats], None]) -> None:
        """Begin with nothing known; `on_formats` is told whenever more is."""
        self._clock = clock
        self._on_formats = on_formats
        self._camera_clock = CameraClock()
        self._times: deque[float] = deque(maxlen=600)
        self._outdated = False
        self._renewed_at: float | None = None
        self._sound_wanted = True
        self._sound_heard = False
        self._sound_expected = True
        self._announced = False
        self._since = 0.0
        self.started = False
        """Whether this session has brought a picture that can be decoded alone."""
        self.gop = Gop()
        self.formats = Formats()
        self.sinks: set[Sink] = set()
        self.on_sound: Callable[[Sample], None] = lambda _: None
        """Who makes something else of the camera's own sound."""
        self.last_picture: float | None = None
        """When the last picture of any kind came, by our monotonic clock."""
        self.pictures = 0
        """Pictures of this session, whether or not they can be shown."""

    def remember(self, formats: Formats) -> None:
        """Take back what was known before a restart."""
        if self.formats == Formats():
            self.formats = formats

    def want_sound(self, wanted: bool) -> None:
        """Take sound or not; of what is not taken it is only kept how it is coded."""
        self._sound_wanted = wanted
        if not wanted:
            self._set(replace(self.formats, audio=None))

    def session(self) -> None:
        """Begin a new session: nothing before its first key frame can be decoded."""
        self._camera_clock.session()
        self.ended()
        self._announced = self._sound_heard = False
        self.pictures = 0

    def ended(self) -> None:
        """Forget the pictures of a session that is over: shown later, they would look like the present."""
        self.gop.clear()
        self.started = False
        for sink in tuple(self.sinks):
            sink.session_over()

    def announced(self, *, talk: bool, sound: bool) -> None:
        """Note whether the camera takes sound, and whether it sends any."""
        self._announced = True
        self._sound_expected = sound and self._sound_wanted
        audio = self.formats.audio if self._sound_expected or self._sound_heard else None
        self._set(replace(self.formats, audio=audio, talk=talk))

    @property
    def settled(self) -> bool:
        """Whether no more is to be learned soon: the first pictures may come before the log-in's end."""
        return self._announced and (not self._sound_expected or self.formats.audio is not None)

    @property
    def fps(self) -> float:
        """Pictures per second over the last seconds."""
        since = self._clock.monotonic() - FPS_WINDOW
        return sum(time > since for time in self._times) / FPS_WINDOW

    @property
    def pace(self) -> float | None:
        """Usual seconds from one picture to the next; None before a few have come."""
        times = list(itertools.islice(reversed(self._times), GAPS + 1))
        gaps = [later - sooner for later, sooner in itertools.pairwise(times)]
        return statistics.median(gaps) if len(gaps) >= GAPS // 3 else None

    def frame(self, frame: MediaFrame) -> None:
        """Take a frame of the present session."""
        at = self._camera_clock.map(
            frame.kind, frame.camera_seconds, frame.camera_microseconds, frame.received_at
        )
        if frame.kind is Kind.VIDEO:
            if self.pictures == 0:
                self._since = frame.received_at
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
        self._learn(replace(self.formats, video=video, audio=self._sound_left(frame.received_at)))
        sample = Sample(video, key, tuple(units), at)
        self.gop.add(sample)
        self.spread(sample)

    def spread(self, sample: Sample) -> None:
        """Give a sample to all readers; each takes what was described to it."""
        for sink in tuple(self.sinks):
            sink.take(sample)

    def _sound_left(self, now: float) -> AudioFormat | None:
        """Return what is known of sound, nothing if a session has long brought none."""
        silent = not self._sound_heard and now - self._since >= SILENT
        return None if silent else self.formats.audio

    def _learn(self, formats: Formats) -> None:
        """Take what is known by now, and let readers who were told otherwise come again.

        Not all the time, though: a camera may change its mind with every picture.
        """
        if self._set(formats):
            self._outdated = True
        now = self._clock.monotonic()
        if self._outdated and (self._renewed_at is None or now - self._renewed_at >= STEADY):
            self._outdated = False
            self._renewed_at = now if self.sinks else self._renewed_at
            for sink in tuple(self.sinks):
                sink.formats_changed(self.formats)

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
        if not self._sound_wanted:
            self._learn(replace(self.formats, spoken=audio))
            return
        self._sound_heard = True
        self._learn(replace(self.formats, audio=audio))
        sample = Sample(audio, True, tuple(units), at)
        self.spread(sample)
        self.on_sound(sample)

    def _set(self, formats: Formats) -> bool:
        """Take what is known by now, with what was heard before; returns whether that is anything new."""
        formats = formats.after(self.formats)
        if formats == self.formats:
            return False
        self.formats = formats
        self._on_formats(formats)
        return True
