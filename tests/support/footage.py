"""Short synthetic footage made by ffmpeg's libraries, cut into frames as a camera sends them."""

import fractions
import functools
from dataclasses import dataclass

import av
import numpy as np


@dataclass(frozen=True)
class Piece:
    """An encoded frame."""

    data: bytes
    key: bool


@functools.cache
def video(codec: str, *, frames: int = 60, gop: int = 30, width: int = 320, height: int = 180) -> list[Piece]:
    """Return Annex B frames of `h264` or `h265`; noise enough that key frames need several packets."""
    context = av.CodecContext.create({"h264": "libx264", "h265": "libx265"}[codec], "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = fractions.Fraction(1, 15)
    context.bit_rate = 400_000
    settings = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:repeat-headers=1"
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": settings,
        "x265-params": f"{settings}:log-level=none:annexb=1:info=0",
    }
    rng = np.random.default_rng(7)
    still = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
    pieces = []
    for number in range(frames):
        picture = av.VideoFrame.from_ndarray(np.roll(still, number * 2, axis=1), format="rgb24")
        picture.pts = number
        pieces += [Piece(bytes(packet), packet.is_keyframe) for packet in context.encode(picture)]
    pieces += [Piece(bytes(packet), packet.is_keyframe) for packet in context.encode(None)]
    assert len(pieces) == frames
    return pieces


@functools.cache
def sound(codec: str, *, rate: int = 16000, seconds: float = 4.0) -> list[bytes]:
    """Return pieces of a tone: `aac` bare units of 1024 samples; `pcmu`, `pcma`, `pcm` 20 ms each."""
    tone = np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * 440 / rate) * 12000
    samples = tone.astype(np.int16)
    if codec == "pcm":
        step = rate // 50
        return [
            samples[start : start + step].astype("<i2").tobytes() for start in range(0, len(samples), step)
        ]
    names = {"aac": "aac", "pcmu": "pcm_mulaw", "pcma": "pcm_alaw"}
    context = av.CodecContext.create(names[codec], "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout = rate, "mono"
    context.format = "fltp" if codec == "aac" else "s16"
    context.open()
    step = context.frame_size if codec == "aac" else rate // 50
    pieces = []
    for start in range(0, len(samples) - step, step):
        chunk = samples[start : start + step]
        if codec == "aac":
            frame = av.AudioFrame.from_ndarray(
                (chunk / 32768).astype(np.float32).reshape(1, -1), format="fltp", layout="mono"
            )
        else:
            frame = av.AudioFrame.from_ndarray(chunk.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate, start
        pieces += [bytes(packet) for packet in context.encode(frame)]
    return [piece for piece in pieces if piece]


def adts(unit: bytes, rate_index: int = 8, channels: int = 1) -> bytes:
    """Return an AAC-LC unit with its ADTS header."""
    size = len(unit) + 7
    return (
        bytes(
            [
                0xFF,
                0xF1,
                1 << 6 | rate_index << 2 | channels >> 2,
                (channels & 3) << 6 | size >> 11,
                size >> 3 & 0xFF,
                (size & 7) << 5 | 0x1F,
                0xFC,
            ]
        )
        + unit
    )
