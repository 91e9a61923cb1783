"""What every other room speaks of: cameras, accounts, secrets, time, errors. Imports no other room."""

from .account import Account, DeveloperKey, Tokens
from .backoff import Backoff
from .camera import (
    DEFAULT_PORT,
    Camera,
    Credentials,
    Way,
    new_camera_key,
    parse_camera_key,
    parse_mac,
    parse_name,
)
from .clock import Clock, SystemClock
from .door import Door
from .errors import EngineError, InvalidField
from .networks import CameraNetworks, attached_networks
from .secret import Secret
from .stream_address import StreamAddress

__all__ = [
    "DEFAULT_PORT",
    "Account",
    "Backoff",
    "Camera",
    "CameraNetworks",
    "Clock",
    "Credentials",
    "DeveloperKey",
    "Door",
    "EngineError",
    "InvalidField",
    "Secret",
    "StreamAddress",
    "SystemClock",
    "Tokens",
    "Way",
    "attached_networks",
    "new_camera_key",
    "parse_camera_key",
    "parse_mac",
    "parse_name",
]
