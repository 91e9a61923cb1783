"""Takes Opus out of the Ogg pages that ffmpeg writes. Anything else ends in ProtocolError."""

from dataclasses import dataclass

from ..child import ProtocolError
from .rtp import opus_samples

RATE = 48000
"""Ticks per second of Opus in Ogg, whatever was coded."""

_HEAD = 27


@dataclass(frozen=True, slots=True)
class Packet:
    """A piece of sound."""

    data: bytes
    at: float
    """Seconds from the beginning of what was coded to the beginning of this piece."""


class OggOpus:
    """Feeds on bytes, gives pieces of sound."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._buffer = bytearray()
        self._skip = 0
        """Samples at the beginning that only warm the decoder up."""

    def feed(self, data: bytes) -> list[Packet]:
        """Take bytes, return what is whole by now; raises ProtocolError, after which nothing is right."""
        self._buffer += data
        found: list[Packet] = []
        while (page := self._page()) is not None:
            found += self._packets(*page)
        return found

    def _page(self) -> tuple[int, list[bytes]] | None:
        """Return the next page: where its last packet ends, in samples, and its packets."""
        buffer = self._buffer
        if not b"OggS\0".startswith(bytes(buffer[:5])):
            raise ProtocolError("not Ogg")
        if len(buffer) < _HEAD or len(buffer) < (body := _HEAD + buffer[26]):
            return None
        lacing = bytes(buffer[_HEAD:body])
        if len(buffer) < (end := body + sum(lacing)):
            return None
        if buffer[5] & 1 or lacing[-1:] == b"\xff":
            # Pieces of 20 ms are never so long that they would need a second page.
            raise ProtocolError("a packet on two pages")
        position = int.from_bytes(buffer[6:14], "little", signed=True)
        packets, start, size = [], body, 0
        for length in lacing:
            size += length
            if length < 255:
                packets.append(bytes(buffer[start : start + size]))
                start, size = start + size, 0
        del buffer[:end]
        return position, packets

    def _packets(self, position: int, packets: list[bytes]) -> list[Packet]:
        found: list[Packet] = []
        for data in reversed(packets):
            if data.startswith(b"OpusHead"):
                self._skip = int.from_bytes(data[10:12], "little")
            elif data and not data.startswith(b"OpusTags"):
                position -= opus_samples(data)
                found.append(Packet(data, (position - self._skip) / RATE))
        return found[::-1]
