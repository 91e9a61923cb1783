"""The stream server: a go2rtc of our own, its API, the sources it pulls, and what its counters say."""

from .answers import Consumer, Media, Producer, StreamInfo, Track
from .binary import MINIMUM, Binary, Version, find_binary
from .config import DEFAULT_WEBRTC_PORT, LanDoor, StreamServerSettings
from .dials import DialResult
from .errors import (
    ApiError,
    BinaryError,
    DialFailure,
    ExternalError,
    PortTaken,
    ServerDown,
    StartFailed,
    StillFailure,
    StreamServerError,
)
from .external import ExternalServer, ExternalSettings, check_external
from .guest import PREFIX
from .health import Motion, StreamHealth
from .redact import Redactor
from .remote import RemoteAccess, parse_own_host
from .served import PictureServer
from .server import StreamServer
from .signalling import (
    WebRtcAnswer,
    WebRtcCandidate,
    WebRtcClosed,
    WebRtcFailed,
    WebRtcMessage,
    WebRtcSession,
)
from .source import direct_source, stream_source, wyze_source
from .stills import Still, StillKeeper
from .supervisor import ServerPhase, ServerState

__all__ = [
    "DEFAULT_WEBRTC_PORT",
    "MINIMUM",
    "PREFIX",
    "ApiError",
    "Binary",
    "BinaryError",
    "Consumer",
    "DialFailure",
    "DialResult",
    "ExternalError",
    "ExternalServer",
    "ExternalSettings",
    "LanDoor",
    "Media",
    "Motion",
    "PictureServer",
    "PortTaken",
    "Producer",
    "Redactor",
    "RemoteAccess",
    "ServerDown",
    "ServerPhase",
    "ServerState",
    "StartFailed",
    "Still",
    "StillFailure",
    "StillKeeper",
    "StreamHealth",
    "StreamInfo",
    "StreamServer",
    "StreamServerError",
    "StreamServerSettings",
    "Track",
    "Version",
    "WebRtcAnswer",
    "WebRtcCandidate",
    "WebRtcClosed",
    "WebRtcFailed",
    "WebRtcMessage",
    "WebRtcSession",
    "check_external",
    "direct_source",
    "find_binary",
    "parse_own_host",
    "stream_source",
    "wyze_source",
]
