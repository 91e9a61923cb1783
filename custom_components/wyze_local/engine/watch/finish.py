"""How a clip that was written in fragments becomes an ordinary file, without copying its media.

A table of all samples goes behind the last whole fragment. Once that lies on the disk, eight bytes in front
make the header and the heads of the fragments part of the media. A crash before those eight bytes leaves a
file of fragments with something behind them, a crash after them a finished clip: both are known for it.
"""

import errno
import os
import struct

from .boxes import full_header
from .tables import Whole, keep_certain, read_clip

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def finish_file(fd: int, *, doubtful: bool = False) -> Whole:
    """Make an open file whole and have it on the disk; returns what it is now.

    What is behind the last whole fragment is cut off; when there is no space even for the table, the last
    fragments make room for it. `doubtful` asks for a look into the media too: after a power cut a file may
    be as long as it was meant to be, and hold nothing. Raises NotOurs when nothing of it can be played, and
    OSError.
    """
    whole = read_clip(fd)
    if doubtful and whole.finished is None:
        keep_certain(fd, whole)
    while whole.finished is None:
        try:
            _seal(fd, whole)
            break
        except OSError as err:
            if err.errno not in _NO_SPACE or len(whole.fragments) < 2:
                raise
        whole.fragments.pop()
        whole.end = whole.fragments[-1].end
    os.fsync(fd)
    return whole


def _seal(fd: int, whole: Whole) -> None:
    """Put the table behind the fragments, and make one piece of media of all before it."""
    os.ftruncate(fd, whole.end)
    write_all(fd, full_header(whole.tracks, whole.samples()), whole.end)
    os.fsync(fd)
    write_all(fd, struct.pack(">I4s", whole.end - whole.header, b"mdat"), whole.header)


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write all of the bytes at a place; raises OSError, and may have written some of them then."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(fd, rest, offset)
        offset += written
        rest = rest[written:]
