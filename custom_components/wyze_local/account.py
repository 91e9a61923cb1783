"""Asks a vendor account for its cameras now and then; nothing of a camera's picture waits for the answer.

One list for all cameras, every quarter of an hour or so. What it says goes to `account_cameras.py`, which
lets cameras prove themselves before anything changes; how the asking goes is the account's status.
"""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, override

from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .account_status import STATES, WELL, AccountState, AccountStatus
from .account_trust import AccountTrust, Undecided
from .const import DOMAIN, LOGGER
from .engine.cloud import CallRecord, CameraList, CloudError, CloudReason, CloudSession, Renewals
from .engine.model import Account, Tokens
from .issues import async_report_key_age
from .ownership import Ownership

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
        self.trust = AccountTrust(
            entry, cameras, changed=self._async_on_trust, ask_owner=self._async_ask_owner
        )
        """Which cameras are ours, and how far the account's answers are trusted."""
        self.cameras = self.trust.cameras
        self._account: Account | None = None
        """The account that the session is for, as the vault has it."""
        self._session: CloudSession | None = None
        self._closed = False
        self._asked_to_sign_in = False
        self.data = AccountStatus(AccountState.CHECKING, dt_util.utcnow())

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
        self.trust.async_start()
        self.async_account_changed()

    @callback
    def async_account_changed(self) -> None:
        """Ask at once: the vault may hold another session or key, or may just have been opened."""
        self.trust.async_load()
        self.config_entry.async_create_background_task(
            self.hass, self.async_request_refresh(), name=f"{DOMAIN} account list"
        )

    async def async_close(self) -> None:
        """End for good; tokens that are on their way are sealed first.

        No other session begins meanwhile: it would outlive the entry, and spend tokens that the next one has.
        """
        self._closed = True
        await self._async_end_session()
        await self.trust.ownership.async_close()

    async def _async_end_session(self) -> None:
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
                return self._listed(await session.cameras())
            except CloudError as err:
                self.trust.async_failed(err)
                # What is said of a session tells nothing of the one that a person has begun meanwhile.
                if self._account is self._vault.account and not self._closed:
                    self.update_interval = timedelta(seconds=self._wait(err))
                    return self._stands(STATES.get(err.word, AccountState.FAULT))
        if self._closed:
            return self.data
        async_report_key_age(self.hass, self.config_entry, self._account, self._clock.time())
        return self._stands(AccountState.SIGNED_OUT if self._vault.is_open else AccountState.SEALED)

    async def _async_session(self) -> CloudSession | None:
        """Return the session of the account that the vault holds at this moment; None for none."""
        if self._account is not self._vault.account:
            await self._async_end_session()
            self._account = self._vault.account
            self._asked_to_sign_in = False
        if self._closed:
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
        judged = self.trust.async_judge(found)
        if judged.state is not AccountState.SIGNED_IN:
            return self._stands(judged.state)
        return self.data.listed(self.trust.list_counts(), dt_util.utcnow())

    async def _async_ask_owner(self) -> None:
        """Ask whose account it is: without that, answers that were not ours are not believed again."""
        if (session := await self._async_session()) is None or self._account is None:
            return
        try:
            self.trust.async_judge_user(await session.user(), self._account)
        except CloudError as err:
            LOGGER.debug("Whose account it is could not be asked (%s)", err.reason)

    # What a person says

    @property
    def waiting(self) -> Undecided:
        """The cameras of which only a person knows whose they are."""
        return self.trust.waiting

    @property
    def ownership(self) -> Ownership:
        """Which cameras are ours."""
        return self.trust.ownership

    async def async_release(self) -> None:
        """Take it that the account's answers are right again."""
        self.trust.async_release()
        await self.async_refresh()

    async def async_try_waiting(self) -> None:
        """Let everything prove itself that the next list holds."""
        await self.trust.async_try_waiting(self.async_refresh)

    async def async_refuse_waiting(self) -> None:
        """Have nothing to do with the cameras that wait."""
        self.trust.async_refuse_waiting()
        self._async_on_trust()

    @callback
    def _async_on_trust(self) -> None:
        """Count anew: cameras have joined, or are reached or trusted in another way."""
        self.data = replace(self.data, counts=self.trust.list_counts())
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
