"""Commands that turn a camera, and those about its way-points."""

import struct
import time

from .settings import OFF, REST, Settings, WayPoint

_OK = b"\1"
_ROTATION = struct.Struct("<hhB")
_POSITION = struct.Struct("<IBH")
_WAY_POINT = struct.Struct("<BHB")
_STEP = 10
"""Degrees."""
_MOST_WAY_POINTS = 8


def rotate(settings: Settings, payload: bytes) -> bytes | None:
    """Turn by degrees, as far as the camera goes."""
    if len(payload) < _ROTATION.size:
        return None
    pan, tilt, _ = _ROTATION.unpack_from(payload)
    settings.turn_to(settings.pan + pan, settings.tilt + tilt)
    return _OK


def step(settings: Settings, payload: bytes) -> bytes | None:
    """Turn by one step: pan 1 left 2 right, tilt 1 up 2 down."""
    if len(payload) < 3:
        return None
    way = {1: -_STEP, 2: _STEP}
    pan, tilt = way.get(payload[0], 0), -way.get(payload[1], 0)
    settings.turn_to(settings.pan + pan, settings.tilt + tilt)
    return _OK


def home(settings: Settings, payload: bytes) -> bytes:
    """Turn back to rest."""
    settings.turn_to(*REST)
    return _OK


def get_position(settings: Settings, payload: bytes) -> bytes:
    """Answer the position."""
    return _POSITION.pack(int(time.time() * 1000) & 0xFFFFFFFF, settings.tilt, settings.pan)


def set_position(settings: Settings, payload: bytes) -> bytes | None:
    """Turn to a position."""
    if len(payload) < _POSITION.size:
        return None
    _, tilt, pan = _POSITION.unpack_from(payload)
    settings.turn_to(pan, tilt)
    return _OK


def get_way_points(settings: Settings, payload: bytes) -> bytes:
    """Answer the way-points: their number, then tilt, pan and seconds of each."""
    points = settings.way_points
    return bytes((len(points),)) + b"".join(_WAY_POINT.pack(at.tilt, at.pan, at.wait) for at in points)


def set_way_points(settings: Settings, payload: bytes) -> bytes | None:
    """Take other way-points, no more than the camera remembers; without any a patrol ends."""
    count = payload[0] if payload else _MOST_WAY_POINTS + 1
    if count > _MOST_WAY_POINTS or len(payload) < 1 + count * _WAY_POINT.size:
        return None
    listed = _WAY_POINT.iter_unpack(payload[1 : 1 + count * _WAY_POINT.size])
    settings.way_points = [WayPoint(tilt, pan, wait) for tilt, pan, wait in listed]
    if not settings.way_points:
        settings.pan_scan = OFF
    return _OK
