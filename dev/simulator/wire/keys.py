"""What a camera derives from its identity."""

import base64
import hashlib

PSK_IDENTITY = b"AUTHPWD_admin"
"""PSK identity that DTLS clients send."""

_AUTH_ALPHABET = bytes.maketrans(b"+/=", b"Z9A")


def auth_key(enr: str, mac: str) -> bytes:
    """Return the 8 ASCII bytes that a viewer shows in its first datagram."""
    digest = hashlib.sha256((enr + mac.upper()).encode()).digest()
    return base64.b64encode(digest[:6]).translate(_AUTH_ALPHABET)


def psk(enr: str) -> bytes:
    """Return the 32-byte DTLS key.

    The vendor's library treats the hash as a C string: from its first zero byte on it is all zeros.
    """
    head, zero, _ = hashlib.sha256(enr.encode()).digest().partition(b"\0")
    return (head + zero).ljust(32, b"\0")
