"""Keeps what a sign-in brought: sealed first, then told to Home Assistant, and nothing is reloaded for it."""

import contextlib
import secrets
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback

from .account_form import masked
from .account_offers import Offer, held_now, watched_data
from .cameras import all_cameras, own_entries
from .const import (
    ACCOUNT_ONE_TIME,
    ACCOUNT_SIGNED_IN,
    CONF_ACCOUNT,
    CONF_CAMERAS,
    CONF_IGNORED,
    CONF_LAN_ONLY,
    CONF_MAC_HASH,
    CONF_MODEL,
    CONF_VAULT_ID,
)
from .engine.model import Account, Camera, Secret, new_camera_key
from .engine.vault import CameraRecord, Logins, VaultError, check_passphrase
from .entry import WyzeLocalConfigEntry
from .entry_vault import EntryVault
from .issues import async_report_keys_missing
from .moving_here import async_move_here, renewed_record
from .status import AVAILABLE

ONE_TIME_TITLE = "Wyze cameras"


def new_record(offer: Offer) -> CameraRecord:
    """Return what the vault is to hold of a camera that nobody has yet: it has not proved itself here."""
    assert offer.credentials is not None
    return CameraRecord(
        camera=Camera(new_camera_key(), offer.name, offer.credentials, proven=False),
        token=Secret(secrets.token_hex(16)),
    )


def kept_data(
    offer: Offer, before: Mapping[str, Any] | None = None, watched: Collection[str] | None = None
) -> dict[str, Any]:
    """Return what Home Assistant keeps of a camera; what was chosen for it before stays."""
    assert offer.credentials is not None
    return {
        CONF_NAME: offer.name,
        **(before or {}),
        **watched_data(offer, watched),
        CONF_MAC_HASH: offer.fingerprint,
        CONF_MODEL: offer.credentials.model,
    }


