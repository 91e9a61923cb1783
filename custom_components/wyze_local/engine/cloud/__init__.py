"""The vendor's cloud: signing in, sessions, and what it says of cameras. Nothing it says proves anything.

Starts nothing at import; every call ends; TLS is always verified; only the listed fields of answers are kept.
"""

from .client import CloudClient
from .commands import Action, Property, is_managed
from .errors import CloudError, CloudReason
from .hosts import KEYS_HELP, KEYS_PAGE, Hosts
from .pictures import fetch_picture
from .renewals import RefreshPolicy, Renewals
from .session import CloudSession
from .values import (
    CallRecord,
    CameraList,
    CloudCamera,
    CloudEvent,
    EventKind,
    EventTag,
    FactorWay,
    Heard,
    Locality,
    LogIn,
    Named,
    SecondFactor,
    SignedIn,
    UserInfo,
    Why,
)

__all__ = [
    "KEYS_HELP",
    "KEYS_PAGE",
    "Action",
    "CallRecord",
    "CameraList",
    "CloudCamera",
    "CloudClient",
    "CloudError",
    "CloudEvent",
    "CloudReason",
    "CloudSession",
    "EventKind",
    "EventTag",
    "FactorWay",
    "Heard",
    "Hosts",
    "Locality",
    "LogIn",
    "Named",
    "Property",
    "RefreshPolicy",
    "Renewals",
    "SecondFactor",
    "SignedIn",
    "UserInfo",
    "Why",
    "fetch_picture",
    "is_managed",
]
