"""What one config entry owns, and the order in which it starts and stops."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback

from .const import CONF_LAN_PORT
from .engine.stream import LanDoor
from .engine.vault import Logins
from .entry_vault import EntryVault

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .camera_events import CameraEvents
    from .controls import Controls
    from .coordinator import CamerasCoordinator
    from .finding import Finding
    from .shared import Shared


def lan_door(options: Mapping[str, Any], logins: Logins) -> LanDoor | None:
    """Return how an entry lets other machines read its streams; None for not at all."""
    if (port := options.get(CONF_LAN_PORT)) is None or logins.lan is None:
        return None
    return LanDoor(int(port), logins.lan.user, logins.lan.password)


@dataclass(kw_only=True, slots=True)
class WyzeLocalData:
    """What a loaded entry holds."""

    shared: Shared
    vault: EntryVault
    coordinator: CamerasCoordinator
    events: CameraEvents
    controls: Controls
    finding: Finding
    account: AccountCoordinator | None = None
    """What follows a vendor account; only where one stays signed in."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever changes which cameras there are, or what they are: one change at a time."""
    listeners: set[Callable[[], None]] = field(default_factory=set)

    @callback
    def async_listen_cameras(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener whenever cameras were added, until the returned call."""
        self.listeners.add(listener)
        return lambda: self.listeners.discard(listener)


type WyzeLocalConfigEntry = ConfigEntry[WyzeLocalData]
