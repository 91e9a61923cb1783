"""What every other room speaks of: cameras, credentials, secrets, time, errors. Imports no other room."""

from .camera import DEFAULT_PORT, Camera, Credentials, Way, new_camera_key, parse_camera_key, parse_name
from .clock import Clock, SystemClock
from .errors import EngineError, InvalidField
from .networks import CameraNetworks, attached_networks
from .secret import Secret
from .stream_address import StreamAddress

__all__ = [
    "DEFAULT_PORT",
    "Camera",
    "CameraNetworks",
    "Clock",
    "Credentials",
    "EngineError",
    "InvalidField",
    "Secret",
    "StreamAddress",
    "SystemClock",
    "Way",
    "attached_networks",
    "new_camera_key",
    "parse_camera_key",
    "parse_name",
]