def opened(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> EntryVault:
    """Return the vault of a loaded entry, or one of our own for one that is not."""
    if entry.state is ConfigEntryState.LOADED:
        return entry.runtime_data.vault
    return EntryVault(hass, entry.data[CONF_VAULT_ID])


@contextlib.asynccontextmanager
async def _async_alone(entry: WyzeLocalConfigEntry) -> AsyncGenerator[None]:
    """Let nobody else change a running entry's cameras meanwhile."""
    async with (
        entry.runtime_data.lock if entry.state is ConfigEntryState.LOADED else contextlib.nullcontext()
    ):
        yield


async def async_save_chosen(
    hass: HomeAssistant,
    entry: WyzeLocalConfigEntry,
    offers: Collection[Offer],
    chosen: frozenset[str],
    watched: frozenset[str] | None,
) -> None:
    """Let an entry have the chosen cameras of its account, and leave the others alone. Raises VaultError.

    `watched` are those to be watched for motion; None leaves that as it is.
    What the account's answer does not offer at all stays as it is: an answer removes nothing.
    """
    vault = opened(hass, entry)
    await vault.async_open()
    changed: list[str] = []
    async with _async_alone(entry):
        sealed: dict[str, str] = {}
        for offer in held_now(offers, own_entries(hass)):
            if offer.choosable and offer.holder in (None, entry) and offer.fingerprint in chosen:
                sealed[offer.fingerprint] = await _async_seal(entry, vault, offer, changed)
        # From here to the entry's change nothing else runs: what happened during the writing counts.
        now = held_now(offers, own_entries(hass))
        data = _data_with(entry, now, sealed, watched)
        hass.config_entries.async_update_entry(entry, data=data)
        await vault.async_drop(*(key for key in sealed.values() if key not in data[CONF_CAMERAS]))
        await _async_follow(hass, entry, changed)
    wanted = [offer for offer in now if offer.holder not in (None, entry) and offer.fingerprint in chosen]
    await async_move_here(hass, entry, wanted)


@callback
def _data_with(
    entry: WyzeLocalConfigEntry,
    offers: Iterable[Offer],
    sealed: Mapping[str, str],
    watched: Collection[str] | None,
) -> dict[str, Any]:
    """Return what the entry is to keep, with the chosen cameras, whose keys are sealed under these names."""
    cameras: dict[str, Any] = dict(entry.data[CONF_CAMERAS])
    ignored = set(entry.data[CONF_IGNORED])
    for offer in offers:
        if not offer.choosable or offer.holder not in (None, entry):
            continue
        if (key := sealed.get(offer.fingerprint)) is not None:
            ignored.discard(offer.fingerprint)
            cameras[key] = kept_data(offer, cameras.get(key), watched)
        else:
            ignored.add(offer.fingerprint)
            if offer.item is not None:
                cameras.pop(offer.item.key, None)
    return {**entry.data, CONF_CAMERAS: cameras, CONF_IGNORED: sorted(ignored)}


async def _async_seal(
    entry: WyzeLocalConfigEntry, vault: EntryVault, offer: Offer, changed: list[str]
) -> str:
    """Seal a camera's keys and return its key; notes one whose keys are others than before."""
    if (item := offer.item) is None:
        record = new_record(offer)
        await vault.async_put(record)
        return record.camera.key
    known = vault.records.get(item.key)
    record = renewed_record(item, offer, known)
    if record is not known and not (known is not None and _keeps_keys(entry, known)):
        await vault.async_put(record)
        changed.append(item.key)
    return item.key


def _keeps_keys(entry: WyzeLocalConfigEntry, known: CameraRecord) -> bool:
    """Tell whether a camera's keys give way to no list: a tick says that it is wanted, not what opens it.

    Whoever follows an account lets the camera itself prove other ones. Where nobody does, a camera that is
    well keeps its keys.
    """
    if entry.state is not ConfigEntryState.LOADED:
        return False
    if entry.runtime_data.account is not None:
        return True
    status = entry.runtime_data.coordinator.data.get(known.camera.key)
    return known.camera.proven and status is not None and status.connection in AVAILABLE


async def async_renew(hass: HomeAssistant, entry: WyzeLocalConfigEntry, account: Account) -> None:
    """Let an entry go on with a new session. Raises VaultError; no picture ends for it.

    Once it is sealed it is the entry's: its tokens may be others a moment later.
    """
    await opened(hass, entry).async_put_account(account)
    if entry.state is not ConfigEntryState.LOADED:
        hass.config_entries.async_schedule_reload(entry.entry_id)
    elif (follower := entry.runtime_data.account) is not None:
        follower.async_account_changed()


async def async_return_keys(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, offers: Iterable[Offer]
) -> None:
    """Give cameras whose keys are lost the ones that the account shows for them. Raises VaultError.

    They are recognised by their keyed hash, so they stay the same cameras with the same entities.
    """
    vault = opened(hass, entry)
    await vault.async_open()
    changed: list[str] = []
    async with _async_alone(entry):
        for offer in held_now(offers, [entry]):
            lost = offer.item is not None and offer.item.key not in vault.records
            if lost and offer.credentials is not None:
                await _async_seal(entry, vault, offer, changed)
        await _async_follow(hass, entry, changed)


def has_lost_keys(entry: WyzeLocalConfigEntry, vault: EntryVault) -> bool:
    """Tell whether an entry has cameras whose keys its vault, which is open, does not hold."""
    return any(key not in vault.records for key in entry.data[CONF_CAMERAS])


async def _async_follow(hass: HomeAssistant, entry: WyzeLocalConfigEntry, changed: Iterable[str]) -> None:
    """Let a running entry use other keys of cameras that it has; any other begins anew."""
    if entry.state is not ConfigEntryState.LOADED:
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
    for camera_key in changed:
        await entry.runtime_data.coordinator.async_change(camera_key)
    async_report_keys_missing(hass, entry)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that is about to become an entry."""

    vault_id: str
    title: str
    data: dict[str, Any]
    account: Account | None
    """None when it does not stay signed in: then nothing of it is kept."""
    records: tuple[CameraRecord, ...]
    moving: tuple[Offer, ...]
    """Cameras that another entry has and that are to move here."""

    @classmethod
    def of(
        cls,
        account: Account | None,
        offers: Iterable[Offer],
        chosen: frozenset[str],
        watched: frozenset[str] | None,
        *,
        lan_only: bool,
    ) -> Self:
        """Return what a person's choice comes to."""
        offered = [offer for offer in offers if offer.choosable]
        wanted = [offer for offer in offered if offer.fingerprint in chosen]
        mine = [(new_record(offer), offer) for offer in wanted if offer.holder is None]
        vault_id = secrets.token_hex(16)
        data: dict[str, Any] = {
            CONF_VAULT_ID: vault_id,
            CONF_ACCOUNT: ACCOUNT_ONE_TIME if account is None else ACCOUNT_SIGNED_IN,
            CONF_CAMERAS: {record.camera.key: kept_data(offer, watched=watched) for record, offer in mine},
            CONF_IGNORED: sorted(
                offer.fingerprint
                for offer in offered
                if offer.fingerprint not in chosen and offer.holder is None
            ),
        }
        if account is not None and lan_only:
            data[CONF_LAN_ONLY] = True
        return cls(
            vault_id,
            ONE_TIME_TITLE if account is None else masked(account.email),
            data,
            account,
            tuple(record for record, _ in mine),
            tuple(offer for offer in wanted if offer.holder is not None),
        )

    async def async_seal(self, hass: HomeAssistant, logins: Logins, passphrase: Secret | None) -> None:
        """Make the vault; raises VaultError, and then there is none."""
        vault = EntryVault(hass, self.vault_id)
        try:
            if passphrase is not None:
                check_passphrase(passphrase)
            await vault.async_create(logins, self.account, self.records)
            if passphrase is not None:
                await vault.async_set_passphrase(passphrase)
        except VaultError:
            await vault.async_remove()
            raise

    async def async_let_go(self, hass: HomeAssistant) -> bool:
        """Delete the vault again if somebody else has one of its cameras by now; returns whether it is so."""
        mine = {one[CONF_MAC_HASH] for one in self.data[CONF_CAMERAS].values()}
        if mine.isdisjoint(item.mac_hash for item in all_cameras(hass)):
            return False
        await EntryVault(hass, self.vault_id).async_remove()
        return True
