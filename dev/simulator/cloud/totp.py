"""One-time codes by time (RFC 6238: SHA-1, six digits, steps of 30 s)."""

import base64
import hashlib
import hmac

STEP = 30
"""Seconds for which a code is the current one."""


def step_at(now: float) -> int:
    """Return the number of the step at a time in seconds since 1970."""
    return int(now) // STEP


def code_of(secret: str, step: int) -> str:
    """Return the code of a step; `secret` is base32, as an authenticator app takes it."""
    digest = hmac.digest(base64.b32decode(secret, casefold=True), step.to_bytes(8), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 1_000_000:06}"
