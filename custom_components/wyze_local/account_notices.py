"""What is said of an account unasked: a line in the log, and a page that asks to sign in again."""

from typing import TYPE_CHECKING

from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant, callback

from .account_status import OF_THE_LINE, WELL, AccountState
from .const import LOGGER
from .engine.model import Account

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry


class AccountNotices:
    """Says each thing once."""

    def __init__(self, hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
        """Begin with nothing said."""
        self._hass = hass
        self._entry = entry
        self._told = False
        """Whether the log says that something is wrong."""
        self._asked_for: object = self
        """The account that somebody was asked to sign in to, if anybody was."""

    @callback
    def note(self, state: AccountState, account: Account | None) -> None:
        """Say once when things go wrong and once when they are well again; what the line tells is its own."""
        if state in WELL and self._told:
            self._told = False
            LOGGER.info("An account is as it should be again")
        elif state not in WELL | OF_THE_LINE and not self._told:
            self._told = True
            LOGGER.warning("An account is not as it should be (%s); pictures do not depend on it", state)
        if state is AccountState.SIGNED_OUT and self._asked_for is not account:
            self._ask(account)

    @callback
    def async_forget(self) -> None:
        """Let the next time be the first one to ask somebody to sign in."""
        self._asked_for = self

    @callback
    def _ask(self, account: Account | None) -> None:
        """Ask once; Home Assistant does not while Reconfigure is open, or was left lying: then later."""
        if not any(self._entry.async_get_active_flows(self._hass, {SOURCE_RECONFIGURE})):
            self._asked_for = account
            self._entry.async_start_reauth_if_available(self._hass)
