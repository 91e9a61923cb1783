"""Everything that is derived from a camera's keys. Bare keys exist here, and nowhere else in the room."""

import base64
import hashlib
import hmac
import struct
from typing import final

from ..model import Credentials
from .errors import LanError, Malformed, Reason

PSK_IDENTITY = b"AUTHPWD_admin"
CHALLENGE_SIZE = 16
_DEFAULT_KEY = b"FFFFFFFFFFFFFFFF"
_WORD = 0xFFFFFFFF
_GOLDEN = 0x9E3779B9

_NOT_NOW = {2: Reason.UPDATING, 4: Reason.CHECKING, 5: Reason.OFF}
"""Kinds of challenge that say why there will be no log-in."""


def derive_auth_key(enr: str, mac: str) -> bytes:
    """Return the 8 bytes that show a camera that we know its keys."""
    digest = hashlib.sha256((enr + mac.upper()).encode()).digest()
    return base64.b64encode(digest[:6]).translate(bytes.maketrans(b"+/=", b"Z9A"))


def derive_psk(enr: str) -> bytes:
    """Return the 32-byte key of the DTLS handshake.

    Cameras copy the digest as a C string: from its first zero byte on, all is zero.
    """
    return hashlib.sha256(enr.encode()).digest().partition(b"\0")[0].ljust(32, b"\0")


def xxtea_decrypt(block: bytes, key: bytes) -> bytes:
    """Return the 16 bytes that XXTEA makes of 16, under a 16-byte key."""
    words = list(struct.unpack("<4I", block))
    k = struct.unpack("<4I", key)
    rounds = 6 + 52 // 4
    total = rounds * _GOLDEN & _WORD
    y = words[0]
    for _ in range(rounds):
        e = total >> 2 & 3
        for p in (3, 2, 1, 0):
            z = words[p - 1]
            mix = ((z >> 5 ^ y << 2) + (y >> 3 ^ z << 4)) ^ ((total ^ y) + (k[p & 3 ^ e] ^ z))
            y = words[p] = words[p] - mix & _WORD
        total = total - _GOLDEN & _WORD
    return struct.pack("<4I", *words)


@final
class Keys:
    """One camera's keys, as the bytes that the protocol needs. Prints as nothing."""

    __slots__ = ("_enr", "_seal", "auth", "psk", "uid")

    def __init__(self, credentials: Credentials) -> None:
        """Derive."""
        enr = credentials.enr.reveal()
        self._enr = enr.encode()
        self.uid = credentials.uid.reveal().encode()
        self.auth = derive_auth_key(enr, credentials.mac.reveal())
        self.psk = derive_psk(enr)
        self._seal = hmac.new(self.uid + self.auth, digestmod=hashlib.sha1)

    def __repr__(self) -> str:
        """Show nothing."""
        return "<keys>"

    @property
    def password(self) -> bytes:
        """What the log-in inside the tunnel wants."""
        return self._enr

    def seal(self, header: bytes) -> bytes:
        """Return the 20-byte seal of a datagram of newer firmware."""
        seal = self._seal.copy()
        seal.update(header)
        return seal.digest()

    def answer(self, status: int, challenge: bytes) -> bytes:
        """Return the 16 bytes that answer a challenge.

        Raises LanError: `updating`, `checking`, `off`; Malformed for kinds that nobody knows.
        """
        if reason := _NOT_NOW.get(status):
            raise LanError(reason)
        if len(challenge) != CHALLENGE_SIZE:
            raise Malformed("challenge of an odd size")
        first, second = self._enr[:16].ljust(16, b"\0"), self._enr[16:32].ljust(16, b"\0")
        if status == 1:
            return xxtea_decrypt(challenge, _DEFAULT_KEY)
        if status == 3:
            return xxtea_decrypt(challenge, first)
        if status == 6:
            last = second if len(self._enr) > 16 else _DEFAULT_KEY
            return xxtea_decrypt(xxtea_decrypt(challenge, first), last)
        raise Malformed("unknown kind of challenge")
