"""One RTSP connection that plays: samples become packets, and a slow one loses pictures instead of memory."""

import asyncio
from collections.abc import Callable

from ..model import Clock
from .gop import Gop, Sample
from .rtp import AudioTrack, VideoTrack

MAX_UNSENT = 4 * 1024 * 1024
"""More unsent bytes than this, and pictures are dropped until the next key frame."""

STUCK = 30.0
"""Seconds of dropping after which the reader is hung up."""

SILENCE = 1.5
"""Seconds without anything sent after which a sender report shows that we live."""


class Reader:
    """Sends one camera's samples to one connection."""

    def __init__(
        self,
        transport: asyncio.WriteTransport,
        clock: Clock,
        video: VideoTrack | None,
        audio: AudioTrack | None,
        *,
        hang_up: Callable[[], None],
    ) -> None:
        """Send to a transport, on the tracks that were set up."""
        self._transport = transport
        self._clock = clock
        self._video = video
        self._audio = audio
        self._hang_up = hang_up
        self._sent_at = clock.monotonic()
        self._dropping_since: float | None = None
        self._begun = False
        self.dropped = 0
        """Samples not sent as the reader was too slow."""

    def begin(self, gop: Gop, *, twice: bool) -> None:
        """Send what a new reader needs to see something at once."""
        self.report()
        for sample in gop.replay(twice=twice):
            self.take(sample)

    def take(self, sample: Sample) -> None:
        """Send a sample, or drop it."""
        if self._drops(sample):
            self.dropped += 1
            return
        if sample.video:
            data = self._video.frame(sample.units, sample.at) if self._video else b""
        else:
            data = self._audio.frame(sample.units, sample.at) if self._audio else b""
        if data:
            self._transport.write(data)
            self._sent_at = self._clock.monotonic()

    def formats_changed(self) -> None:
        """Hang up: what was described is no longer true, and go2rtc comes again by itself."""
        self._hang_up()

    def report(self) -> None:
        """Send a sender report on every track."""
        now, wall = self._clock.monotonic(), self._clock.time()
        for track in (self._video, self._audio):
            if track is not None:
                self._transport.write(track.report(now, wall))
        self._sent_at = now

    def tick(self) -> None:
        """Show that we live where nothing was sent for long; called twice a second."""
        now = self._clock.monotonic()
        if self._dropping_since is not None:
            if now - self._dropping_since >= STUCK:
                self._hang_up()
        elif now - self._sent_at >= SILENCE:
            self.report()

    def _drops(self, sample: Sample) -> bool:
        if not self._begun and sample.video:
            # Nothing can be decoded before a key frame.
            if not sample.key:
                return True
            self._begun = True
        full = self._transport.get_write_buffer_size() > MAX_UNSENT
        if self._dropping_since is None:
            if full:
                self._dropping_since = self._clock.monotonic()
        elif not full and sample.video and sample.key:
            self._dropping_since = None
        return self._dropping_since is not None
