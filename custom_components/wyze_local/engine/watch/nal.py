"""The units of an encoded picture: found in what a camera sends, and put as an MP4 wants them."""

import struct
from collections.abc import Iterator
from enum import StrEnum

START = b"\0\0\1"


class VideoCodec(StrEnum):
    """The codecs that a clip can hold, under the names that the video library has for them."""

    H264 = "h264"
    HEVC = "hevc"


_SETS = {VideoCodec.H264: frozenset({7, 8}), VideoCodec.HEVC: frozenset({32, 33, 34})}
_DELIMITERS = {VideoCodec.H264: 9, VideoCodec.HEVC: 35}


def units(data: bytes) -> Iterator[bytes]:
    """Yield the units between the start codes of a picture."""
    start = data.find(START)
    while start >= 0:
        following = data.find(START, start + 3)
        # Zeros before a start code belong to it, and to no unit.
        unit = data[start + 3 : following if following >= 0 else len(data)].rstrip(b"\0")
        if unit:
            yield unit
        start = following


def kind_of(codec: VideoCodec, unit: bytes) -> int:
    """Return the number of a unit's kind."""
    return unit[0] & 0x1F if codec is VideoCodec.H264 else unit[0] >> 1 & 0x3F


def parameter_sets(codec: VideoCodec, data: bytes) -> bytes:
    """Return the parameter sets in a picture or in what came before it, with start codes; empty when none."""
    found = dict.fromkeys(unit for unit in units(data) if kind_of(codec, unit) in _SETS[codec])
    if len({kind_of(codec, unit) for unit in found}) < len(_SETS[codec]):
        return b""
    return b"".join(START + unit for unit in sorted(found, key=lambda unit: kind_of(codec, unit)))


def with_lengths(codec: VideoCodec, data: bytes) -> bytes:
    """Return a picture with the length of each unit before it; delimiters and parameter sets are left out."""
    left_out = _SETS[codec] | {_DELIMITERS[codec]}
    pieces = []
    for unit in units(data):
        if kind_of(codec, unit) not in left_out:
            pieces += [struct.pack(">I", len(unit)), unit]
    return b"".join(pieces)
