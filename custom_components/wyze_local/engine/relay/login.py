"""What a connection from another machine must show before it may ask for a camera: user and password.

Digest authentication as RTSP clients know it. Its MD5 is no weakness here: nobody guesses 128 random bits,
and the password itself never crosses the network.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from .guests import Guest
from .parser import Request

REALM = "wyze_local"

SLOW = 2.0
"""Seconds until a wrong login hears so; the connection ends with that."""

_FIELD = re.compile(r'([a-z]{1,16})="([^"]*)"')


class Login:
    """Asks one connection who it is. Its nonce is its own: what was overheard opens no other connection."""

    def __init__(self, guests: Iterable[Guest]) -> None:
        """Let these in."""
        self._guests = tuple(guests)
        self._nonce = secrets.token_hex(16)
        self.guest = ""
        """The user that was let in; empty before."""

    @property
    def challenge(self) -> str:
        """What a client needs to know to log in."""
        return f'Digest realm="{REALM}", nonce="{self._nonce}"'

    def opens(self, request: Request) -> bool:
        """Tell whether a request shows a login that is right, in the same time whatever is wrong with it."""
        shown = request.headers.get("authorization", "")
        fields = dict(_FIELD.findall(shown)) if shown.startswith("Digest ") else {}
        asked = _md5(f"{request.method}:{fields.get('uri', '')}")
        self.guest = ""
        for guest in self._guests:
            user, password = guest.user.reveal(), guest.password.reveal()
            expected = _md5(f"{_md5(f'{user}:{REALM}:{password}')}:{self._nonce}:{asked}")
            if all([_same(user, fields.get("username", "")), _same(expected, fields.get("response", ""))]):
                self.guest = user
        return bool(self.guest)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _same(expected: str, shown: str) -> bool:
    return hmac.compare_digest(expected.encode(), shown.encode())


def peer_of(writer: asyncio.StreamWriter) -> str:
    """Return the address that a connection comes from; empty for one that is gone already."""
    return str((writer.get_extra_info("peername") or ("",))[0])
