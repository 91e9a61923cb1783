"""Looks into a clip: whether all of it plays, and what of the walk it holds, by the number in each frame."""

import io
from dataclasses import dataclass

import av

from dev.simulator.barcode import LINE_HEIGHT, decode_frame_number


@dataclass(frozen=True, slots=True)
class Tape:
    """What a clip holds."""

    seconds: float
    """From its first picture to its last."""
    pictures: int
    unreadable: int
    """Pictures that did not decode, or bear no number."""
    before_s: float | None
    """Seconds of pictures without anybody before the first one with somebody; None if nobody is in it."""
    after_s: float | None
    """Seconds of pictures after the last one with somebody."""
    sound: str
    """The codec of its sound; empty where it is silent."""


def look(clip: bytes, somebody_from: int) -> Tape:
    """Decode a clip; frames from the number `somebody_from` on have somebody in them. Raises FFmpegError."""
    with av.open(io.BytesIO(clip), "r") as file:
        sound = file.streams.audio[0].codec_context.name if file.streams.audio else ""
        video = file.streams.video[0]
        packets = sum(packet.size > 0 for packet in file.demux(video))
    with av.open(io.BytesIO(clip), "r") as file:
        seen = [
            (float(frame.time or 0.0), decode_frame_number(frame.to_ndarray(format="gray"), LINE_HEIGHT))
            for frame in file.decode(video=0)
        ]
    times = [at for at, _ in seen]
    walking = [at for at, number in seen if number is not None and number >= somebody_from]
    missing = packets - len(seen) + sum(number is None for _, number in seen)
    return Tape(
        seconds=times[-1] - times[0],
        pictures=len(seen),
        unreadable=missing,
        before_s=walking[0] - times[0] if walking else None,
        after_s=times[-1] - walking[-1] if walking else None,
        sound=sound,
    )
