"""How messages between parent and child become bytes: typed, strict, of limited size.

The only way keys travel.
"""

import base64
import binascii
import json
import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from ..model import Secret
from .errors import ProtocolError

MAX_MESSAGE = 131072
"""Longest message in bytes, without its length, of whom nothing longer is expected."""

MAX_TEXT = 512
MAX_ITEMS = 1024
"""Longest list: the camera networks of all entries are one."""


def encode(message: object, limit: int = MAX_MESSAGE) -> bytes:
    """Return a message as bytes, with its length in front; raises ProtocolError for too long a one."""
    body = json.dumps([type(message).__name__, pack(message)], separators=(",", ":")).encode()
    if len(body) > limit:
        raise ProtocolError("a message is too long")
    return len(body).to_bytes(4, "big") + body


def decode(body: bytes, allowed: Mapping[str, type]) -> Any:
    """Return the message; raises ProtocolError for anything but exactly one of the allowed kinds."""
    try:
        name, values = json.loads(body)
    except ValueError, TypeError, RecursionError:
        raise ProtocolError("not a message") from None
    if not isinstance(name, str) or name not in allowed:
        raise ProtocolError("not a message that is allowed here")
    return unpack(values, allowed[name])


def pack(value: Any) -> Any:
    """Return what JSON can hold of a value; a Secret is revealed."""
    if is_dataclass(value):
        return {found.name: pack(getattr(value, found.name)) for found in fields(value)}
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [pack(item) for item in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def unpack(value: Any, kind: Any) -> Any:
    """Return the value of exactly this kind that was packed; raises ProtocolError."""
    if isinstance(kind, types.UnionType):
        return None if value is None else unpack(value, get_args(kind)[0])
    if get_origin(kind) is tuple:
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise ProtocolError("not a short list")
        return tuple(unpack(item, get_args(kind)[0]) for item in value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            raise ProtocolError("not the fields of the message")
        return kind(**{name: unpack(value[name], hint) for name, hint in hints.items()})
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
