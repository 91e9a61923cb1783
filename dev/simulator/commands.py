"""How a camera answers commands once a viewer is logged in, and the settings they change."""

import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from .specs import Audio, CameraSpec


@dataclass(slots=True)
class Settings:
    """What commands read and change. 1 = on, 2 = off unless said otherwise."""

    status_light: int = 1
    night_vision: int = 3
    """1 on, 2 off, 3 auto."""
    ir_led: int = 1
    """1 far, 2 near."""
    night_threshold: int = 1
    bitrate: int = 120
    """Kilobytes per second."""
    resolution: int = 0
    """0 = 1080p, 1 = 360p, 2 = 720p, 3 = 2K, 4 = floodlight."""
    fps: int = 15
    flip_horizontal: int = 2
    flip_vertical: int = 2
    time_stamp: int = 1
    logo: int = 1
    time_zone: int = 0
    clock_offset: int = 0
    """Seconds between the camera's clock and ours."""
    motion_detection: int = 1
    motion_sensitivity: int = 128
    motion_tagging: int = 2
    motion_tracking: int = 2
    siren: int = 2
    spotlight: int = 2
    floodlight: int = 2
    rtsp: int = 2
    pan: int = 0
    tilt: int = 0
    pan_scan: int = 2


type _Answer = Callable[[Settings, bytes], bytes | None]
"""Returns the answer's payload, None when the command is malformed."""

_OK = b"\1"
_PAN_RANGE, _TILT_RANGE = 350, 120


def _get(*names: str) -> _Answer:
    """Answer with one byte of each setting."""

    def answer(settings: Settings, payload: bytes) -> bytes:
        return bytes(getattr(settings, name) & 0xFF for name in names)

    return answer


def _set(*names: str) -> _Answer:
    """Take one byte for each setting."""

    def answer(settings: Settings, payload: bytes) -> bytes | None:
        if len(payload) < len(names):
            return None
        for name, value in zip(names, payload, strict=False):
            setattr(settings, name, value)
        return _OK

    return answer


_PARAMETERS = {
    1: "status_light", 2: "night_vision", 3: "bitrate", 4: "resolution", 5: "fps", 6: "flip_horizontal",
    7: "flip_vertical", 13: "motion_detection", 21: "motion_tagging", 22: "time_zone", 27: "motion_tracking",
    50: "ir_led",
}  # fmt: skip


def _many(settings: Settings, payload: bytes) -> bytes | None:
    """Answer several parameters at once, by number."""
    if not payload or len(payload) < 1 + payload[0]:
        return None
    wanted = payload[1 : 1 + payload[0]]
    values = {str(i): getattr(settings, _PARAMETERS[i]) for i in wanted if i in _PARAMETERS}
    return json.dumps(values, separators=(",", ":")).encode()


_VIDEO = struct.Struct("<HBBBB")


def _get_video(settings: Settings, payload: bytes) -> bytes:
    """Answer the video parameters of older models."""
    return _VIDEO.pack(
        settings.bitrate,
        settings.resolution + 1,
        settings.fps,
        settings.flip_horizontal,
        settings.flip_vertical,
    )


def _set_video(settings: Settings, payload: bytes) -> bytes | None:
    """Take the video parameters of older models; 0 leaves one as it is."""
    if len(payload) < _VIDEO.size:
        return None
    bitrate, resolution, fps, horizontal, vertical = _VIDEO.unpack_from(payload)
    settings.bitrate = bitrate or settings.bitrate
    settings.resolution = resolution - 1 if resolution else settings.resolution
    settings.fps = fps or settings.fps
    settings.flip_horizontal = horizontal or settings.flip_horizontal
    settings.flip_vertical = vertical or settings.flip_vertical
    return _OK


def _set_resolution(settings: Settings, payload: bytes) -> bytes | None:
    """Take resolution, bitrate and frame rate; 0 leaves one as it is."""
    if len(payload) < 5:
        return None
    resolution, bitrate, fps = struct.unpack_from("<BHH", payload)
    settings.resolution = resolution - 1 if resolution else settings.resolution
    settings.bitrate = bitrate or settings.bitrate
    settings.fps = fps or settings.fps
    return _OK


def _get_clock(settings: Settings, payload: bytes) -> bytes:
    """Answer the camera's clock."""
    return ((int(time.time()) + settings.clock_offset) & 0xFFFFFFFF).to_bytes(4, "little")


