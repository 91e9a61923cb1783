"""A decoded picture as a JPEG."""

from fractions import Fraction

import av
from av.video.frame import VideoFrame

_QUALITY = 4
"""From 2, the best, to 31."""


def jpeg_of(frame: VideoFrame) -> bytes:
    """Return a picture as JPEG; raises av.FFmpegError or ValueError for one that cannot be converted."""
    picture = frame.reformat(format="yuvj420p")
    picture.pts = 0
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, "yuvj420p"
    encoder.time_base = Fraction(1, 1)
    encoder.thread_type = "NONE"
    encoder.options = {"qmin": str(_QUALITY), "qmax": str(_QUALITY), "flags": "+qscale"}
    return b"".join(bytes(packet) for packet in (*encoder.encode(picture), *encoder.encode(None)))
