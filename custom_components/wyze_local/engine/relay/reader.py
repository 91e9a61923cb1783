"""One RTSP connection that plays: samples become packets, and a slow one loses pictures instead of memory."""

import asyncio
from collections.abc import Callable

from ..model import Clock
from .formats import AudioFormat, Formats
from .gop import STEP, Gop, Sample
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
        *sounds: AudioTrack | None,
        told: Formats,
        twice: bool,
        still: bool = False,
        watch: bool = False,
        hang_up: Callable[[], None],
    ) -> None:
        """Send to a transport, on the tracks that were set up.

        `told` is what was described to it; `twice` sends the first key frame twice; `still` is for
        one who wants a single picture, and would wait for it for ever; `watch` is for our own watch
        worker, which is nobody who looks.
        """
        self._transport = transport
        self._clock = clock
        self._video = video
        self._sounds = [track for track in sounds if track is not None]
        self._told = told
        self._twice = twice
        self.still = still
        self.watch = watch
        self.hang_up = hang_up
        self._sent_at = clock.monotonic()
        self._dropping_since: float | None = None
        self._begun = False
        self.dropped = 0
        """Samples not sent as the reader was too slow."""

    def begin(self, gop: Gop) -> None:
        """Send what a new reader needs to see something at once."""
        self.report()
        for sample in gop.replay():
            self.take(sample)

    def fits(self, formats: Formats) -> bool:
        """Tell whether what this reader was told is still true, or it only misses sound that is gone.

        Who was told how to speak to the camera would speak wrongly once that is known better.
        """
        told = self._told
        same = formats.audio is None or told.audio == formats.audio
        speaks = told.heard is None or formats.heard in (None, told.heard)
        return told.video == formats.video and same and speaks

    def take(self, sample: Sample) -> None:
        """Send a sample, or drop it."""
        if self._transport.is_closing():
            return
        if self._drops(sample):
            self.dropped += 1
            return
        if data := self._packets(sample):
            self._transport.write(data)
            self._sent_at = self._clock.monotonic()

    def _packets(self, sample: Sample) -> bytes:
        """Return the packets of a sample, nothing for one that is coded otherwise than was described."""
        if self._video and sample.video and sample.format.codec == self._video.format.codec:
            first = b""
            if self._twice:
                # Home Assistant's stream drops the first packet it gets, for want of a decoding time.
                self._twice = False
                first = self._video.frame(sample.units, sample.at - STEP)
            return first + self._video.frame(sample.units, sample.at)
        for track in self._sounds:
            if sample.format == track.format:
                return track.frame(sample.units, sample.at)
        return b""

    def listens_to(self, audio: AudioFormat) -> bool:
        """Tell whether it takes sound that is coded like this."""
        return any(track.format == audio for track in self._sounds)

    def formats_changed(self, formats: Formats) -> None:
        """Hang up if what was described is no longer true: go2rtc comes again by itself."""
        if not self.fits(formats):
            self.hang_up()

    def session_over(self) -> None:
        """Tell one who came for a still that there is none: go2rtc itself would wait on."""
        if self.still and self._video and not self._begun and not self._transport.is_closing():
            self._begun = True
            unit = self._video.format.syntax.hollow_key
            self._transport.write(self._video.frame((unit,), self._clock.monotonic()))

    def report(self) -> None:
        """Send a sender report on every track."""
        now, wall = self._clock.monotonic(), self._clock.time()
        for track in (self._video, *self._sounds):
            if track is not None:
                self._transport.write(track.report(now, wall))
        self._sent_at = now

    def tick(self) -> None:
        """Show that we live where nothing was sent for long; called twice a second."""
        now = self._clock.monotonic()
        if self._dropping_since is not None and now - self._dropping_since >= STUCK:
            self.hang_up()
        elif now - self._sent_at >= SILENCE and not self._full:
            # Also while it waits for the next key frame: go2rtc gives up after 5 s without a packet.
            self.report()

    @property
    def _full(self) -> bool:
        return self._transport.get_write_buffer_size() > MAX_UNSENT

    def _drops(self, sample: Sample) -> bool:
        if not self._begun and sample.video:
            # Nothing can be decoded before a key frame.
            if not sample.key:
                return True
            self._begun = True
        if self._dropping_since is None:
            if self._full:
                self._dropping_since = self._clock.monotonic()
        elif not self._full and sample.video and sample.key:
            self._dropping_since = None
        return self._dropping_since is not None
