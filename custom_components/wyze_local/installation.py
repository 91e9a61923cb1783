"""Settings that exist once per Home Assistant, whichever entry's options edit them."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import CONF_BINARY, CONF_WEBRTC_PORT, DEFAULT_WEBRTC_PORT, DOMAIN
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

    def owner(self, user_id: Secret) -> str:
        """Return the keyed hash by which an account is known again without storing whose it is."""
        return self._keyed_hash(user_id)

    def fingerprint_of(self, mac: Secret) -> str:
        """Return the same of a hardware address, as 12 capital hexadecimal digits."""
        return self._keyed_hash(mac)

    def keys_of(self, uid: Secret, enr: Secret) -> str:
        """Return the keyed hash of what reaches a camera, to notice others; empty if not told."""
        return self._keyed_hash(Secret(f"keys/{uid.reveal()}/{enr.reveal()}")) if uid and enr else ""

    def uid_of(self, uid: Secret) -> str:
        """Return the keyed hash of a P2P id; empty if it was not told."""
        return self._keyed_hash(Secret(f"uid/{uid.reveal()}")) if uid else ""

    def _keyed_hash(self, secret: Secret) -> str:
        return hmac.new(bytes.fromhex(self.salt), secret.reveal().encode(), hashlib.sha256).hexdigest()[:32]


class InstallationStore:
    """Where the settings are kept."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Remember the file."""
        self._store: Store[dict[str, Any]] = Store(
            hass, 1, f"{DOMAIN}.installation", private=True, atomic_writes=True
        )

    async def async_load(self) -> Installation:
        """Read the settings, or make them."""
        stored = await self._store.async_load() or {}
        found = Installation(
            salt=stored.get("salt") or secrets.token_hex(32),
            binary=stored.get(CONF_BINARY),
            webrtc_port=stored.get(CONF_WEBRTC_PORT, DEFAULT_WEBRTC_PORT),
        )
        if found.salt != stored.get("salt"):
            await self.async_save(found)
        return found

    async def async_save(self, installation: Installation) -> None:
        """Keep the settings."""
        await self._store.async_save(
            {
                "salt": installation.salt,
                CONF_BINARY: installation.binary,
                CONF_WEBRTC_PORT: installation.webrtc_port,
            }
        )
