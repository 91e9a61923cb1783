"""How to ask a model for its best or its smallest picture."""

import struct

from .values import Resolution

_SD, _HD, _2K, _FLOODLIGHT = 1, 0, 3, 4
_BEST_BITRATE, _SMALL_BITRATE = 240, 60
"""Kilobytes per second."""
_BEST = {
    "HL_CAM3P": _2K,
    "HL_CAM4": _2K,
    "HL_CFL2": _FLOODLIGHT,
    "HL_DB2": _2K,
    "HL_PANP": _2K,
}
"""Models whose best is not 1080p."""
_OLD_WAY = frozenset({"HL_WCO2", "WVOD1", "WYZEC1", "WYZEDB3"})
"""Models that know the older command only."""


def usual_bitrate(resolution: Resolution) -> int:
    """Return the kilobytes per second that a picture is asked for with."""
    return _SMALL_BITRATE if resolution is Resolution.SD else _BEST_BITRATE


def request(model: str, resolution: Resolution) -> tuple[int, bytes]:
    """Return code and payload of the command; an unknown model is taken for an ordinary one."""
    small = resolution is Resolution.SD
    size = (_SD if small else _BEST.get(model, _HD)) + 1
    bitrate = usual_bitrate(resolution)
    if model in _OLD_WAY:
        return 10052, struct.pack("<HB3x", bitrate, size)
    return 10056, struct.pack("<BHH", size, bitrate, 0)
