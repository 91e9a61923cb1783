"""Settings that exist once per Home Assistant, whichever entry's options edit them."""

import hashlib
import hmac
from dataclasses import dataclass

from .const import DEFAULT_WEBRTC_PORT
from .engine.model import Secret, StreamAddress, Way


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings."""

    salt: str
    """Hexadecimal. Gives the same camera another hash at every installation.

    It lies in the same folder as the config entries: whoever has all of that can try out hardware addresses.
    """
    binary: str | None = None
    """Path of go2rtc as the user gave it, or None to look on PATH."""
    webrtc_port: int = DEFAULT_WEBRTC_PORT

    def fingerprint(self, way: Way) -> str:
        """Return the keyed hash by which a camera is recognised without storing what makes it this one."""
        return self._keyed_hash(way.identity if isinstance(way, StreamAddress) else way.mac)

    def _keyed_hash(self, secret: Secret) -> str:
        return hmac.new(bytes.fromhex(self.salt), secret.reveal().encode(), hashlib.sha256).hexdigest()[:32]
