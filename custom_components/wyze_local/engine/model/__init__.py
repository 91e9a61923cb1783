"""What every other room speaks of: cameras, credentials, secrets, time, errors. Imports no other room."""

from .camera import Camera, Credentials, new_camera_key
from .clock import Clock, SystemClock
from .errors import EngineError, InvalidField
from .networks import CameraNetworks, attached_networks
from .secret import Secret

__all__ = [
    "Camera",
    "CameraNetworks",
    "Clock",
    "Credentials",
    "EngineError",
    "InvalidField",
    "Secret",
    "SystemClock",
    "attached_networks",
    "new_camera_key",
]
