"""The configuration of the managed go2rtc: one value, handed over in memory, that never touches a disk."""

import json
from dataclasses import dataclass

from ..model import Secret
from .binary import Binary

MODULES = (
    "api",
    "ws",
    "http",
    "rtsp",
    "webrtc",
    "mp4",
    "mjpeg",
    "onvif",
    "exec",
    "ffmpeg",
    "wyze",
    # Only for `/api/stack`: go2rtc sets this part up last, so its answer says that all the others stand.
    "debug",
)
"""The parts of go2rtc that are switched on. None of them reads files of Home Assistant or runs a shell."""

ALLOWED_PATHS = ("/api", "/api/streams", "/api/schemes", "/api/frame.jpeg", "/api/ws", "/api/stack")
"""The API paths that exist at all."""

ALLOWED_PROGRAMS = ("ffmpeg",)
"""The programs that may be run."""

DEFAULT_WEBRTC_PORT = 18556
"""TCP and UDP port to which browsers connect."""


@dataclass(frozen=True, slots=True)
class StreamServerSettings:
    """What a stream server is started with."""

    binary: Binary
    webrtc_port: int = DEFAULT_WEBRTC_PORT
    webrtc_host: str = ""
    """Address on which browsers are awaited; empty for all of this machine's."""
    webrtc_on_loopback: bool = False
    """Offer 127.0.0.1 to browsers too: only for a browser on this machine without any network."""
    lan: LanDoor | None = None
    """How other machines read restreams; None for not at all."""


@dataclass(frozen=True, slots=True)
class LanDoor:
    """Where other machines read restreams, and with what."""

    port: int
    user: Secret
    password: Secret


@dataclass(frozen=True, slots=True)
class Access:
    """How this process, and nobody else, reaches the API of its child."""

    socket: str
    """Path of the unix socket."""
    user: str
    password: Secret


def build_config(settings: StreamServerSettings, access: Access, rtsp_port: int) -> Secret:
    """Return the configuration as JSON, which go2rtc takes for YAML."""
    config = {
        "app": {"modules": list(MODULES)},
        "api": {
            "listen": "",
            "unix_listen": access.socket,
            "username": access.user,
            "password": access.password.reveal(),
            "local_auth": True,
            "allow_paths": list(ALLOWED_PATHS),
        },
        "rtsp": _rtsp(settings.lan, rtsp_port),
        "webrtc": {
            "listen": f"{settings.webrtc_host}:{settings.webrtc_port}",
            "candidates": [],
            "ice_servers": [],
            "filters": {"loopback": settings.webrtc_on_loopback},
        },
        "exec": {"allow_paths": list(ALLOWED_PROGRAMS)},
        # Anything more talkative than `info` prints sources with their keys.
        "log": {"level": "info", "format": "json", "output": "stdout", "time": ""},
    }
    return Secret(json.dumps(config))


def _rtsp(lan: LanDoor | None, port: int) -> dict[str, str]:
    """Return where restreams are served. go2rtc asks for the password everywhere but on loopback."""
    if lan is None:
        return {"listen": f"127.0.0.1:{port}"}
    return {"listen": f":{port}", "username": lan.user.reveal(), "password": lan.password.reveal()}
