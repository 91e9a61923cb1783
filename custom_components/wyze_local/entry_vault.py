"""The vault of one entry, with what it holds in memory."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager

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
    records_from_payload,
    records_to_payload,
)
from .keys import async_get_keys

UNUSABLE_KEY = frozenset({VaultReason.KEY_DAMAGED, VaultReason.KEY_NOT_A_FILE})
"""What a key file can be that no waiting and no mending of modes makes good again."""


class EntryVault:
    """The vault of one entry, with its records in memory. Files are touched in executor threads only."""

    def __init__(self, hass: HomeAssistant, vault_id: str) -> None:
        """Remember where the files are."""
        self._vault_id = vault_id
        self._keys = async_get_keys(hass)
        self._vault = self._keys.vault(vault_id)
        self._records: dict[str, CameraRecord] = {}
        self.logins = NO_LOGINS
        """What opens an external stream server, and our restreams to other machines."""
        self.account: Account | None = None
        """The vendor account that stays signed in, if there is one."""
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
        return self._records

    async def async_create(
        self,
        logins: Logins = NO_LOGINS,
        account: Account | None = None,
        records: Collection[CameraRecord] = (),
    ) -> None:
        """Create a vault; raises VaultError when one is there or it cannot be written."""
        async with self._async_hold():
            payload = records_to_payload(records, logins, account)
            await self._keys.async_run(self._vault.create, payload)
            self._records = {record.camera.key: record for record in records}
            self.logins, self.account = logins, account
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
        # Whoever writes from an empty memory erases what the file holds.
        if not self.is_open:
            recovered = await self._async_load()
            if self.opened_late is not None:
                self.opened_late(recovered)

    async def _async_load(self) -> bool:
        try:
            loaded = await self._keys.async_run(self._vault.load)
        except VaultError:
            self.has_passphrase = await self._keys.async_run(self._vault.has_passphrase)
            raise
        return self._take(loaded)

    def _take(self, loaded: LoadedVault) -> bool:
        records = {record.camera.key: record for record in records_from_payload(loaded.payload)}
        logins, account = logins_from_payload(loaded.payload), account_from_payload(loaded.payload)
        self._records, self.logins, self.account = records, logins, account
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
            if instead_of is None or self._records.get(camera_key) is instead_of:
                await self._async_put_records(self._vault.save, {**self._records, camera_key: record})

    async def async_put_logins(self, logins: Logins) -> None:
        """Replace the logins, on disk first; old ones are erased. Raises as `async_put` does."""
        async with self._async_hold():
            await self._async_open()
            if logins != self.logins:
                await self._async_write(self._vault.forget, self._records, logins, self.account)
                self.logins = logins

    async def async_put_account(self, account: Account | None, *, instead_of: Account | None = None) -> None:
        """Replace the account, or erase it, on disk first. Raises as `async_put` does.

        With `instead_of` it does nothing when another account has taken that one's place meanwhile.

        Both versions of the file get the new tokens. Of the old ones the vendor takes nothing any more, so a
        previous version that holds them would cost a sign-in on the day it is needed; and of an account,
        key or address that was left nothing is to stay.
        """
        async with self._async_hold():
            await self._async_open()
            if account != self.account and (instead_of is None or self.account is instead_of):
                await self._async_write(self._vault.forget, self._records, self.logins, account)
                self.account = account

    async def async_drop(self, *camera_keys: str) -> None:
        """Erase records, on disk first and in the previous version too. Raises as `async_put` does."""
        async with self._async_hold():
            await self._async_open()
            kept = {key: record for key, record in self._records.items() if key not in camera_keys}
            if kept != self._records:
                await self._async_put_records(self._vault.forget, kept)

    async def async_start_over(self) -> None:
        """Put an unreadable vault aside, kept, and begin an empty one."""
        async with self._async_hold():
            await self._keys.async_run(self._start_over)
            self.is_open, self.has_passphrase = True, False
            self._records, self.logins, self.account = {}, NO_LOGINS, None

    def _start_over(self) -> None:
        self._vault.quarantine()
        try:
            self._vault.create(records_to_payload([]))
        except VaultError as err:
            if err.reason not in UNUSABLE_KEY:
                raise
            self._vault.quarantine_key()
            self._vault.create(records_to_payload([]))

    async def async_remove(self) -> None:
        """Delete the sealed file and its previous version."""
        async with self._async_hold():
            await self._keys.async_run(self._vault.remove)

    async def async_remove_key(self) -> None:
        """Delete the installation's key file; only with the last vault."""
        async with self._async_hold():
            await self._keys.async_run(self._vault.remove_key)

    async def _async_put_records(
        self, write: Callable[[dict[str, JSON]], None], records: dict[str, CameraRecord]
    ) -> None:
        await self._async_write(write, records, self.logins, self.account)
        self._records = records

    async def _async_write(
        self,
        write: Callable[[dict[str, JSON]], None],
        records: Mapping[str, CameraRecord],
        logins: Logins,
        account: Account | None,
    ) -> None:
        payload = records_to_payload(records.values(), logins, account)
        await self._keys.async_run(write, payload)
