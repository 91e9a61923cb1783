"""Sample entries: the boxes that tell a player how the samples of a track are decoded.

Those of video come from the video library, which reads the parameter sets; those of sound are short.
"""

import io
import struct
from fractions import Fraction

import av
from av.error import FFmpegError

from .boxes import Track, box, full
from .nal import VideoCodec
from .tables import NotOurs, children, read_tracks

VIDEO_SCALE = 90_000


class Unplayable(Exception):
    """The stream's picture is of no kind that a clip can hold."""


def video_track(codec: VideoCodec, sets: bytes, picture: bytes) -> Track:
    """Return the track of a camera's picture, made of its parameter sets and a key frame with start codes.

    Decodes the key frame to learn its size, so it takes some milliseconds. Raises Unplayable.
    """
    try:
        with av.open(io.BytesIO(sets + picture), format=str(codec)) as source:
            stream = source.streams.video[0]
            content = io.BytesIO()
            with av.open(content, "w", format="mp4", options={"movflags": "empty_moov"}) as target:
                copy = target.add_stream_from_template(stream)
                copy.time_base = Fraction(1, VIDEO_SCALE)
                if codec is VideoCodec.HEVC:
                    # Apple's players take no other.
                    copy.codec_context.codec_tag = "hvc1"
                target.start_encoding()
        header = next(body for kind, body in children(content.getvalue()) if kind == b"moov")
        (track,) = read_tracks(header)
    except (FFmpegError, IndexError, StopIteration, ValueError, NotOurs) as err:
        raise Unplayable from err
    if not track.width or not track.height:
        raise Unplayable
    return Track(True, VIDEO_SCALE, track.entry, track.width, track.height)


def aac_track(rate: int, channels: int, config: bytes) -> Track:
    """Return the track of AAC sound; `config` is what its decoder is set up with (AudioSpecificConfig)."""
    decoder = _descriptor(4, struct.pack(">BB3xII", 0x40, 0x15, 0, 0) + _descriptor(5, config))
    stream = _descriptor(3, struct.pack(">HB", 0, 0) + decoder + _descriptor(6, b"\x02"))
    return Track(False, rate, _sound(b"mp4a", rate, channels, full(b"esds", 0, 0, stream)))


def opus_track(channels: int) -> Track:
    """Return the track of Opus sound, which always counts in 48000ths of a second."""
    config = struct.pack(">BBHIhB", 0, channels, 0, 48_000, 0, 0)
    return Track(False, 48_000, _sound(b"Opus", 48_000, channels, box(b"dOps", config)))


def _sound(kind: bytes, rate: int, channels: int, config: bytes) -> bytes:
    head = struct.pack(">6xH8xHH4xI", 1, channels, 16, rate << 16 if rate < 1 << 16 else 0)
    return box(kind, head, config)


def _descriptor(tag: int, content: bytes) -> bytes:
    return struct.pack(">BB", tag, len(content)) + content
