"""The session of the account that an entry's vault holds: one at a time, and none while none is wanted."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .engine.cloud import CallRecord, CloudSession, Renewals
from .engine.model import Account, Tokens
from .lan_only import is_lan_only

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry
    from .entry_vault import EntryVault
    from .shared import Shared

RENEWALS = "renewals"
"""Where the vault remembers how the session's renewal goes."""


class AccountSessions:
    """Begins and ends the sessions of one entry."""

    def __init__(self, entry: WyzeLocalConfigEntry, vault: EntryVault, shared: Shared) -> None:
        """Prepare; no session begins before it is asked for."""
        self._entry = entry
        self._vault = vault
        self._shared = shared
        self.account: Account | None = None
        """The account that the session is for, as the vault has it."""
        self._session: CloudSession | None = None
        self._lock = asyncio.Lock()
        """Held while a session ends: the next one must not begin with tokens that this one still renews."""
        self.closed = False
        """Whether there will be none any more."""

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The newest calls of the session, oldest first."""
        return tuple(self._session.calls) if self._session else ()

    def is_current(self, session: CloudSession) -> bool:
        """Tell whether a session is the one in use: what is said of an older one says nothing of this."""
        return session is self._session and self.account is self._vault.account

    async def async_get(self) -> CloudSession | None:
        """Return the session of the account that the vault holds at this moment; None for none."""
        if self.account is not self._vault.account:
            await self.async_end()
            self.account = self._vault.account
        async with self._lock:
            return self._session_now()

    @callback
    def _session_now(self) -> CloudSession | None:
        if self.closed or is_lan_only(self._entry):
            return None
        if self._session is None and self.account is not None:
            self._session = CloudSession(
                self._shared.cloud_client(),
                self.account,
                on_tokens=self._async_keep,
                policy=self._shared.environment.refresh,
                renewals=Renewals.from_json(self._vault.memory.get(RENEWALS)),
                on_renewals=self._async_remember,
            )
        return self._session

    async def _async_keep(self, tokens: Tokens) -> None:
        """Seal renewed tokens, unless somebody has signed in anew meanwhile; raises VaultError."""
        if (before := self.account) is None:
            return
        after = replace(before, tokens=tokens)
        await self._vault.async_put_account(after, instead_of=before)
        if self._vault.account is after:
            self.account = after

    async def _async_remember(self, renewals: Renewals) -> None:
        """Keep how far the renewing has come over a restart; raises VaultError."""
        if self.account is self._vault.account:
            await self._vault.async_put_memory(RENEWALS, {**renewals.to_json()})

    async def async_end(self) -> None:
        """End the session; tokens that are on their way are sealed first, within 36 seconds."""
        async with self._lock:
            if (session := self._session) is not None:
                self._session = None
                await session.close()

    async def async_close(self) -> None:
        """End for good.

        No other session begins meanwhile: it would outlive the entry, and spend tokens that the next one has.
        """
        self.closed = True
        await self.async_end()
