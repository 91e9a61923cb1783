"""The vault of an entry: what is put into it is there after a start, what is taken out is nowhere."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.engine.model import Account, DeveloperKey, Secret, Tokens
from custom_components.wyze_local.engine.vault import NO_LOGINS, LanLogin, Logins, VaultError
from custom_components.wyze_local.entry_vault import EntryVault
from custom_components.wyze_local.keys import async_get_keys, vault_path

ID = "5" * 32
ACCOUNT = Account(
    user_id=Secret("0123456789abcdef"),
    email=Secret("canary@example.org"),
    key=DeveloperKey(Secret("key-id"), Secret("canary-api-key")),
    key_since=1_790_000_000,
    phone_id=Secret("phone"),
    tokens=Tokens(Secret("first access"), Secret("first refresh"), 1_795_000_000),
)
ROTATED = replace(ACCOUNT, tokens=Tokens(Secret("next access"), Secret("next refresh"), 1_796_000_000))
LOGINS = Logins(lan=LanLogin(Secret("viewer"), Secret("0f" * 16)))


@pytest.fixture
async def vault(hass: HomeAssistant) -> EntryVault:
    """Return a vault with an account in it."""
    vault = EntryVault(hass, ID)
    await vault.async_create(LOGINS, ACCOUNT)
    return vault


async def _anew(hass: HomeAssistant) -> EntryVault:
    """Return the vault as the next start would find it."""
    vault = EntryVault(hass, ID)
    await vault.async_load()
    return vault


def _spoil(path: Path) -> None:
    path.write_bytes(b"{}")


async def test_an_account_is_there_after_a_start(hass: HomeAssistant, vault: EntryVault) -> None:
    """Whoever signed in stays signed in."""
    assert vault.account == ACCOUNT
    found = await _anew(hass)
    assert found.account == ACCOUNT
    assert found.logins == LOGINS


async def test_new_tokens_survive_a_damaged_file(hass: HomeAssistant, vault: EntryVault) -> None:
    """The previous version knows the tokens that the vendor takes, not the ones that it ended."""
    await vault.async_put_account(ROTATED)
    assert vault.account == ROTATED
    await hass.async_add_executor_job(_spoil, vault_path(hass, ID))
    found = await _anew(hass)
    assert found.account == ROTATED
    assert found.logins == LOGINS


async def test_what_was_sealed_elsewhere_meanwhile_is_not_undone(
    hass: HomeAssistant, vault: EntryVault
) -> None:
    """A window seals a new session while the entry, which has read its vault already, is still starting."""
    starting = await _anew(hass)
    before = starting.account
    await vault.async_put_account(ROTATED)
    await starting.async_put_memory("uplink", {"tries": 1})
    await vault.async_put_logins(NO_LOGINS)
    await starting.async_put_account(replace(ACCOUNT, email=Secret("late")), instead_of=before)
    for one in (starting, await _anew(hass)):
        assert one.account == ROTATED
        assert one.memory == {"uplink": {"tries": 1}}
        assert one.logins == NO_LOGINS


async def test_an_erased_account_is_in_neither_version(hass: HomeAssistant, vault: EntryVault) -> None:
    """Signing out leaves nothing to sign in with."""
    await vault.async_put_account(ROTATED)
    await vault.async_put_account(None)
    assert vault.account is None
    assert (await _anew(hass)).account is None
    await hass.async_add_executor_job(_spoil, vault_path(hass, ID))
    found = await _anew(hass)
    assert found.account is None
    assert found.logins == LOGINS


async def test_whoever_writes_first_into_a_shut_vault_keeps_the_rest(
    hass: HomeAssistant, vault: EntryVault
) -> None:
    """Logins and cameras are written from what the file holds, not from an empty memory."""
    other = EntryVault(hass, ID)
    await other.async_put_logins(NO_LOGINS)
    assert (await _anew(hass)).account == ACCOUNT


async def test_what_could_not_be_written_is_not_taken_for_kept(
    hass: HomeAssistant, vault: EntryVault
) -> None:
    """The account in memory is the one on disk, whatever fails."""
    Path(hass.config.cache_path("wyze_local", "key")).chmod(0o644)
    with pytest.raises(VaultError):
        await vault.async_put_account(ROTATED)
    assert vault.account == ACCOUNT


async def test_starting_over_forgets_the_account(hass: HomeAssistant, vault: EntryVault) -> None:
    """An empty vault is empty."""
    await vault.async_put_memory("uplink", {"tries": 3})
    await vault.async_start_over()
    assert vault.account is None
    assert vault.memory == {}
    assert (await _anew(hass)).account is None


async def test_what_was_seen_is_there_after_a_start(hass: HomeAssistant, vault: EntryVault) -> None:
    """A restart forgets nothing, and the account beside it stays."""
    assert vault.memory == {}
    await vault.async_put_memory("uplink", {"tries": 3})
    await vault.async_put_memory("renewals", [1])
    assert vault.memory == {"uplink": {"tries": 3}, "renewals": [1]}
    found = await _anew(hass)
    assert found.memory == vault.memory
    assert found.account == ACCOUNT
    await found.async_put_memory("uplink", None)
    await found.async_put_account(ROTATED)
    assert (await _anew(hass)).memory == {"renewals": [1]}, "other tokens are no other account"


async def test_what_is_known_is_not_written_again(hass: HomeAssistant, vault: EntryVault) -> None:
    """A disk is spared what says nothing new."""
    await vault.async_put_memory("uplink", {"tries": 3})
    before = await hass.async_add_executor_job(vault_path(hass, ID).read_bytes)
    await vault.async_put_memory("uplink", {"tries": 3})
    assert await hass.async_add_executor_job(vault_path(hass, ID).read_bytes) == before


@pytest.mark.parametrize("next_one", [None, replace(ACCOUNT, user_id=Secret("fedcba9876543210"))])
async def test_another_account_begins_with_an_empty_memory(
    hass: HomeAssistant, vault: EntryVault, next_one: Account | None
) -> None:
    """What was seen around an account ends with it, in both versions of the file."""
    await vault.async_put_memory("uplink", {"tries": 3})
    await vault.async_put_account(next_one)
    assert vault.memory == {}
    assert (await _anew(hass)).memory == {}
    await hass.async_add_executor_job(_spoil, vault_path(hass, ID))
    assert (await _anew(hass)).memory == {}


async def test_without_an_account_nothing_is_remembered(hass: HomeAssistant, vault: EntryVault) -> None:
    """Whoever comes late with what was seen around an account that is gone writes nothing."""
    await vault.async_put_account(None)
    await vault.async_put_memory("uplink", {"tries": 3})
    assert (await _anew(hass)).memory == {}


async def test_what_could_not_be_remembered_is_not_taken_for_known(
    hass: HomeAssistant, vault: EntryVault
) -> None:
    """The memory is the one on disk, whatever fails."""
    with pytest.raises(VaultError, match="vault too large"):
        await vault.async_put_memory("uplink", "x" * (64 * 1024))
    Path(hass.config.cache_path("wyze_local", "key")).chmod(0o644)
    with pytest.raises(VaultError):
        await vault.async_put_memory("uplink", {"tries": 3})
    assert vault.memory == {}


async def test_who_gives_up_a_write_is_waited_for(hass: HomeAssistant, vault: EntryVault) -> None:
    """A thread that goes on writing what it read before does not undo what comes after it."""
    slow = hass.async_create_task(vault.async_set_passphrase(Secret("tram otter violet basin")))
    async with asyncio.timeout(10):
        while not async_get_keys(hass).lock.locked():
            await asyncio.sleep(0)
    # Argon2id takes a while, and comes after the reading, which is over when others have read as often.
    for _ in range(20):
        await hass.async_add_executor_job(vault_path(hass, ID).read_bytes)
    slow.cancel()
    await vault.async_put_account(ROTATED)
    async with asyncio.timeout(10):
        while not (found := await _anew(hass)).has_passphrase:
            await asyncio.sleep(0.02)
    assert found.account == ROTATED
