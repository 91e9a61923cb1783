"""Records: how DTLS cuts a datagram, and which of them were seen before."""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

DTLS_1_0 = 0xFEFF
DTLS_1_2 = 0xFEFD
MAX_PAYLOAD = (1 << 14) + 256
"""Longest body of a record, in bytes, of those that are looked at."""

_HEADER = struct.Struct(">BHQH")
_ADDITIONAL = struct.Struct(">QBHH")
HEADER_SIZE = _HEADER.size
EPOCH_SHIFT = 48


class Content(IntEnum):
    """What a record holds."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    DATA = 23


class Record(NamedTuple):
    """A record as it lies in a datagram."""

    content: int
    number: int
    """Epoch in the upper 16 of 64 bits, sequence number in the others."""
    body: bytes


def split(datagram: bytes) -> Iterator[Record]:
    """Yield the records of a datagram; the rest is dropped from the first byte on that makes no sense."""
    at, end = 0, len(datagram)
    while at + HEADER_SIZE <= end:
        content, version, number, size = _HEADER.unpack_from(datagram, at)
        at += HEADER_SIZE
        # The older version may stand in hellos only: seals cover the newer one.
        known = version == DTLS_1_2 or (version == DTLS_1_0 and not number >> EPOCH_SHIFT)
        if not known or size > MAX_PAYLOAD or at + size > end:
            return
        yield Record(content, number, datagram[at : at + size])
        at += size


def join(content: int, number: int, body: bytes) -> bytes:
    """Return a record."""
    return _HEADER.pack(content, DTLS_1_2, number, len(body)) + body


def additional_data(content: int, number: int, size: int) -> bytes:
    """Return what a record's seal covers besides its body; size is that of the plain body."""
    return _ADDITIONAL.pack(number, content, DTLS_1_2, size)


class ReplayWindow:
    """Which of the newest 64 records of an epoch have been seen; older ones count as seen."""

    __slots__ = ("_newest", "_seen")

    SIZE = 64

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._newest = -1
        self._seen = 0

    def is_new(self, number: int) -> bool:
        """Tell whether a number is worth a look. Only what proved genuine may be marked afterwards."""
        behind = self._newest - number
        return behind < 0 or (behind < self.SIZE and not self._seen >> behind & 1)

    def mark(self, number: int) -> None:
        """Remember a number."""
        ahead = number - self._newest
        if ahead > 0:
            self._seen = (self._seen << ahead | 1) & ((1 << self.SIZE) - 1) if ahead < self.SIZE else 1
            self._newest = number
        else:
            self._seen |= 1 << -ahead
