"""Media packets: fragments of frames, and the note at a frame's end that says what it is."""

from typing import NamedTuple

from .errors import Malformed
from .layout import Field, Layout
from .values import Codec, Kind

INFO_SIZE = 40
MAX_FRAGMENTS = 2048
AUDIO, KEY_VIDEO, VIDEO = 0x03, 0x05, 0x07
STREAMS = frozenset({AUDIO, KEY_VIDEO, VIDEO})

_SHORT = Layout(
    28,
    Field("stream", 0, "B"),
    Field("type", 1, "B"),
    Field("total", 12, "H"),
    Field("index", 14, "H"),
    Field("number", 24, "I"),
)
_LONG = Layout(
    36,
    Field("stream", 0, "B"),
    Field("type", 1, "B"),
    Field("total", 20, "H"),
    Field("index", 22, "H"),
    Field("number", 32, "I"),
)
_INFO = Layout(
    INFO_SIZE,
    Field("codec", 0, "H"),
    Field("flags", 2, "B"),
    Field("fps", 5, "B"),
    Field("microseconds", 8, "I"),
    Field("seconds", 12, "I"),
    Field("size", 16, "I"),
)
_read_short = _SHORT.reader("total", "index", "number")
_read_long = _LONG.reader("total", "index", "number")
_read_info = _INFO.reader("codec", "flags", "fps", "microseconds", "seconds", "size")

_LONG_TYPES = frozenset({0x08, 0x09, 0x0D})
_LAST_TYPES = frozenset({0x01, 0x05, 0x0D})
_FIRST_OR_ONLY = 0x09
_INFO_MARK = 0x0028

CODECS: dict[int, tuple[Kind, Codec]] = {
    0x4E: (Kind.VIDEO, Codec.H264),
    0x4F: (Kind.VIDEO, Codec.MJPEG),
    0x50: (Kind.VIDEO, Codec.H265),
    0x86: (Kind.AUDIO, Codec.AAC),
    0x87: (Kind.AUDIO, Codec.AAC),
    0x88: (Kind.AUDIO, Codec.AAC),
    0x89: (Kind.AUDIO, Codec.PCMU),
    0x8A: (Kind.AUDIO, Codec.PCMA),
    0x8C: (Kind.AUDIO, Codec.PCM),
    0x8E: (Kind.AUDIO, Codec.MP3),
    0x90: (Kind.AUDIO, Codec.AAC),
    0x92: (Kind.AUDIO, Codec.OPUS),
}
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_DEFAULT_RATE = 16000


class Info(NamedTuple):
    """What a frame's end says of the frame."""

    codec_id: int
    flags: int
    fps: int
    microseconds: int
    seconds: int
    size: int

    @property
    def sample_rate(self) -> int:
        """Samples per second, of sound."""
        index = self.flags >> 2
        return RATES[index] if index < len(RATES) else _DEFAULT_RATE

    @property
    def channels(self) -> int:
        """1 or 2, of sound."""
        return 1 + (self.flags & 1)


class Fragment(NamedTuple):
    """A piece of a frame."""

    stream: int
    number: int
    total: int
    place: int
    payload: bytes
    info: Info | None


def is_media(packet: bytes) -> bool:
    """Tell whether a packet belongs to a stream."""
    return len(packet) >= _SHORT.size and packet[0] in STREAMS


def parse_fragment(packet: bytes) -> Fragment:
    """Read a media packet; raises Malformed for what cannot be a piece of a frame."""
    stream, kind = packet[0], packet[1]
    long = kind in _LONG_TYPES
    start = _LONG.size if long else _SHORT.size
    if len(packet) < start:
        raise Malformed("half a media header")
    total, index, number = _read_long(packet) if long else _read_short(packet)
    last = kind in _LAST_TYPES
    if index == _INFO_MARK and (last or total == 1):
        index = total - 1
    if stream == AUDIO:
        total, index = 1, 0
    if not 0 < total <= MAX_FRAGMENTS or not 0 <= index < total:
        raise Malformed("a piece of no frame")
    if not (last or (kind == _FIRST_OR_ONLY and total == 1)):
        return Fragment(stream, number, total, index, packet[start:], None)
    end = len(packet) - INFO_SIZE
    if end < start:
        raise Malformed("half a trailer")
    return Fragment(stream, number, total, index, packet[start:end], Info._make(_read_info(packet, end)))
