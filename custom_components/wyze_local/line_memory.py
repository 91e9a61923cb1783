"""What a restart must not forget of the line to the vendor: its record, in the vault of the entry."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .const import LOGGER
from .engine.uplink import Moment, Policy, Record, State, begin, record, restore
from .engine.vault import VaultError

if TYPE_CHECKING:
    from .entry_vault import EntryVault

NAME = "uplink"
"""The record's name in the vault's memory."""
GOODBYE = 10.0
"""Seconds that the last writing may take."""


class LineMemory:
    """Keeps the newest record; one writing is under way at most, however fast things change."""

    def __init__(
        self, vault: EntryVault, spawn: Callable[[Coroutine[None, None, None]], asyncio.Task[None]]
    ) -> None:
        """Write to that vault, by tasks that `spawn` starts."""
        self._vault = vault
        self._spawn = spawn
        self._wanted: Record | None = None
        """What is to be written next."""
        self._writing: asyncio.Task[None] | None = None
        self._recalled = False

    def recall(self, policy: Policy, now: Moment, rng: random.Random) -> State | None:
        """Return the state that the last run left; None when it left none, or that was asked already."""
        if self._recalled or not self._vault.is_open:
            return None
        self._recalled = True
        if (found := self._vault.memory.get(NAME)) is None:
            return None
        return restore(found, policy, now, rng)

    @callback
    def async_keep(self, state: State) -> None:
        """Write a state's record, as soon as the last writing is over."""
        self._wanted = record(state)
        if self._writing is None:
            self._writing = self._spawn(self._async_write())

    async def _async_write(self) -> None:
        try:
            while (wanted := self._wanted) is not None:
                self._wanted = None
                # The vault's JSON may hold more than a record does, so it wants a value of its own.
                await self._vault.async_put_memory(NAME, {**wanted})
        except VaultError as err:
            # The next change tries again; until then a restart knows what was written before.
            LOGGER.debug("How the line to the vendor stands could not be written down (%s)", err.reason)
        finally:
            self._writing = None

    async def async_close(self, state: State) -> None:
        """Write the last record, unless it says nothing that a restart would not assume by itself."""
        if self._is_news(state):
            self.async_keep(state)
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=GOODBYE)

    def _is_news(self, state: State) -> bool:
        if not self._recalled:
            return False
        known = self._vault.memory.get(NAME)
        before = known if isinstance(known, dict) else record(begin(state.policy, state.seen))
        after = record(state)
        return any(before.get(name) != value for name, value in after.items() if name != "saved_at")
