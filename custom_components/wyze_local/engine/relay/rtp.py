"""RTP: frames cut into packets, framed for an RTSP connection, and the sender reports between them."""

import secrets
import struct
from collections.abc import Sequence

from .formats import AAC_SAMPLES, AudioFormat, VideoFormat
from .nal import Syntax

MTU = 1400
"""Largest RTP payload in bytes."""

VIDEO_RATE = 90000
AUDIO_SLACK = 0.08
"""Seconds that sound may be off its own count of samples before it jumps to the clock's time."""

_MAX_UNIT = 8191
"""Largest piece of coded sound in bytes: what the size field of AAC holds."""

_NTP_1970 = 2208988800
_HEAD = struct.Struct(">BBHBBHII")
_REPORT = struct.Struct(">BBHBBHIIIIII")


class Track:
    """One stream of RTP packets to one reader, each framed as RTSP interleaves it."""

    def __init__(self, channel: int, payload_type: int, rate: int) -> None:
        """Send on an even channel (0 to 254) with a clock of so many ticks per second."""
        self.channel = channel
        self.payload_type = payload_type
        self.rate = rate
        self.ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._origin = secrets.randbits(31)
        self._packets = 0
        self._octets = 0

    def timestamp(self, at: float) -> int:
        """Return the RTP time of a moment of our monotonic clock."""
        return (self._origin + round(at * self.rate)) & 0xFFFFFFFF

    def packet(self, timestamp: int, payload: bytes, *, marker: bool) -> bytes:
        """Return one framed packet."""
        sequence, self._sequence = self._sequence, (self._sequence + 1) & 0xFFFF
        self._packets += 1
        self._octets += len(payload)
        kind = self.payload_type | 0x80 if marker else self.payload_type
        size = len(payload) + 12
        return _HEAD.pack(0x24, self.channel, size, 0x80, kind, sequence, timestamp, self.ssrc) + payload

    def report(self, at: float, wall: float) -> bytes:
        """Return a framed sender report: this RTP time is that time of day (seconds since 1970)."""
        whole = int(wall)
        fraction = int((wall - whole) * 2**32) & 0xFFFFFFFF
        return _REPORT.pack(
            0x24,
            self.channel + 1,
            28,
            0x80,
            200,
            6,
            self.ssrc,
            (whole + _NTP_1970) & 0xFFFFFFFF,
            fraction,
            self.timestamp(at),
            self._packets & 0xFFFFFFFF,
            self._octets & 0xFFFFFFFF,
        )


class VideoTrack(Track):
    """Pictures."""

    def __init__(self, channel: int, video: VideoFormat) -> None:
        """Send pictures of this format."""
        super().__init__(channel, 96, VIDEO_RATE)
        self.format = video
        self._syntax = video.syntax

    def frame(self, units: Sequence[bytes], at: float) -> bytes:
        """Return all framed packets of one picture's NAL units."""
        payloads = payloads_of(units, self._syntax)
        timestamp = self.timestamp(at)
        last = len(payloads) - 1
        return b"".join(
            self.packet(timestamp, payload, marker=index == last) for index, payload in enumerate(payloads)
        )


class AudioTrack(Track):
    """Sound. Its time counts samples, and follows the clock only where the two part; it never runs back."""

    def __init__(self, channel: int, audio: AudioFormat) -> None:
        """Send sound of this format."""
        super().__init__(channel, *_audio_payload(audio))
        self.format = audio
        self._next: float | None = None
        self._last = 0.0

    def frame(self, units: Sequence[bytes], at: float) -> bytes:
        """Return the framed packets of one piece of sound as the camera sends it."""
        if self._next is None:
            self._next = at
        elif abs(at - self._next) > AUDIO_SLACK:
            self._next = max(at, self._last + 1 / self.rate)
        parts = []
        for payload, samples in (found for unit in units for found in sound_payloads(unit, self.format)):
            parts.append(self.packet(self.timestamp(self._next), payload, marker=self.format.codec == "aac"))
            self._last = self._next
            self._next += samples / self.rate
        return b"".join(parts)


