"""What an account shows people of whose its cameras are, and what they may say to it."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .account_status import AccountStatus
from .account_trust import AccountTrust, Undecided
from .const import DOMAIN, LOGGER
from .engine.cloud import CloudEvent
from .ownership import Ownership

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry


class AccountPeople(DataUpdateCoordinator[AccountStatus]):
    """The part of an account's coordinator that a person has a word with."""

    def __init__(
        self,
        entry: WyzeLocalConfigEntry,
        cameras: CamerasCoordinator,
        ask_owner: Callable[[], Coroutine[None, None, None]],
    ) -> None:
        """Prepare; `ask_owner` asks the vendor whose account it is."""
        super().__init__(
            cameras.hass, LOGGER, config_entry=entry, name=f"{DOMAIN} account", always_update=False
        )
        self.trust = AccountTrust(entry, cameras, changed=self.async_count_anew, ask_owner=ask_owner)
        """Which cameras are ours, and how far the account's answers are trusted."""
        self.cameras = self.trust.cameras

    @property
    def ownership(self) -> Ownership:
        """Which cameras are ours."""
        return self.trust.ownership

    @property
    def waiting(self) -> Undecided:
        """The cameras of which only a person knows whose they are."""
        return self.trust.waiting

    def may_show(self, event: CloudEvent) -> bool:
        """Tell whether an event of the vendor's cloud is of a camera that is ours, and of now."""
        return self.trust.may_show(event)

    async def async_release(self) -> None:
        """Take it that the account's answers are right again."""
        self.trust.async_release()
        await self.async_refresh()

    async def async_try_waiting(self) -> bool:
        """Let everything prove itself that the next list holds, and wait for it for a while.

        Returns whether the vendor gave a list; without one it holds for the first that comes.
        """
        return await self.trust.async_try_waiting(self.async_refresh)

    async def async_refuse_waiting(self) -> None:
        """Have nothing to do with the cameras that wait. Raises VaultError, and then nothing has changed."""
        await self.trust.async_refuse_waiting()
        self.async_count_anew()

    @callback
    def async_count_anew(self) -> None:
        """Show that cameras have joined, or are reached or trusted in another way."""
        self.data = replace(self.data, counts=self.trust.list_counts())
        self.async_update_listeners()
