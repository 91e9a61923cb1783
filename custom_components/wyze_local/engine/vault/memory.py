"""What a vault keeps of what was seen around an account, so that a restart does not forget it.

A small object of named values that others make and read; here only their form and size are judged. None of
it is a key: keyed hashes, times and counts. It stands beside an account and ends with it.
"""

import re
from collections.abc import Mapping

from .errors import VaultError, VaultReason
from .strict import JSON, NotStrict, decode, encode

MEMORY = "memory"
"""Its place in a payload."""

MAX_BYTES = 64 * 1024
"""Largest memory, as it is spelled in a vault."""

MAX_DEPTH = 8
"""How deep lists and objects of a value may lie in each other."""

MOST = 1 << 53
"""Whole numbers from here on, either way, are refused."""

_NAME = re.compile(r"[a-z][a-z_]{0,31}")


def memory_to_json(memory: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return what a payload has to hold besides; nothing for an empty memory."""
    return {MEMORY: dict(memory)} if memory else {}


def memory_from_payload(payload: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the memory of a payload, empty where there is none; raises VaultError (`vault_damaged`)."""
    if MEMORY not in payload:
        return {}
    try:
        return _checked(payload[MEMORY])
    except NotStrict:
        raise VaultError(VaultReason.VAULT_DAMAGED) from None


def remembered(memory: Mapping[str, JSON], name: str, value: JSON) -> Mapping[str, JSON]:
    """Return a memory with a value under a name, or without the name for None; the same one for no change.

    The value is copied. Raises VaultError (`vault_too_large`) when the whole would be larger than
    `MAX_BYTES`, and ValueError for a name or a value that no vault holds.
    """
    kept = {key: old for key, old in memory.items() if key != name}
    if value is not None:
        kept[name] = value
    spelled = encode(kept)
    if len(spelled) > MAX_BYTES:
        raise VaultError(VaultReason.VAULT_TOO_LARGE)
    # By its spelling, and a copy: to Python true is 1, and what was handed in may change later.
    if spelled == encode(memory):
        return memory
    return _checked(decode(spelled)) if kept else {}


def _checked(value: JSON) -> dict[str, JSON]:
    if not isinstance(value, dict) or not value or not all(map(_NAME.fullmatch, value)):
        raise NotStrict
    if None in value.values() or len(encode(value)) > MAX_BYTES:
        raise NotStrict
    for part in value.values():
        _check(part, MAX_DEPTH)
    return value


def _check(value: JSON, depth: int) -> None:
    match value:
        case bool() | str() | None:
            return
        case int() if -MOST < value < MOST:
            return
        case list() if depth:
            parts = value
        case dict() if depth:
            parts = list(value.values())
        case _:
            raise NotStrict
    for part in parts:
        _check(part, depth - 1)