def _audio_payload(audio: AudioFormat) -> tuple[int, int]:
    """Return payload type and clock rate."""
    if audio.codec == "opus":
        return 98, 48000
    if audio.rate == 8000 and audio.codec in {"pcmu", "pcma"} and audio.channels == 1:
        return (0 if audio.codec == "pcmu" else 8), 8000
    return 97, audio.rate


def sound_payloads(data: bytes, audio: AudioFormat) -> list[tuple[bytes, int]]:
    """Cut a piece of sound into payloads, each with its number of samples; nothing of what cannot be one."""
    if audio.codec in {"aac", "opus"} and not 0 < len(data) <= _MAX_UNIT:
        return []
    if audio.codec == "aac":
        return [(b"\x00\x10" + (len(data) << 3).to_bytes(2, "big") + data, AAC_SAMPLES)]
    if audio.codec == "opus":
        return [(data, opus_samples(data))]
    width = audio.channels * (2 if audio.codec == "pcm" else 1)
    if audio.codec == "pcm":
        data = big_endian(data[: len(data) - len(data) % width])
    step = MTU - MTU % width
    pieces = [data[start : start + step] for start in range(0, len(data), step)]
    return [(piece, len(piece) // width) for piece in pieces]


def big_endian(data: bytes) -> bytes:
    """Return 16-bit samples with their bytes swapped."""
    swapped = bytearray(len(data))
    swapped[0::2] = data[1::2]
    swapped[1::2] = data[0::2]
    return bytes(swapped)


def opus_samples(data: bytes) -> int:
    """Return how many samples at 48 kHz an Opus packet holds (RFC 6716 §3.1)."""
    config, count = data[0] >> 3, data[0] & 3
    if config < 12:
        size = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        size = (480, 960)[config & 1]
    else:
        size = (120, 240, 480, 960)[config & 3]
    frames = (1, 2, 2, data[1] & 0x3F if len(data) > 1 else 0)[count]
    return size * frames


def payloads_of(units: Sequence[bytes], syntax: Syntax) -> list[bytes]:
    """Cut a picture's NAL units into RTP payloads (RFC 6184 mode 1, RFC 7798 without aggregation).

    Parameter sets of H.264 travel together in one packet. go2rtc knows no aggregation of H.265.
    """
    payloads: list[bytes] = []
    sets: list[bytes] = []
    for unit in units:
        if syntax.is_padding(unit):
            continue
        if not syntax.h265 and syntax.parameter(unit) and sum(map(len, sets)) + len(unit) < MTU - 16:
            sets.append(unit)
            continue
        payloads += _together(sets)
        sets = []
        if len(unit) <= MTU:
            payloads.append(unit)
        else:
            payloads += _fragments(unit, syntax)
    return payloads + _together(sets)


def _together(units: list[bytes]) -> list[bytes]:
    """Return a STAP-A of several units, a single one as it is."""
    if len(units) < 2:
        return units
    importance = max(unit[0] & 0x60 for unit in units)
    body = b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
    return [bytes([importance | 24]) + body]


def _fragments(unit: bytes, syntax: Syntax) -> list[bytes]:
    """Return the fragments of a unit that is too large for one packet."""
    if syntax.h265:
        head = bytes([unit[0] & 0x81 | 49 << 1, unit[1]])
        body = memoryview(unit)[2:]
    else:
        head = bytes([unit[0] & 0xE0 | 28])
        body = memoryview(unit)[1:]
    kind = syntax.kind(unit)
    step = MTU - len(head) - 1
    last = (len(body) - 1) // step
    return [
        head
        + bytes([kind | (0x80 if index == 0 else 0) | (0x40 if index == last else 0)])
        + body[index * step : (index + 1) * step]
        for index in range(last + 1)
    ]
