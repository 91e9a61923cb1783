"""What parent and relay say to each other: typed, strict, of limited size. The only way keys travel."""

import base64
import binascii
import json
import math
import types
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from ..model import Credentials, Secret
from .errors import ProtocolError
from .formats import Formats
from .guests import Guest
from .states import CameraFacts, CameraState, CameraStats

MAX_MESSAGE = 131072
"""Longest message in bytes, without its length."""

MAX_TEXT = 512
MAX_ITEMS = 1024
"""Longest list: the camera networks of all entries are one."""


@dataclass(frozen=True, slots=True)
class SetNetworks:
    """Parent: where cameras may be."""

    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetCamera:
    """Parent: a camera, new or changed."""

    key: str
    token: Secret
    credentials: Credentials
    always_on: bool
    audio: bool
    resolution: str
    """`hd`, `sd`, or empty for the camera's own."""
    formats: Formats
    """What was known of its streams."""
    wanted: bool
    """Whether somebody watched it when the relay before this one ended."""
    guest: str
    """The user of the other machine that may read it; empty for nobody."""


@dataclass(frozen=True, slots=True)
class SetGuests:
    """Parent: which other machines may come. An Answer or a Failure (`port_taken`) comes back."""

    id: int
    guests: tuple[Guest, ...]


@dataclass(frozen=True, slots=True)
class Serve:
    """Parent: that is all for the beginning; let readers in. Sooner, they would hear of no such camera."""


@dataclass(frozen=True, slots=True)
class RemoveCamera:
    """Parent: forget a camera."""

    key: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Parent: somebody is about to look."""

    key: str


@dataclass(frozen=True, slots=True)
class Command:
    """Parent: send this to a camera; an Answer or a Failure comes back."""

    id: int
    key: str
    code: int
    payload: bytes
    within: float


@dataclass(frozen=True, slots=True)
class Turn:
    """Parent: go2rtc is about to dial a camera itself; an Answer comes back when it may."""

    id: int


@dataclass(frozen=True, slots=True)
class Prove:
    """Parent: let a camera prove itself; an Answer or a Failure comes back."""

    id: int
    credentials: Credentials
    networks: tuple[str, ...]
    look: bool
    """Also log in and wait for a picture."""
    greet: bool
    """Log in and answer with the firmware, instead."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Parent: are you there."""

    id: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Parent: hang up everywhere and end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Relay: it runs, and wants to hear what there is."""


@dataclass(frozen=True, slots=True)
class State:
    """Relay: how a camera stands now."""

    key: str
    state: CameraState


@dataclass(frozen=True, slots=True)
class Learned:
    """Relay: what is known of a camera's streams by now."""

    key: str
    formats: Formats


@dataclass(frozen=True, slots=True)
class Facts:
    """Relay: what a camera said of itself."""

    key: str
    facts: CameraFacts


@dataclass(frozen=True, slots=True)
class Figures:
    """Relay: what a session has brought."""

    key: str
    stats: CameraStats


@dataclass(frozen=True, slots=True)
class Answer:
    """Relay: it worked."""

    id: int
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Failure:
    """Relay: it did not."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pong:
    """Relay: yes, I am."""

    id: int


@dataclass(frozen=True, slots=True)
class Log:
    """Relay: a line for the log. Words of our own source only, never anything a camera or client sent."""

    level: int
    where: str
    text: str
    error: str
    """Class of the exception and where it was raised, if there was one."""


def _by_name(*classes: type) -> dict[str, type]:
    return {found.__name__: found for found in classes}


FROM_PARENT = _by_name(
    SetNetworks, SetCamera, SetGuests, Serve, RemoveCamera, Wish, Command, Turn, Prove, Ping, Stop
)
FROM_RELAY = _by_name(Ready, State, Learned, Facts, Figures, Answer, Failure, Pong, Log)


def encode(message: object) -> bytes:
    """Return a message as bytes, with its length in front."""
    body = json.dumps([type(message).__name__, _pack(message)], separators=(",", ":")).encode()
    if len(body) > MAX_MESSAGE:
        raise ProtocolError("a message is too long")
    return len(body).to_bytes(4, "big") + body


def decode(body: bytes, allowed: dict[str, type]) -> Any:
    """Return the message; raises ProtocolError for anything but exactly one of the allowed kinds."""
    try:
        name, values = json.loads(body)
    except ValueError, TypeError, RecursionError:
        raise ProtocolError("not a message") from None
    if not isinstance(name, str) or name not in allowed:
        raise ProtocolError("not a message that is allowed here")
    return _unpack(values, allowed[name])


def formats_to_text(formats: Formats) -> str:
    """Return what is known of a camera's streams as a text that can be kept: no secret."""
    return json.dumps(_pack(formats), separators=(",", ":"))


def formats_from_text(text: str) -> Formats:
    """Return what was kept; nothing if it cannot be right."""
    try:
        formats: Formats = _unpack(json.loads(text), Formats)
    except ValueError, RecursionError, ProtocolError:
        return Formats()
    return formats if formats.sane else Formats()


def _pack(value: Any) -> Any:
    if is_dataclass(value):
        return {found.name: _pack(getattr(value, found.name)) for found in fields(value)}
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [_pack(item) for item in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _unpack(value: Any, kind: Any) -> Any:
    if isinstance(kind, types.UnionType):
        return None if value is None else _unpack(value, get_args(kind)[0])
    if get_origin(kind) is tuple:
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise ProtocolError("not a short list")
        return tuple(_unpack(item, get_args(kind)[0]) for item in value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            raise ProtocolError("not the fields of the message")
        return kind(**{name: _unpack(value[name], hint) for name, hint in hints.items()})
    return _unpack_plain(value, kind)


def _unpack_plain(value: Any, kind: type) -> Any:
    if kind in {bool, int}:
        if type(value) is not kind or not -(2**63) <= value < 2**63:
            raise ProtocolError("not a whole number")
        return value
    if kind is float:
        if type(value) not in {int, float} or not math.isfinite(value):
            raise ProtocolError("not a number")
        return float(value)
    if not isinstance(value, str):
        raise ProtocolError("not a text")
    if kind is bytes:
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error, ValueError:
            raise ProtocolError("not base 64") from None
    if len(value) > MAX_TEXT or not value.isprintable():
        raise ProtocolError("not a short text")
    if issubclass(kind, StrEnum) and value not in set(kind):
        raise ProtocolError("not a word that is known")
    return kind(value)
