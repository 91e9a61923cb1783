"""From the video library's packets to the pieces of a clip: which streams, by what clock, decoded how."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from ..model import Sound
from .boxes import Track
from .entries import Unplayable, aac_track, opus_track, video_track
from .nal import VideoCodec, parameter_sets
from .pace import Pace
from .piece import Picture, Piece
from .voice import CODECS, VoiceKind

type AnyPacket = Packet[Any]
"""A packet of whatever stream."""


@dataclass(frozen=True, slots=True)
class Format:
    """What the streams are: other tracks mean another clip."""

    picture: Picture
    tracks: tuple[Track, ...]
    hearing: Hearing


@dataclass(frozen=True, slots=True)
class Hearing:
    """What becomes of the sound."""

    sound: Sound
    track: Track | None = None
    voice: VoiceKind | None = None
    """What has to be encoded for it."""


class Intake:
    """One connection to a camera."""

    def __init__(self, video: VideoStream, audio: AudioStream | None) -> None:
        """Begin with the streams of a connection; raises Unplayable when no clip can hold the picture."""
        try:
            self._codec = VideoCodec(video.codec_context.name)
        except ValueError:
            raise Unplayable from None
        self._index = video.index
        self._told = parameter_sets(self._codec, video.codec_context.extradata or b"")
        self._video = Pace()
        self._audio = Pace(self._video)
        self._audio_index = -1 if audio is None else audio.index
        self._hearing = hearing_of(audio)
        self.format: Format | None = None
        """What came with the last key frame; None before the first one that can be decoded."""

    def pieces(self, packet: AnyPacket, at: float) -> Iterator[Piece]:
        """Yield what a packet that arrived now holds, if anything of it goes into clips.

        `format` may be another one afterwards, when the piece is a key frame.
        """
        if not packet.size or packet.is_corrupt:
            return
        if packet.stream_index == self._index:
            data = bytes(packet)
            key = packet.is_keyframe and self._understood(data)
            moment = self._video.moment(
                _seconds(packet.pts if packet.dts is None else packet.dts, packet), at
            )
            if self.format is not None:
                yield Piece(True, key, data, moment, _delay(packet))
        elif packet.stream_index == self._audio_index and self._hearing.track is not None:
            yield Piece(False, False, bytes(packet), self._audio.moment(_seconds(packet.pts, packet), at))

    def _understood(self, data: bytes) -> bool:
        """Look whether a key frame comes with other parameter sets; False when it cannot be decoded."""
        sets = parameter_sets(self._codec, data) or self._told
        if not sets:
            return False
        picture = Picture(self._codec, sets)
        if self.format is None or self.format.picture != picture:
            try:
                track = video_track(self._codec, sets, data)
            except Unplayable:
                return False
            sound = self._hearing.track
            self.format = Format(picture, (track,) if sound is None else (track, sound), self._hearing)
        return True


def _seconds(ticks: int | None, packet: AnyPacket) -> float | None:
    unit = packet.time_base
    return None if ticks is None or not unit else ticks * unit.numerator / unit.denominator


def _delay(packet: AnyPacket) -> float:
    """Return how much later a picture is shown than it is decoded, in seconds."""
    shown, decoded = _seconds(packet.pts, packet), _seconds(packet.dts, packet)
    return 0.0 if shown is None or decoded is None else min(max(shown - decoded, 0.0), 1.0)


def hearing_of(audio: AudioStream | None) -> Hearing:
    """Return what becomes of a stream's sound."""
    if audio is None:
        return Hearing(Sound.NONE)
    context: AudioCodecContext | None = getattr(audio, "codec_context", None)
    if context is None:
        # Of a kind that nothing here decodes, whatever the library's types say.
        return Hearing(Sound.DROPPED)
    rate, channels, config = context.sample_rate, context.channels or 1, context.extradata or b""
    if context.name == "aac" and 2 <= len(config) <= 64 and rate:
        return Hearing(Sound.AAC, aac_track(rate, channels, config))
    if context.name in ("opus", "libopus"):
        return Hearing(Sound.OPUS, opus_track(channels))
    if context.name in CODECS and rate:
        kind = VoiceKind(context.name, rate, channels)
        with suppress(FFmpegError, ValueError):
            return Hearing(Sound.ENCODED, kind.track(), kind)
    return Hearing(Sound.DROPPED)