def _set_clock(settings: Settings, payload: bytes) -> bytes | None:
    """Take the camera's clock."""
    if len(payload) < 4:
        return None
    settings.clock_offset = int.from_bytes(payload[:4], "little") - int(time.time())
    return _OK


def _rotate(settings: Settings, payload: bytes) -> bytes | None:
    """Turn by degrees, as far as the camera goes."""
    if len(payload) < 5:
        return None
    pan, tilt, _ = struct.unpack_from("<hhB", payload)
    _turn(settings, pan, tilt)
    return _OK


def _step(settings: Settings, payload: bytes) -> bytes | None:
    """Turn by one step: pan 1 left 2 right, tilt 1 up 2 down."""
    if len(payload) < 3:
        return None
    way = {1: -10, 2: 10}
    _turn(settings, way.get(payload[0], 0), -way.get(payload[1], 0))
    return _OK


def _turn(settings: Settings, pan: int, tilt: int) -> None:
    """Add to the position, within its range."""
    settings.pan = min(_PAN_RANGE, max(0, settings.pan + pan))
    settings.tilt = min(_TILT_RANGE, max(0, settings.tilt + tilt))


def _home(settings: Settings, payload: bytes) -> bytes:
    """Turn back to rest."""
    settings.pan = settings.tilt = 0
    return _OK


def _get_position(settings: Settings, payload: bytes) -> bytes:
    """Answer the position."""
    return struct.pack("<IBH", int(time.time() * 1000) & 0xFFFFFFFF, settings.tilt, settings.pan)


def _set_position(settings: Settings, payload: bytes) -> bytes | None:
    """Turn to a position."""
    if len(payload) < 7:
        return None
    _, tilt, pan = struct.unpack_from("<IBH", payload)
    settings.pan, settings.tilt = min(_PAN_RANGE, pan), min(_TILT_RANGE, tilt)
    return _OK


def _done(settings: Settings, payload: bytes) -> bytes:
    """Say yes and do nothing."""
    return _OK


ANSWERS: dict[int, _Answer] = {
    10020: _many,
    10030: _get("status_light"),
    10032: _set("status_light"),
    10040: _get("night_vision"),
    10042: _set("night_vision"),
    10044: _get("ir_led"),
    10046: _set("ir_led"),
    10050: _get_video,
    10052: _set_video,
    10056: _set_resolution,
    10070: _get("time_stamp"),
    10072: _set("time_stamp"),
    10074: _get("logo"),
    10076: _set("logo"),
    10090: _get_clock,
    10092: _set_clock,
    10200: _get("motion_detection", "motion_sensitivity"),
    10202: _set("motion_detection"),
    10206: _set("motion_detection"),
    10242: _done,
    10290: _get("motion_tagging"),
    10292: _set("motion_tagging"),
    10302: _set("time_zone"),
    10600: _set("rtsp"),
    10624: _get("night_threshold"),
    10626: _set("night_threshold"),
    10630: _set("siren", "siren"),
    10632: _get("siren", "siren"),
    10640: _get("spotlight"),
    10646: _set("spotlight"),
    11000: _rotate,
    11002: _step,
    11004: _home,
    11006: _get_position,
    11014: _get("pan_scan"),
    11016: _set("pan_scan"),
    11018: _set_position,
    11020: _get("motion_tracking"),
    11022: _set("motion_tracking"),
    12060: _set("floodlight"),
}
"""Command code → how it is answered. The answer's code is the command's plus one."""


def camera_info(spec: CameraSpec, settings: Settings, *, accepted: bool) -> bytes:
    """Return the JSON that ends a log-in."""
    info = {
        "connectionRes": "1" if accepted else "2",
        "cameraInfo": {
            "videoParm": {
                "type": spec.video, "bitRate": str(settings.bitrate), "resolution": str(settings.resolution),
                "fps": str(spec.picture.fps), "horizontalFlip": str(settings.flip_horizontal),
                "verticalFlip": str(settings.flip_vertical), "time": str(settings.time_stamp),
                "logo": str(settings.logo),
            },
            "settingParm": {"stateVision": str(settings.night_vision), "nightVision": str(settings.ir_led)},
            "basicParm": {
                "firmware": spec.firmware, "type": "camera", "hardware": "1", "model": spec.model,
                "mac": spec.mac, "wifidb": "78",
            },
            "sdParm": {"status": "1", "capacity": "30436", "free": "12000"},
            "channelRequestResult": {"audio": "0" if spec.audio is Audio.NONE else "1", "video": "1"},
        },
    }  # fmt: skip
    return json.dumps(info, separators=(",", ":")).encode()
