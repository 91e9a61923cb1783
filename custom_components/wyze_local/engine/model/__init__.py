"""What every other room speaks of: cameras, accounts, secrets, time, errors. Imports no other room."""

from .account import Account, DeveloperKey, Tokens
from .arp import Neighbour, neighbour, neighbours
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
from .clip import (
    ClipBegan,
    ClipFailed,
    ClipFinished,
    ClipName,
    ClipNews,
    ClipSettings,
    ClipStill,
    Cut,
    Sound,
    Suffix,
    Trouble,
    is_camera_folder,
    is_day,
)
from .clip_details import ClipDetails
from .clip_owner import MARK_BYTES, ClipOwner
from .clock import Clock, SystemClock
from .door import Door
from .errors import EngineError, InvalidField
from .link import LINK_SCHEME, parse_wyze_link
from .makers import is_vendors
from .networks import CameraNetworks, attached_networks
from .secret import Secret
from .space import space_missing, space_to_keep
from .stream_address import StreamAddress
from .troubles import trouble_of
from .watch import MAX_ZONES, WATCH_AGENT, Box, Sensitivity, WatchMode, Zone, parse_zones

__all__ = [
    "DEFAULT_PORT",
    "LINK_SCHEME",
    "MARK_BYTES",
    "MAX_ZONES",
    "WATCH_AGENT",
    "Account",
    "Backoff",
    "Box",
    "Camera",
    "CameraNetworks",
    "ClipBegan",
    "ClipDetails",
    "ClipFailed",
    "ClipFinished",
    "ClipName",
    "ClipNews",
    "ClipOwner",
    "ClipSettings",
    "ClipStill",
    "Clock",
    "Credentials",
    "Cut",
    "DeveloperKey",
    "Door",
    "EngineError",
    "InvalidField",
    "Neighbour",
    "Secret",
    "Sensitivity",
    "Sound",
    "StreamAddress",
    "Suffix",
    "SystemClock",
    "Tokens",
    "Trouble",
    "WatchMode",
    "Way",
    "Zone",
    "attached_networks",
    "is_camera_folder",
    "is_day",
    "is_vendors",
    "neighbour",
    "neighbours",
    "new_camera_key",
    "parse_camera_key",
    "parse_mac",
    "parse_name",
    "parse_wyze_link",
    "parse_zones",
    "space_missing",
    "space_to_keep",
    "trouble_of",
]
