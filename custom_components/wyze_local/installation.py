"""Settings that exist once per Home Assistant, whichever entry's options edit them."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeGuard

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util.signal_type import SignalType

from .const import (
    CONF_BINARY,
    CONF_CLIPS_DAYS,
    CONF_CLIPS_FOLDER,
    CONF_CLIPS_GIGABYTES,
    CONF_WEBRTC_PORT,
    DEFAULT_WEBRTC_PORT,
    DOMAIN,
)
from .engine.library import Entry
from .engine.model import Secret, StreamAddress, Way

OWN_PLACE = f"{DOMAIN}_clips"
"""The folder of the configuration that clips lie in unless another is chosen."""

DEFAULT_DAYS = 14
DEFAULT_GIGABYTES = 10.0
MIN_GIGABYTES = 0.1
MAX_DAYS = 3650
MAX_GIGABYTES = 100_000.0


@dataclass(frozen=True, slots=True)
class ClipKeeping:
    """Where clips of all cameras lie, and how long; which camera makes any is a setting of that camera."""

    folder: str = ""
    """An absolute path as the person gave it; empty for a place of our own in the configuration."""
    days: int = DEFAULT_DAYS
    """After how many days a clip goes that nobody pinned."""
    gigabytes: float = DEFAULT_GIGABYTES
    """How much all clips together may take, in 10^9 bytes."""

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Self:
        """Return what is kept of it; what is missing or odd there is as if never chosen."""
        folder, days = data.get(CONF_CLIPS_FOLDER), data.get(CONF_CLIPS_DAYS)
        gigabytes = data.get(CONF_CLIPS_GIGABYTES)
        return cls(
            folder=folder if isinstance(folder, str) else "",
            days=int(days) if _within(days, 1, MAX_DAYS) else DEFAULT_DAYS,
            gigabytes=(
                float(gigabytes) if _within(gigabytes, MIN_GIGABYTES, MAX_GIGABYTES) else DEFAULT_GIGABYTES
            ),
        )

    def data(self) -> dict[str, Any]:
        """Return what `parse` takes."""
        return {
            CONF_CLIPS_FOLDER: self.folder,
            CONF_CLIPS_DAYS: self.days,
            CONF_CLIPS_GIGABYTES: self.gigabytes,
        }

    def path(self, hass: HomeAssistant) -> Path:
        """Return the folder itself; nobody has looked yet whether it is there.

        Our own place is no media folder: what lies in those Home Assistant lists and sends to everybody who
        may log in, whichever cameras they may see.
        """
        return Path(self.folder or hass.config.path(OWN_PLACE))


SIGNAL_CLIPS: SignalType[ClipKeeping] = SignalType(f"{DOMAIN}_clips")
"""Sent when clips are to be kept in another way than so far."""

SIGNAL_WENT: SignalType[tuple[Entry, ...]] = SignalType(f"{DOMAIN}_clips_went")
"""Sent with the clips that were let go, because of their age or for space."""


def _within(value: object, least: float, most: float) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


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
    clips: ClipKeeping = field(default_factory=ClipKeeping)

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

    def address_of(self, address: Secret) -> str:
        """Return the keyed hash of an address, to know it again."""
        return self._keyed_hash(Secret(f"address/{address.reveal()}"))

    def event_of(self, event_id: str) -> str:
        """Return the keyed hash of what the vendor calls an event: a camera's address may be in it.

        It begins with a letter: templates would make a number of digits alone.
        """
        return f"e{self._keyed_hash(Secret(f'event/{event_id}'))[:16]}"

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
            clips=ClipKeeping.parse(stored),
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
                **installation.clips.data(),
            }
        )
