"""Asks a vendor account for its cameras now and then; nothing of a camera's picture waits for the answer.

One list for all cameras, every quarter of an hour or so. What it says goes to `account_cameras.py`, which
lets cameras prove themselves before anything changes; how the asking goes is the account's status.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .account_cameras import AccountCameras
from .account_list import is_familiar, read_list
from .account_status import STATES, WELL, AccountState, AccountStatus
from .cameras import camera_items
from .const import DOMAIN, LOGGER
from .engine.cloud import CallRecord, CameraList, CloudError, CloudReason, CloudSession, Renewals
from .engine.model import Account, Tokens
from .issues import async_report_key_age
from .lan_only import async_keep_lan_only, async_withdraw_sign_in, is_lan_only

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry

LIST_SECONDS = 900.0
JITTER = 0.2
RENEWALS = "renewals"
"""Where the vault remembers how the session's renewal goes."""
LONGEST_WAIT = 24 * 3600.0
"""Seconds after which the vendor is asked again, whatever it said about that."""


class AccountCoordinator(DataUpdateCoordinator[AccountStatus]):
    """Follows one account that stays signed in."""

    config_entry: WyzeLocalConfigEntry  # type: ignore[mutable-override]

    def __init__(self, entry: WyzeLocalConfigEntry, cameras: CamerasCoordinator) -> None:
        """Prepare; nothing is asked before `async_start`."""
        super().__init__(
            cameras.hass, LOGGER, config_entry=entry, name=f"{DOMAIN} account", always_update=False
        )
        self._vault = cameras.vault
        self._shared = cameras.shared
        self._clock = cameras.shared.environment.clock
        self._catalog = cameras.catalog
        self.cameras = AccountCameras(entry, cameras, self._async_on_proofs)
        self._account: Account | None = None
        """The account that the session is for, as the vault has it."""
        self._session: CloudSession | None = None
        self._sessions = asyncio.Lock()
        """Held while a session ends: the next one must not begin with tokens that this one still renews."""
        self._closed = False
        self._asked_to_sign_in = False
        state = AccountState.LAN_ONLY if self.lan_only else AccountState.CHECKING
        self.data = AccountStatus(state, dt_util.utcnow())

    @property
    def lan_only(self) -> bool:
        """Whether the person wants the vendor to be left alone."""
        return is_lan_only(self.config_entry)

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The newest calls, oldest first."""
        return tuple(self._session.calls) if self._session else ()

    @property
    def key_days(self) -> int | None:
        """How many days ago the developer key was given."""
        if (account := self._vault.account) is None:
            return None
        return int((self._clock.time() - account.key_since) // (24 * 3600))

    @callback
    def async_start(self) -> None:
        """Begin to ask, beside everything else."""
        entry = self.config_entry
        # The account is followed even while its sensor is disabled.
        entry.async_on_unload(self.async_add_listener(lambda: None))
        entry.async_on_unload(self.async_shutdown)
        self.async_account_changed()

    @callback
    def async_account_changed(self) -> None:
        """Ask soon: the vault may hold another session or key, or may just have been opened."""
        self._ask(self.async_request_refresh())

    @callback
    def _ask(self, work: Coroutine[Any, Any, None]) -> None:
        """Ask beside everything else, for as long as the entry is loaded."""
        self.config_entry.async_create_background_task(self.hass, work, name=f"{DOMAIN} account list")

    async def async_set_lan_only(self, on: bool) -> None:
        """Leave the vendor alone from now on, over restarts too; or ask again, at once.

        A call under way is given up. Returns when nothing of the session is left: tokens that were on their
        way are sealed first, which takes 36 seconds at most.
        """
        async_keep_lan_only(self.hass, self.config_entry, on=on)
        if not on:
            self._ask(self.async_refresh())
            return
        self._asked_to_sign_in = False
        async_withdraw_sign_in(self.hass, self.config_entry)
        self.update_interval = None
        self.async_set_updated_data(self._left_alone())
        await self._async_end_session()

    async def async_close(self) -> None:
        """End for good; tokens that are on their way are sealed first.

        No other session begins meanwhile: it would outlive the entry, and spend tokens that the next one has.
        """
        self._closed = True
        await self._async_end_session()

    async def _async_end_session(self) -> None:
        async with self._sessions:
            if (session := self._session) is not None:
                self._session = None
                await session.close()

    @override
    async def _async_update_data(self) -> AccountStatus:
        """Ask for the list. Failures are states, none of which is an error of Home Assistant's."""
        self.update_interval = timedelta(seconds=self._usual_wait())
        while (session := await self._async_session()) is not None:
            async_report_key_age(self.hass, self.config_entry, self._account, self._clock.time())
            try:
                found = await session.cameras()
            except CloudError as err:
                if self._is_current(session):
                    self.update_interval = timedelta(seconds=self._wait(err))
                    return self._stands(STATES.get(err.word, AccountState.FAULT))
            else:
                if self._is_current(session):
                    return self._listed(found)
        if self._closed:
            return self.data
        if self.lan_only:
            self.update_interval = None
            return self._left_alone()
        async_report_key_age(self.hass, self.config_entry, self._account, self._clock.time())
        return self._stands(AccountState.SIGNED_OUT if self._vault.is_open else AccountState.SEALED)

    def _is_current(self, session: CloudSession) -> bool:
        """Tell whether a session is the one in use: what is said of an older one says nothing of this."""
        return session is self._session and self._account is self._vault.account

    def _left_alone(self) -> AccountStatus:
        async_report_key_age(self.hass, self.config_entry, None, self._clock.time())
        return self._stands(AccountState.LAN_ONLY)

    async def _async_session(self) -> CloudSession | None:
        """Return the session of the account that the vault holds at this moment; None for none."""
        if self._account is not self._vault.account:
            await self._async_end_session()
            self._account = self._vault.account
            self._asked_to_sign_in = False
        async with self._sessions:
            return self._session_now()

    @callback
    def _session_now(self) -> CloudSession | None:
        if self._closed or self.lan_only:
            return None
        if self._session is None and self._account is not None:
            self._session = CloudSession(
                self._shared.cloud_client(),
                self._account,
                on_tokens=self._async_keep,
                policy=self._shared.environment.refresh,
                renewals=Renewals.from_json(self._vault.memory.get(RENEWALS)),
                on_renewals=self._async_remember,
            )
        return self._session

    async def _async_keep(self, tokens: Tokens) -> None:
        """Seal renewed tokens, unless somebody has signed in anew meanwhile; raises VaultError."""
        if (before := self._account) is None:
            return
        after = replace(before, tokens=tokens)
        await self._vault.async_put_account(after, instead_of=before)
        if self._vault.account is after:
            self._account = after

    async def _async_remember(self, renewals: Renewals) -> None:
        """Keep how far the renewing has come over a restart; raises VaultError."""
        if self._account is self._vault.account:
            await self._vault.async_put_memory(RENEWALS, {**renewals.to_json()})

    def _listed(self, found: CameraList) -> AccountStatus:
        listed, unreadable = read_list(found, self._catalog, self._shared.installation)
        if not is_familiar(listed, camera_items(self.config_entry)):
            return self._stands(AccountState.UNFAMILIAR)
        self.cameras.async_take(listed)
        self._stands(AccountState.SIGNED_IN)
        counts = replace(self.cameras.counts(), others=found.others, unreadable=unreadable)
        return self.data.listed(counts, dt_util.utcnow())

    @callback
    def _async_on_proofs(self) -> None:
        """Count anew: cameras have joined, or are reached in another way."""
        before = self.data.counts
        counts = replace(self.cameras.counts(), others=before.others, unreadable=before.unreadable)
        self.data = replace(self.data, counts=counts)
        self.async_update_listeners()

    @callback
    def _stands(self, state: AccountState) -> AccountStatus:
        """Return the status; says it once when things go wrong and once when they are well again."""
        before = self.data.state
        if state in WELL and before not in WELL:
            LOGGER.info("An account is as it should be again")
        elif state not in WELL and before in WELL:
            LOGGER.warning("An account is not as it should be (%s); pictures do not depend on it", state)
        if state is AccountState.SIGNED_OUT and not self._asked_to_sign_in:
            self._ask_to_sign_in()
        return self.data.becomes(state, dt_util.utcnow())

    @callback
    def _ask_to_sign_in(self) -> None:
        """Ask once; Home Assistant does not while Reconfigure is open, or was left lying: then later."""
        entry = self.config_entry
        if not any(entry.async_get_active_flows(self.hass, {SOURCE_RECONFIGURE})):
            self._asked_to_sign_in = True
            entry.async_start_reauth_if_available(self.hass)

    @callback
    def async_ask_again(self) -> None:
        """Ask anew: whoever came to sign in has done so elsewhere."""
        self._asked_to_sign_in = False
        if self.data.state is AccountState.SIGNED_OUT:
            self._ask_to_sign_in()

    def _usual_wait(self) -> float:
        return LIST_SECONDS * (1 + self._shared.environment.random.uniform(-JITTER, JITTER))

    def _wait(self, err: CloudError) -> float:
        """Return how many seconds to wait after a failure."""
        usual = self._usual_wait()
        if err.retry_at is None:
            return usual
        told = min(max(err.retry_at - self._clock.time(), 0.0) * 1.02 + 0.1, LONGEST_WAIT)
        # A session that is refused is renewed as soon as it may be; any other limit is never undercut.
        return told if err.word is CloudReason.TOKEN_REFUSED else max(usual, told)
