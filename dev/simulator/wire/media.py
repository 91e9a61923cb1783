"""Pictures and sound as fragments that fit into one datagram each."""

import struct
from dataclasses import dataclass

from . import WireError

FRAGMENT_SIZE = 1024
"""Payload bytes of a fragment."""

_AUDIO, _KEY, _DELTA = 0x03, 0x05, 0x07
_FIRST, _MIDDLE, _SINGLE, _LAST = 0x08, 0x00, 0x01, 0x05
_VERSION = 0x000B
_UNKNOWN = 0x7E50
_TRAILER = struct.Struct("<HBBBBBBIIII12s4x")
_SHORT = struct.Struct("<BBHHHBBHHHHxxII")
_LONG = struct.Struct("<BBHHH8xBBHHHHxxII")
_TALK_HEADER = 36
_TALK_TRAILER = 16
_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_BITS_16 = 0x02


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture or one packet of sound, and what its trailer says."""

    payload: bytes
    codec: int
    flags: int
    number: int
    """Frame number since the camera started; never 0."""
    seconds: int
    microseconds: int
    key: bool = False
    audio: bool = False
    fps: int = 0
    tier: int = 0
    viewers: int = 1
    mac: bytes = b""


def audio_flags(rate: int) -> int:
    """Return the flags of mono 16-bit sound of one of the rates the wire can name."""
    return _RATES.index(rate) << 2 | _BITS_16


def _trailer(frame: Frame) -> bytes:
    """Return the 40 bytes behind a frame."""
    return _TRAILER.pack(
        frame.codec, frame.flags, 0, frame.viewers, frame.fps, frame.tier, 0, frame.microseconds,
        frame.seconds, len(frame.payload), frame.number, frame.mac,
    )  # fmt: skip


def fragments(frame: Frame, sequence: int) -> list[bytes]:
    """Cut a frame into AV packets. `sequence` is the camera's running packet number."""
    stream = _AUDIO if frame.audio else _KEY if frame.key else _DELTA
    payload = frame.payload
    total = max(1, -(-len(payload) // FRAGMENT_SIZE))
    packets = []
    for index in range(total):
        part = payload[index * FRAGMENT_SIZE : (index + 1) * FRAGMENT_SIZE]
        last = index == total - 1
        kind = _SINGLE if total == 1 else _LAST if last else _MIDDLE if index else _FIRST
        layout = _LONG if kind == _FIRST else _SHORT
        header = layout.pack(
            stream, kind, _VERSION, (sequence + index) & 0xFFFF, _UNKNOWN, stream, kind,
            frame.number & 0xFFFF, total, _TRAILER.size if last else index, len(part),
            max(0, frame.number - 1), frame.number,
        )  # fmt: skip
        packets.append(header + part + (_trailer(frame) if last else b""))
    return packets


def parse_talk(packet: bytes) -> bytes:
    """Return the sound in a viewer's talk-back packet."""
    if len(packet) < _TALK_HEADER + _TALK_TRAILER or packet[0] != _AUDIO:
        raise WireError("not a talk-back packet")
    return packet[_TALK_HEADER:-_TALK_TRAILER]
