"""The vault of one entry, with what it holds in memory."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Self

from homeassistant.core import HomeAssistant

from .engine.model import Account, Secret
from .engine.vault import (
    JSON,
    NO_LOGINS,
    CameraRecord,
    LoadedVault,
    Logins,
    VaultError,
    VaultReason,
    account_from_payload,
    logins_from_payload,
    memory_from_payload,
    records_from_payload,
    records_to_payload,
    remembered,
)
from .keys import async_get_keys

UNUSABLE_KEY = frozenset({VaultReason.KEY_DAMAGED, VaultReason.KEY_NOT_A_FILE})
"""What a key file can be that no waiting and no mending of modes makes good again."""


@dataclass(frozen=True, slots=True)
class _Content:
    """All that a vault holds. It is replaced as a whole, when it has been written."""

    records: Mapping[str, CameraRecord] = field(default_factory=dict)
    logins: Logins = NO_LOGINS
    account: Account | None = None
    memory: Mapping[str, JSON] = field(default_factory=dict)

    @classmethod
    def of(cls, payload: dict[str, JSON]) -> Self:
        """Return what a payload says; raises VaultError."""
        records = {record.camera.key: record for record in records_from_payload(payload)}
        return cls(
            records,
            logins_from_payload(payload),
            account_from_payload(payload),
            memory_from_payload(payload),
        )

    def payload(self) -> dict[str, JSON]:
        """Return what is to be sealed; raises VaultError."""
        return records_to_payload(self.records.values(), self.logins, self.account, self.memory)


class EntryVault:
    """The vault of one entry, with its records in memory. Files are touched in executor threads only."""

    def __init__(self, hass: HomeAssistant, vault_id: str) -> None:
        """Remember where the files are."""
        self._vault_id = vault_id
        self._keys = async_get_keys(hass)
        self._vault = self._keys.vault(vault_id)
        self._held = _Content()
        self._seen = 0
        """How often the file had been written when it was last read or written here."""
        self.has_passphrase = False
        """Whether a recovery passphrase opens the vault; known as soon as it was tried to open it."""
        self.is_open = False
        self.opened_late: Callable[[bool], None] | None = None
        """Called when a change could open a vault that was shut so far, with what `async_load` returns."""

    @asynccontextmanager
    async def _async_hold(self) -> AsyncGenerator[None]:
        """Touch the vault alone, with the key file where it lies now."""
        async with self._keys.lock:
            await self._keys.async_load()
            self._vault = self._keys.vault(self._vault_id)
            yield

    @property
    def records(self) -> Mapping[str, CameraRecord]:
        """The records, by camera key."""
        return self._held.records

    @property
    def logins(self) -> Logins:
        """What opens an external stream server, and our restreams to other machines."""
        return self._held.logins

    @property
    def account(self) -> Account | None:
        """The vendor account that stays signed in, if there is one."""
        return self._held.account

    @property
    def memory(self) -> Mapping[str, JSON]:
        """What was seen around the account, by name; none of it a key. Empty without an account."""
        return self._held.memory

    async def async_create(
        self,
        logins: Logins = NO_LOGINS,
        account: Account | None = None,
        records: Collection[CameraRecord] = (),
    ) -> None:
        """Create a vault; raises VaultError when one is there or it cannot be written."""
        async with self._async_hold():
            held = _Content({record.camera.key: record for record in records}, logins, account)
            await self._async_write(self._vault.create, held)
            self.is_open = True

    async def async_load(self) -> bool:
        """Open the vault; returns whether the previous version had to be used. Raises VaultError."""
        async with self._async_hold():
            return await self._async_load()

    async def async_open(self) -> None:
        """Open the vault unless it is open already; raises VaultError."""
        async with self._async_hold():
            await self._async_open()

    async def _async_open(self) -> None:
        # Whoever writes from an empty memory erases what the file holds; from an old one, what was sealed
        # since by a window that found the entry not loaded.
        if not self.is_open:
            recovered = await self._async_load()
            if self.opened_late is not None:
                self.opened_late(recovered)
        elif self._seen != self._keys.writes[self._vault_id]:
            await self._async_load()

    async def _async_load(self) -> bool:
        try:
            loaded = await self._keys.async_run(self._vault.load)
        except VaultError:
            self.has_passphrase = await self._keys.async_run(self._vault.has_passphrase)
            raise
        return self._take(loaded)

    def _take(self, loaded: LoadedVault) -> bool:
        self._held = _Content.of(loaded.payload)
        self._seen = self._keys.writes[self._vault_id]
        self.has_passphrase = loaded.has_passphrase
        self.is_open = True
        return loaded.recovered

    async def async_set_passphrase(self, passphrase: Secret | None) -> None:
        """Set or change the recovery passphrase, or remove it. Takes a quarter of a second of a thread.

        Raises VaultError: `passphrase_too_short`, `passphrase_too_long`, and as `async_put` does.
        """
        async with self._async_hold():
            await self._async_open()
            await self._keys.async_run(self._vault.set_passphrase, passphrase)
            self.has_passphrase = passphrase is not None

    async def async_recover(self, passphrase: Secret) -> None:
        """Open a vault whose key is lost by its passphrase, and seal it under this installation's key.

        Raises VaultError: `passphrase_wrong`, `passphrase_none`, what is wrong with the vault or the disk.
        """
        async with self._async_hold():
            self._take(await self._keys.async_run(self._recover, passphrase))

    def _recover(self, passphrase: Secret) -> LoadedVault:
        try:
            return self._vault.recover(passphrase)
        except VaultError as err:
            if err.reason not in UNUSABLE_KEY:
                raise
            self._vault.quarantine_key()
            return self._vault.recover(passphrase)

    async def async_put(self, record: CameraRecord, *, instead_of: CameraRecord | None = None) -> None:
        """Add or replace a record, on disk first. Raises VaultError and changes nothing when that fails.

        With `instead_of` it does nothing when another record has taken that one's place meanwhile.
        """
        async with self._async_hold():
            await self._async_open()
            camera_key = record.camera.key
            if instead_of is None or self.records.get(camera_key) is instead_of:
                records = {**self.records, camera_key: record}
                await self._async_write(self._vault.save, replace(self._held, records=records))

    async def async_put_logins(self, logins: Logins) -> None:
        """Replace the logins, on disk first; old ones are erased. Raises as `async_put` does."""
        async with self._async_hold():
            await self._async_open()
            if logins != self.logins:
                await self._async_write(self._vault.forget, replace(self._held, logins=logins))

    async def async_put_account(self, account: Account | None, *, instead_of: Account | None = None) -> None:
        """Replace the account, or erase it, on disk first. Raises as `async_put` does.

        With `instead_of` it does nothing when another account has taken that one's place meanwhile.

        Both versions of the file get the new tokens. Of the old ones the vendor takes nothing any more, so a
        previous version that holds them would cost a sign-in on the day it is needed; and of an account,
        key or address that was left nothing is to stay. What was seen around an account ends with it, and
        another one begins without.
        """
        async with self._async_hold():
            await self._async_open()
            if account != self.account and (instead_of is None or self.account is instead_of):
                memory = self.memory if _is_same(account, self.account) else {}
                held = replace(self._held, account=account, memory=memory)
                await self._async_write(self._vault.forget, held)

    async def async_put_memory(self, name: str, value: JSON) -> None:
        """Remember a value under a name, or forget it (None), on disk first; what is known is not written.

        Raises as `async_put` does, `vault_too_large` when it would be too much, and ValueError for what no
        vault holds. Without an account there is nothing to remember, and nothing is done.
        """
        async with self._async_hold():
            await self._async_open()
            if self.account is not None:
                memory = remembered(self.memory, name, value)
                if memory is not self.memory:
                    await self._async_write(self._vault.save, replace(self._held, memory=memory))

    async def async_drop(self, *camera_keys: str) -> None:
        """Erase records, on disk first and in the previous version too. Raises as `async_put` does."""
        async with self._async_hold():
            await self._async_open()
            kept = {key: record for key, record in self.records.items() if key not in camera_keys}
            if kept != self.records:
                await self._async_write(self._vault.forget, replace(self._held, records=kept))

    async def async_start_over(self) -> None:
        """Put an unreadable vault aside, kept, and begin an empty one."""
        async with self._async_hold():
            await self._keys.async_run(self._start_over)
            self.is_open, self.has_passphrase = True, False
            self._hold(_Content())

    def _start_over(self) -> None:
        self._vault.quarantine()
        try:
            self._vault.create(_Content().payload())
        except VaultError as err:
            if err.reason not in UNUSABLE_KEY:
                raise
            self._vault.quarantine_key()
            self._vault.create(_Content().payload())

    async def async_remove(self) -> None:
        """Delete the sealed file and its previous version."""
        async with self._async_hold():
            await self._keys.async_run(self._vault.remove)

    async def async_remove_key(self) -> None:
        """Delete the installation's key file; only with the last vault."""
        async with self._async_hold():
            await self._keys.async_run(self._vault.remove_key)

    async def _async_write(self, write: Callable[[dict[str, JSON]], None], held: _Content) -> None:
        """Write the whole content, and only then hold it."""
        await self._keys.async_run(write, held.payload())
        self._hold(held)

    def _hold(self, held: _Content) -> None:
        """Hold what was written, and let whoever has read the file before know that it is another."""
        self._keys.writes[self._vault_id] += 1
        self._held, self._seen = held, self._keys.writes[self._vault_id]


def _is_same(one: Account | None, other: Account | None) -> bool:
    """Tell whether an account is the one that was there before, with whatever tokens and key."""
    return one is not None and other is not None and one.user_id == other.user_id
