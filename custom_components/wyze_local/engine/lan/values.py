"""What the LAN engine hands out: frames, figures, and what a camera says of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .errors import LanError


class Framing(StrEnum):
    """How a camera frames its datagrams."""

    TRANSCODE = "0402"
    """Older firmware: obfuscated."""
    CC51 = "cc51"
    """Newer firmware: clear, with a sealed header."""


class Stage(StrEnum):
    """How far a log-in has come: what is waited for."""

    SEARCH = "search"
    SESSION = "session"
    HANDSHAKE = "handshake"
    LOGIN = "login"
    CHALLENGE = "challenge"


type StageHandler = Callable[[Stage], None]
"""Told when a stage begins; must not raise."""


class Kind(StrEnum):
    """What a frame is of."""

    VIDEO = "video"
    AUDIO = "audio"


class Codec(StrEnum):
    """How a frame is coded. Video is Annex B; AAC comes with ADTS headers where the camera sends them."""

    H264 = "h264"
    H265 = "h265"
    MJPEG = "mjpeg"
    PCMU = "pcmu"
    PCMA = "pcma"
    PCM = "pcm"
    """16 bits, little-endian."""
    AAC = "aac"
    MP3 = "mp3"
    OPUS = "opus"


class Resolution(StrEnum):
    """What can be asked of a camera; its own best and its smallest picture."""

    HD = "hd"
    SD = "sd"


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """One whole frame: a picture, or a piece of sound."""

    kind: Kind
    codec: Codec
    key: bool
    """Whether decoding can start here; always true for sound."""
    data: bytes
    number: int
    """The camera's own frame number. Gaps are lost frames."""
    camera_seconds: int
    """The camera's clock: unix seconds, as far as it knows the time."""
    camera_microseconds: int
    """Within that second."""
    sample_rate: int
    """Samples per second; 0 for video."""
    channels: int
    """1 or 2; 0 for video."""
    fps: int
    """Frames per second as the camera announces them; 0 when it does not, and for sound."""
    received_at: float
    """When the last piece of it arrived: seconds of the session's monotonic clock."""


type FrameHandler = Callable[[MediaFrame], None]
"""Takes a frame; runs in the event loop, must not block and must not raise."""

type EndHandler = Callable[[LanError], None]
"""Told once when a session ended other than by `close()`."""


@dataclass(slots=True)
class LinkStats:
    """How the way from the camera is doing; sums since the session began."""

    datagrams: int = 0
    """Datagrams of this session that arrived."""
    bytes: int = 0
    foreign: int = 0
    """Datagrams from anybody else, or that made no sense."""
    rejected: int = 0
    """Records that were replayed, forged or damaged."""
    frames: int = 0
    """Whole frames handed out, sound included."""
    lost_fragments: int = 0
    """Pieces of frames that never came, as far as frames were begun."""
    late: int = 0
    """Pieces that came after their frame had been given up, or twice."""
    reordered: int = 0
    """Frames that had to wait for an older one."""
    given_up: int = 0
    """Frames begun that never got whole."""
    missing: int = 0
    """Frames of which nothing came, by the gaps in the frame numbers."""
    malformed: int = 0
    """Packets inside the session that made no sense."""
    pings: int = 0
    """Keep-alives answered."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """What a camera said of itself at log-in. Fields it left out are None (texts: empty)."""

    framing: Framing
    protocol: int = 0
    """Version of its command language."""
    firmware: str = ""
    model: str = ""
    audio: bool = True
    """Whether it announces sound; assumed when it does not say."""
    two_way: bool = False
    """Whether it announces a speaker."""
    wifi_signal: int | None = None
    """As the camera counts it: percent, or dBm when negative."""
    sd_present: bool | None = None
    sd_capacity_mb: int | None = None
    sd_free_mb: int | None = None
    battery: int | None = None
    """Percent, from models that have one."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A DTLS session completed with the camera's own key at an address inside the camera networks."""

    framing: Framing
    at: float
    """Unix time."""
    seconds: float
    """From the first datagram to the completed handshake."""
