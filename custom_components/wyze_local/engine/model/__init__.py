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
from .watch import MAX_ZONES, Box, Sensitivity, WatchMode, Zone, parse_zones

__all__ = [
    "DEFAULT_PORT",
    "MAX_ZONES",
    "Account",
    "Backoff",
    "Box",
    "Camera",
    "CameraNetworks",
    "Clock",
    "Credentials",
    "DeveloperKey",
    "Door",
    "EngineError",
    "InvalidField",
    "Secret",
    "Sensitivity",
    "StreamAddress",
    "SystemClock",
    "Tokens",
    "WatchMode",
    "Way",
    "Zone",
    "attached_networks",
    "new_camera_key",
    "parse_camera_key",
    "parse_mac",
    "parse_name",
    "parse_zones",
]
