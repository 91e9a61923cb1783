"""What cameras can be told beside sending pictures: lights, night vision, siren, motors.

Imports model and catalog. Speaks through whoever holds a session (`Sender`); holds none itself.
"""

from .codec import MAX_WAY_POINTS
from .control import CameraControl
from .errors import ControlError, ControlReason
from .line import UNANSWERED
from .moves import CLOSE, MAX_PAN, MAX_TILT, SPEEDS, GoTo, Home, Move, Step, Turn
from .table import BITRATE, FPS, IR_RANGE, NIGHT_THRESHOLD, NIGHT_VISION, RESOLUTION
from .values import SAID_AT_LOG_IN, Feature, Position, Sender, Survey, Value, WayPoint

__all__ = [
    "BITRATE",
    "CLOSE",
    "FPS",
    "IR_RANGE",
    "MAX_PAN",
    "MAX_TILT",
    "MAX_WAY_POINTS",
    "NIGHT_THRESHOLD",
    "NIGHT_VISION",
    "RESOLUTION",
    "SAID_AT_LOG_IN",
    "SPEEDS",
    "UNANSWERED",
    "CameraControl",
    "ControlError",
    "ControlReason",
    "Feature",
    "GoTo",
    "Home",
    "Move",
    "Position",
    "Sender",
    "Step",
    "Survey",
    "Turn",
    "Value",
    "WayPoint",
]
