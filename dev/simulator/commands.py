"""How a camera answers commands once a viewer is logged in."""

import json
import struct
import time
from collections.abc import Callable, Mapping

from . import turning
from .abilities import Ability
from .settings import Settings

type Answer = Callable[[Settings, bytes], bytes | None]
"""Returns the answer's payload, None when the command is malformed."""

_OK = b"\1"


def _get(*names: str) -> Answer:
    """Answer with one byte of each setting."""

    def answer(settings: Settings, payload: bytes) -> bytes:
        return bytes(getattr(settings, name) & 0xFF for name in names)

    return answer


def _set(*names: str) -> Answer:
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
    7: "flip_vertical", 13: "motion_detection", 21: "motion_tagging", 22: "time_zone", 50: "ir_led",
}  # fmt: skip
_PARAMETERS_OF_PAN = {27: "motion_tracking"}


def _many(numbers: Mapping[int, str]) -> Answer:
    """Answer several parameters at once, by number; leave out those that the camera has not got."""

    def answer(settings: Settings, payload: bytes) -> bytes | None:
        if not payload or len(payload) < 1 + payload[0]:
            return None
        wanted = payload[1 : 1 + payload[0]]
        values = {str(number): getattr(settings, numbers[number]) for number in wanted if number in numbers}
        return _json(values)

    return answer


def _json(value: object) -> bytes:
    """Return JSON as cameras write it."""
    return json.dumps(value, separators=(",", ":")).encode()


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


def _done(settings: Settings, payload: bytes) -> bytes:
    """Say yes and do nothing."""
    return _OK


def _battery_usage(settings: Settings, payload: bytes) -> bytes:
    """Answer what the battery was used for since it was charged, by numbers as firmware has them."""
    return _json({"0": 1_700_000_000, "1": 5400, "2": 210, "3": 35, "4": 900, "5": 0})


def _connection(settings: Settings, payload: bytes) -> bytes:
    """Answer how a battery camera is: its charge in percent, and that it is awake."""
    return _json({"connStatus": "1", "powerlevel": str(settings.battery)})


_EVERYWHERE: Mapping[int, Answer] = {
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
    10624: _get("night_threshold"),
    10626: _set("night_threshold"),
}
_BY_ABILITY: Mapping[Ability, Mapping[int, Answer]] = {
    Ability.SIREN: {10630: _set("siren", "siren"), 10632: _get("siren", "siren")},
    Ability.SPOTLIGHT: {10640: _get("spotlight"), 10646: _set("spotlight")},
    Ability.FLOODLIGHT: {10788: _get("floodlight"), 12060: _set("floodlight")},
    Ability.PAN: {
        11000: turning.rotate,
        11002: turning.step,
        11004: turning.home,
        11006: turning.get_position,
        11010: turning.get_way_points,
        11012: turning.set_way_points,
        11014: _get("pan_scan"),
        11016: _set("pan_scan"),
        11018: turning.set_position,
        11020: _get("motion_tracking"),
        11022: _set("motion_tracking"),
    },
    Ability.BATTERY: {10444: _done, 10446: _connection, 10448: _battery_usage},
    Ability.RTSP: {10600: _set("rtsp")},
}
QUESTIONS = frozenset(
    {10020, 10030, 10040, 10044, 10050, 10070, 10074, 10090, 10200, 10290, 10446, 10448, 10624, 10632, 10640}
    | {10788, 11006, 11010, 11014, 11020}
)
"""The commands that change nothing."""


def answers(abilities: frozenset[Ability]) -> Mapping[int, Answer]:
    """Return by command code how a camera answers. The answer's code is the command's plus one."""
    numbers = _PARAMETERS | (_PARAMETERS_OF_PAN if Ability.PAN in abilities else {})
    known = {10020: _many(numbers), **_EVERYWHERE}
    for ability in abilities:
        known |= _BY_ABILITY[ability]
    return known
