"""How messages between parent and child become bytes: typed, strict, of limited size.

The only way keys travel.
"""

import base64
import binascii
import json
import sys
import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeAliasType, get_args, get_origin, get_type_hints

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
        kind: Any = type(value)
        return {name: _pack_field(getattr(value, name), hint) for name, hint in _hints(kind).items()}
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [pack(item) for item in value]
    return value


def _pack_field(value: Any, hint: Any) -> Any:
    """Pack a value; one that may be of several kinds says of which it is."""
    return {type(value).__name__: pack(value)} if _choices(hint) else pack(value)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _choices(kind: Any) -> dict[str, Any]:
    """Return the dataclasses that a value may be one of, by name; none where there is no choice."""
    members = _members(kind)
    return {member.__name__: member for member in members} if len(members) > 1 else {}


def _members(kind: Any) -> list[Any]:
    if isinstance(kind, TypeAliasType):
        return _members(kind.__value__)
    if isinstance(kind, types.UnionType):
        return [found for one in get_args(kind) for found in _members(one)]
    return [kind] if isinstance(kind, type) and is_dataclass(kind) else []


def unpack(value: Any, kind: Any) -> Any:
    """Return the value of exactly this kind that was packed; raises ProtocolError."""
    if choices := _choices(kind):
        if not isinstance(value, dict) or len(value) != 1 or (name := next(iter(value))) not in choices:
            raise ProtocolError("not one of the kinds")
        return unpack(value[name], choices[name])
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
        # A whole number may be larger than any float; to ask whether it is finite is an error then.
        if type(value) not in {int, float} or not abs(value) <= sys.float_info.max:
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
