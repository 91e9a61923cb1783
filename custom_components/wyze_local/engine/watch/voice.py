"""Telephone sound made AAC: an MP4 holds nothing else of it that browsers play.

Only what goes into a clip is encoded, which takes some thousandth of a processor core meanwhile.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler
from av.error import FFmpegError
from av.packet import Packet

from .boxes import Track
from .entries import aac_track
from .piece import Piece

CODECS = frozenset({"pcm_mulaw", "pcm_alaw", "pcm_s16be", "pcm_s16le"})
"""What is encoded, under the names that the video library has for it."""
BITS_PER_SECOND = 32_000
GAP = 0.1
"""Seconds that may be missing before later sound is moved."""


@dataclass(frozen=True, slots=True)
class VoiceKind:
    """What is to be encoded."""

    codec: str
    rate: int
    channels: int

    def track(self) -> Track:
        """Return the track that it becomes. Raises FFmpegError, ValueError."""
        return aac_track(self.rate, 1, _encoder(self.rate).extradata or b"")


class Voice:
    """The encoder of one clip's sound. Moments are monotonic seconds."""

    def __init__(self, kind: VoiceKind) -> None:
        """Begin; raises FFmpegError, ValueError."""
        self._rate = kind.rate
        self._encoder = _encoder(kind.rate)
        self._decoder = cast("AudioCodecContext", av.CodecContext.create(kind.codec, "r"))
        self._decoder.sample_rate = kind.rate
        self._decoder.layout = "stereo" if kind.channels == 2 else "mono"
        self._resampler = AudioResampler("fltp", "mono", kind.rate, frame_size=self._encoder.frame_size)
        self._samples = 0
        self._base: float | None = None
        """When sample 0 would have been taken."""

    def encode(self, piece: Piece) -> list[Piece]:
        """Take in some sound; returns what is ready of it. Sound that cannot be decoded is left out."""
        expected = None if self._base is None else self._base + self._samples / self._rate
        if self._base is None or expected is None or abs(piece.moment - expected) > GAP:
            self._base = piece.moment - self._samples / self._rate
        packet = av.Packet(piece.data)
        packet.pts, packet.time_base = self._samples, Fraction(1, self._rate)
        made = []
        try:
            for frame in self._decoder.decode(packet):
                self._samples += frame.samples
                for part in self._resampler.resample(frame):
                    made += list(self._encoder.encode(part))
        except FFmpegError, ValueError:
            return []
        return self._placed(made)

    def rest(self) -> list[Piece]:
        """Return what the encoder still held back."""
        try:
            held = [*self._resampler.resample(None)]
            made = [unit for part in held for unit in self._encoder.encode(part)]
            return self._placed([*made, *self._encoder.encode(None)])
        except FFmpegError, ValueError:
            return []

    def _placed(self, made: list[Packet[Any]]) -> list[Piece]:
        base = self._base or 0.0
        return [
            Piece(False, False, bytes(unit), base + (unit.pts or 0) / self._rate)
            for unit in made
            if unit.size
        ]


def _encoder(rate: int) -> AudioCodecContext:
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "mono", "fltp"
    encoder.bit_rate, encoder.time_base = BITS_PER_SECOND, Fraction(1, rate)
    # A clip begins with seconds of sound at once: half the work counts more than the last bit of quality.
    encoder.options = {"aac_coder": "fast"}
    encoder.open()
    return encoder
