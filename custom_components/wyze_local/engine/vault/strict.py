"""Strict reading of small JSON files: one spelling is right, everything else is damage."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Never

type JSON = bool | int | str | list[JSON] | dict[str, JSON] | None
"""What vault and key file hold. No fractions: nothing in them needs any."""


class NotStrict(ValueError):
    """The bytes are not what the writer would have written."""


def encode(value: Mapping[str, JSON]) -> bytes:
    """Return the one spelling of a value: keys sorted, no blanks, ASCII."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def decode(data: bytes) -> dict[str, JSON]:
    """Return the object that the bytes spell; raises NotStrict unless `encode` gives the same bytes back."""
    try:
        value = json.loads(data.decode("ascii"), parse_float=_refuse, parse_constant=_refuse)
    except ValueError, RecursionError:
        raise NotStrict from None
    if not isinstance(value, dict) or encode(value) != data:
        raise NotStrict
    return value


def _refuse(_text: str) -> Never:
    raise NotStrict


def fields(value: JSON, *names: str) -> list[JSON]:
    """Return the values of an object that has exactly these keys, in the order asked for."""
    if not isinstance(value, dict) or value.keys() != set(names):
        raise NotStrict
    return [value[name] for name in names]


def text(value: JSON) -> str:
    """Return a string; raises NotStrict for anything else."""
    if not isinstance(value, str):
        raise NotStrict
    return value


def number(value: JSON) -> int:
    """Return a whole number; raises NotStrict for anything else, booleans included."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotStrict
    return value


def to_base64(data: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(data).decode()


def from_base64(value: JSON, size: int | None = None) -> bytes:
    """Return the bytes of a text in its one spelling, of a given length when asked for."""
    spelled = text(value)
    try:
        data = base64.b64decode(spelled, validate=True)
    except binascii.Error, ValueError:
        raise NotStrict from None
    if to_base64(data) != spelled or (size is not None and len(data) != size):
        raise NotStrict
    return data
