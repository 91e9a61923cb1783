"""The outermost boxes of an MP4 file: how much of one that is still being written is whole."""

import os
import struct

_SHORT = struct.Struct(">I4s")
_LONG = struct.Struct(">Q")
_FRAGMENT = (b"moof", b"mdat")


def whole_length(fd: int, size: int) -> int:
    """Return up to where a file of fragments can be played: the end of its last whole one, in bytes.

    0 when not even the header is there. Reads a few bytes for each box. Raises OSError.
    """
    whole, offset = 0, 0
    while offset + _SHORT.size <= size:
        length, kind = _SHORT.unpack(os.pread(fd, _SHORT.size, offset))
        if length == 1:
            long = os.pread(fd, _LONG.size, offset + _SHORT.size)
            length = _LONG.unpack(long)[0] if len(long) == _LONG.size else 0
        if length < _SHORT.size or offset + length > size:
            break
        offset += length
        # The end of a `moof` is in the middle of a fragment.
        if kind != _FRAGMENT[0]:
            whole = offset
    return whole
