"""The still of a clip: a key frame, decoded by itself."""

import av
from av.error import FFmpegError

from .piece import Picture, Piece
from .still import jpeg_of


def decoded(picture: Picture, piece: Piece) -> av.VideoFrame | None:
    """Return a key frame's picture; None when it cannot be decoded."""
    context = av.CodecContext.create(str(picture.codec), "r")
    assert isinstance(context, av.VideoCodecContext)
    context.thread_count = 1
    try:
        packet = av.Packet(picture.sets + piece.data)
        frames = [*context.decode(packet), *context.decode(None)]
    except FFmpegError, ValueError:
        return None
    return next((frame for frame in frames if isinstance(frame, av.VideoFrame)), None)


def still_of(picture: Picture, piece: Piece) -> bytes | None:
    """Return a key frame as JPEG; None when it cannot be decoded."""
    frame = decoded(picture, piece)
    try:
        return None if frame is None else jpeg_of(frame)
    except FFmpegError, ValueError:
        return None
