"""Readers of single values of an answer: they take what is right and pass over what is not."""

from collections.abc import Callable, Iterator

from ..model import InvalidField, Secret
from .decode import JSON

MAX_TEXT = 256
"""Longest text that is kept, in characters. Tokens may be longer."""
MAX_TOKEN = 8192


def member(value: JSON, *path: str) -> JSON:
    """Return what lies at a path of keys, or None when any part is missing or of another kind."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def members(value: JSON) -> Iterator[JSON]:
    """Yield the items of a list; anything else has none."""
    if isinstance(value, list):
        yield from value


def text(value: JSON, limit: int = MAX_TEXT) -> str:
    """Return a printable text of bounded length, or an empty one. Whole numbers are texts as well."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
        value = str(value)
    if not isinstance(value, str):
        return ""
    value = value.strip()
    # A lone surrogate is not printable, so whatever comes out can be encoded.
    return value if len(value) <= limit and value.isprintable() and value != "null" else ""


def secret(value: JSON, limit: int = MAX_TEXT) -> Secret:
    """Return a text as a secret, empty when it is not one."""
    return Secret(text(value, limit))


def checked(value: JSON, parse: Callable[[str], Secret]) -> Secret:
    """Return what a parser of the model makes of a text, or an empty secret."""
    try:
        return parse(text(value))
    except InvalidField:
        return Secret("")


def number(value: JSON) -> int | None:
    """Return a whole number, given as one or as a text."""
    spelled = text(value, 20)
    digits = spelled.removeprefix("-")
    return int(spelled) if digits.isascii() and digits.isdigit() else None


def switch(value: JSON) -> bool | None:
    """Return what 0 and 1 mean, as number, text or truth value; None for everything else."""
    if isinstance(value, bool):
        return value
    found = number(value)
    return bool(found) if found in {0, 1} else None
