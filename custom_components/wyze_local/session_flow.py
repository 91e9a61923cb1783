"""What a flow does with a session that a sign-in gave: fetches the cameras by it, or seals it for its entry.

A session that is to stay is sealed before it is used, and then it is the entry's: the vendor ends a pair of
tokens as soon as it is renewed, so nobody may come later with the pair that a window began with.
"""

from typing import override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.core import callback

from .account import AccountCoordinator
from .account_form import cloud_error
from .account_list import quality_of
from .account_offers import Offer, make_offers, without_mixed_up
from .account_save import async_renew, async_return_keys, has_lost_keys, opened
from .cameras import own_entries
from .const import ACCOUNT_SIGNED_IN, CONF_ACCOUNT
from .engine.catalog import Catalog
from .engine.cloud import CameraList, CloudError
from .engine.model import Account
from .engine.ownership import Quality
from .engine.uplink import Call
from .engine.vault import VaultError
from .line_status import Answer
from .shared import async_get_shared
from .sign_in_flow import SignInSteps


class SessionSteps(SignInSteps):
    """What the steps after a sign-in have in common."""

    def __init__(self) -> None:
        """Begin without a session."""
        super().__init__()
        self._account: Account | None = None
        self._offers: list[Offer] | None = None
        self._only_session = False
        self._mistaken: ConfigEntry | None = None

    @property
    def _keeps_session(self) -> bool:
        """Whether the account stays signed in."""
        return self._keep if self._entry is None else self._entry.data[CONF_ACCOUNT] == ACCOUNT_SIGNED_IN

    @callback
    @override
    def async_remove(self) -> None:
        """See that an account is asked for again whose session nobody has renewed after all."""
        if (entry := self._mistaken) is not None and entry.state is ConfigEntryState.LOADED:
            entry.runtime_data.account.async_ask_again()

    @callback
    def _async_end_requests(self, entry: ConfigEntry) -> None:
        """Ask nobody any more to sign in again: it is done."""
        for flow in tuple(entry.async_get_active_flows(self.hass, {SOURCE_REAUTH})):
            if flow["flow_id"] != self.flow_id:
                self.hass.config_entries.flow.async_abort(flow["flow_id"])

    async def _async_fetch(self, account: Account | None) -> dict[str, str]:
        """Ask for the cameras; a one-time sign-in ends with that. Returns form errors."""
        assert account is not None
        shared = await async_get_shared(self.hass)
        try:
            found = await self.async_ask(shared.cloud_client().cameras(account.tokens, account.phone_id))
        except CloudError as err:
            return {"base": cloud_error(err, shared.environment.clock.time(), self._placeholders)}
        if quality_of(found.heard) is not Quality.FRESH:
            return {"base": "answers_old"}
        if self._is_foreign(found):
            return {"base": "answers_not_yours"}
        catalog = await self.hass.async_add_executor_job(Catalog.load)
        entries = own_entries(self.hass)
        self._offers = without_mixed_up(self.hass, make_offers(found, catalog, shared.installation, entries))
        if not self._keeps_session:
            # The vendor has no call that ends a session: forgetting its tokens is all there is.
            self._account = None
        return {}

    @callback
    def _is_foreign(self, found: CameraList) -> bool:
        """Tell whether a list is known not to be this person's: then nothing of it may be on a page.

        What they do not tick would count as theirs, to be left out. Then a list of nothing but a stranger's
        cameras would be theirs as well.
        """
        if (entry := self._entry) is None or entry.state is not ConfigEntryState.LOADED:
            return False
        account: AccountCoordinator | None = entry.runtime_data.account
        if account is None or not account.trust.is_foreign(found):
            return False
        # It counts as a list that the account asked for itself.
        account.line.answered(Call.LIST, Answer(account.trust.async_judge(found).outcome))
        return account.trust.is_foreign(found)

    async def _async_renew(self, entry: ConfigEntry) -> dict[str, str]:
        """Let a known account go on with the new session; returns form errors.

        The session first, so that it is not lost with what fails afterwards: then cameras without keys get
        theirs.
        """
        try:
            await self._async_seal_session(entry)
            vault = opened(self.hass, entry)
            await vault.async_open()
            if has_lost_keys(entry, vault):
                if errors := await self._async_fetch(vault.account):
                    return errors
                await async_return_keys(self.hass, entry, self._offers or ())
        except VaultError as err:
            return {"base": f"vault_{err.reason}"}
        return {}

    async def _async_seal_session(self, entry: ConfigEntry) -> None:
        """Seal the new session, once: its tokens may have been renewed by the next try. Raises VaultError."""
        if self._account is not None:
            await async_renew(self.hass, entry, self._account)
            self._account = None
            self._async_end_requests(entry)
