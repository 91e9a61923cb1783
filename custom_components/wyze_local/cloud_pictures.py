"""The vendor's pictures of events: only for whoever wants them, in memory only, and never taken for ours.

In 2024 the vendor showed 13,000 people other people's pictures, and nobody here can check whose a picture is.
So none is fetched unless the person said so for this account, and what is there is forgotten as soon as
anything speaks against its camera, or against the account.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import probatio

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.selector import BooleanSelector

from .account_status import AccountState
from .cameras import camera_item, camera_items, is_signed_in
from .const import CONF_CLOUD_PICTURES, DOMAIN
from .engine.cloud import CloudEvent
from .engine.ownership import AccountStanding, CameraStanding
from .vendor_clock import async_events_by_our_clock

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .shared import Shared

EVERY = 30 * 60.0
"""Seconds between two questions for events."""
SOON = 60.0
"""Seconds after which it is looked again whether the vendor may be asked."""

PICTURE_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_CLOUD_PICTURES, default=False): BooleanSelector()
}


def wants_pictures(entry: ConfigEntry) -> bool:
    """Tell whether the person wants the vendor's pictures for an account."""
    return is_signed_in(entry) and bool(entry.options.get(CONF_CLOUD_PICTURES, False))


@dataclass(frozen=True, slots=True)
class VendorPicture:
    """A picture as the vendor gave it. Prints without it."""

    at: float
    """When its event was, in seconds since 1970, by this machine's clock."""
    jpeg: bytes = field(repr=False)


class CloudPictures:
    """Fetches the pictures of one account that stays signed in."""

    def __init__(self, account: AccountCoordinator, shared: Shared) -> None:
        """Prepare; nothing is asked before `async_start`."""
        self._account = account
        self._entry = account.config_entry
        self._shared = shared
        self._clock = shared.environment.clock
        self._kept: dict[str, VendorPicture] = {}
        self._looking: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[], None]] = []

    @callback
    def async_start(self) -> None:
        """Begin, if that is wanted: it is an option, and its change loads the entry anew."""
        if not wants_pictures(self._entry):
            return
        entry, account = self._entry, self._account
        entry.async_on_unload(account.async_add_listener(self._async_follow))
        account.trust.listeners.append(self._async_follow)
        entry.async_on_unload(
            async_dispatcher_connect(account.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_on_entry)
        )
        entry.async_on_unload(self._kept.clear)
        entry.async_create_background_task(account.hass, self._async_run(), name=f"{DOMAIN} pictures")

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have something called whenever there are other pictures; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def picture(self, camera_key: str) -> VendorPicture | None:
        """Return the newest picture of a camera, if there is one that may be shown now."""
        return self._kept.get(camera_key) if self._may_show(camera_key) else None

    # What is allowed

    @property
    def _may_ask(self) -> bool:
        """Whether the vendor may be asked: not while its answers would change nothing else either."""
        account = self._account
        return (
            wants_pictures(self._entry)
            and not account.lan_only
            and account.line.may_change
            and not account.ownership.only_confirms
            and account.data.state is AccountState.SIGNED_IN
        )

    def _may_show(self, camera_key: str) -> bool:
        """Tell whether a picture of a camera may be had at all, at this moment."""
        ownership = self._account.ownership
        return (
            wants_pictures(self._entry)
            and not self._account.lan_only
            and ownership.standing is not AccountStanding.FROZEN
            and camera_item(self._entry, camera_key) is not None
            and ownership.camera_standing(camera_key) is CameraStanding.TRUSTED
        )

    @callback
    def _async_on_entry(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry is self._entry:
            self._async_follow()

    @callback
    def _async_follow(self) -> None:
        """Forget at once what may not be shown any more, and give up what may not be asked any more."""
        if self._looking is not None and not self._may_ask:
            self._looking.cancel()
        gone = [camera_key for camera_key in self._kept if not self._may_show(camera_key)]
        for camera_key in gone:
            del self._kept[camera_key]
        if gone:
            self._tell()

    @callback
    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # Asking

    async def _async_run(self) -> None:
        while True:
            if asked := self._may_ask:
                work = self._async_look()
                self._looking = self._entry.async_create_background_task(
                    self._account.hass, work, name=f"{DOMAIN} pictures of events"
                )
                await asyncio.wait({self._looking})
                self._looking = None
            await self._clock.sleep(EVERY if asked else SOON)

    async def _async_look(self) -> None:
        """Ask once what happened, and fetch the newest picture of each camera of which that is news."""
        now = self._clock.time()
        age = self._shared.environment.ownership.event_age
        events = await async_events_by_our_clock(self._account, self._shared, now - age, now)
        for camera_key, event in self._newest(events).items():
            if not self._may_ask or not self._may_show(camera_key):
                continue
            jpeg = await self._shared.async_cloud_picture(event)
            if jpeg is not None and self._may_ask and self._may_show(camera_key):
                self._kept[camera_key] = VendorPicture(event.at, jpeg)
                self._tell()

    def _newest(self, events: tuple[CloudEvent, ...]) -> Mapping[str, CloudEvent]:
        """Return the newest event with a picture of each camera that is trusted, by camera key."""
        keys = {item.mac_hash: item.key for item in camera_items(self._entry)}
        found: dict[str, CloudEvent] = {}
        for event in events:
            camera_key = keys.get(self._account.trust.fingerprint_of(event))
            if camera_key is None or not event.picture or not self._account.may_show(event):
                continue
            known = self._kept.get(camera_key)
            if known is None or known.at < event.at:
                found[camera_key] = event
        return found
