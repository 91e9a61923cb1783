"""The vault of one entry: a sealed file, its previous version, and what opens them.

Everything here blocks on the disk, or on Argon2id, and belongs into an executor thread.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..model import Secret
from .disk import Disk
from .envelope import VAULT_ID, Header, Sealed, new_header, parse, seal, unseal, unseal_by_passphrase
from .errors import VaultError, VaultReason, os_errors_translated
from .keyfile import InstallationKey, KeyPlaces, find_key, load_or_create_key
from .pair import Pair, put_aside, remove_all
from .slot import Slot, new_slot
from .strict import JSON

# What the previous version may help against. Not against a file of a newer program: that one is good.
_CURABLE = frozenset(
    {
        VaultReason.VAULT_MISSING,
        VaultReason.VAULT_DAMAGED,
        VaultReason.VAULT_FOREIGN,
        VaultReason.VAULT_TOO_LARGE,
        VaultReason.VAULT_NOT_A_FILE,
        VaultReason.KEY_WRONG,
        VaultReason.PASSPHRASE_WRONG,
        VaultReason.PASSPHRASE_NONE,
    }
)


@dataclass(frozen=True, slots=True)
class LoadedVault:
    """What an opened vault holds. Prints without the payload."""

    payload: dict[str, JSON] = field(repr=False)
    recovered: bool = False
    """Whether the current file could not be opened and this is the previous version."""
    has_passphrase: bool = False
    """Whether a recovery passphrase opens it, too."""


@dataclass(frozen=True, slots=True)
class _Opened:
    data: bytes = field(repr=False)
    header: Header
    payload: dict[str, JSON] = field(repr=False)
    recovered: bool
    key: InstallationKey | None = None


class Vault:
    """The sealed file of one entry.

    `path` is the file, `path` + `.prev` its previous version; `places` say where the key file is that all
    entries of an installation share; `vault_id` (letters, digits, `-`, `_`) is bound into the seal, so that
    another entry's file is refused. All methods raise VaultError only (and ValueError for a payload that
    is no plain JSON: fractions, keys that are no strings). A file that cannot be opened
    is never overwritten. Several writers do not damage the file: the last one wins.
    """

    def __init__(
        self,
        path: Path,
        places: KeyPlaces,
        vault_id: str,
        *,
        disk: Disk | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Remember where the files are; touches nothing. Raises ValueError for an impossible id."""
        if not VAULT_ID.fullmatch(vault_id):
            raise ValueError("not a vault id")
        self._disk = disk or Disk()
        self._pair = Pair(self._disk, path)
        self._places = places
        self._vault_id = vault_id
        self._random = random

    def exists(self) -> bool:
        """Tell whether the vault or its previous version is there, openable or not."""
        with os_errors_translated():
            return self._pair.exists()

    def create(self, payload: dict[str, JSON]) -> None:
        """Begin the vault, and with the first one the installation's key file.

        Raises `vault_exists` when anything is there already, whatever it is.
        """
        if self.exists():
            raise VaultError(VaultReason.VAULT_EXISTS)
        key = self._own_key()
        data = seal(payload, new_header(self._vault_id, key, self._random), key, self._random)
        with os_errors_translated():
            self._pair.begin(data)

    def load(self) -> LoadedVault:
        """Open the vault, or its previous version when only that one can be opened."""
        opened = self._load()
        return LoadedVault(opened.payload, opened.recovered, opened.header.slot is not None)

    def save(self, payload: dict[str, JSON]) -> None:
        """Replace the payload; the version before stays as the previous one.

        Raises what `load` would when neither version can be opened, and changes nothing then. A current
        file that cannot be opened is put aside first.
        """
        opened, key = self._load_with_key()
        data = seal(payload, opened.header, key, self._random)
        with os_errors_translated():
            self._pair.replace(data, before=None if opened.recovered else opened.data)

    def forget(self, payload: dict[str, JSON]) -> None:
        """Replace the payload in both versions, so that what is left out of it is in neither.

        Raises as `save` does. After a crash on the way `load` returns either the old payload, and the call
        is to be repeated, or the new one, and then the old one is in no file any more. A damaged file that
        has to be put aside is kept, as always.
        """
        opened, key = self._load_with_key()
        data = seal(payload, opened.header, key, self._random)
        with os_errors_translated():
            self._pair.replace_both(data, damaged=opened.recovered)

    def set_passphrase(self, passphrase: Secret | None) -> None:
        """Set or change what opens the vault without its key file, or None for nothing any more.

        The vault gets another key of its own with it, so that whoever knows an old passphrase and an old
        file opens no later one. Raises `passphrase_too_short` and `passphrase_too_long`, and as `save` does.
        """
        opened, key = self._load_with_key()
        slot = None if passphrase is None else new_slot(passphrase, self._random)
        self._reseal(opened, key, slot)

    def has_passphrase(self) -> bool:
        """Tell whether a passphrase may open the vault, shut as it is; False for a file that is none."""
        for path in (self._pair.current, self._pair.previous):
            try:
                if self._take_apart(path)[1].header.slot is not None:
                    return True
            except VaultError:
                continue
        return False

    def recover(self, passphrase: Secret) -> LoadedVault:
        """Open the vault without the key that it was sealed with, and seal it under this installation's.

        Raises `passphrase_wrong`, `passphrase_none`, and as `create` does about the key file.
        """
        opened = self._either(lambda sealed: (unseal_by_passphrase(sealed, passphrase), None))
        self._reseal(opened, self._own_key(), opened.header.slot)
        return LoadedVault(opened.payload, opened.recovered, has_passphrase=True)

    def rekey(self, key: InstallationKey) -> None:
        """Seal both versions under another key of the installation, unless that is done already."""
        opened = self._load()
        if opened.header.key_id != key.key_id:
            self._reseal(opened, key, opened.header.slot)

    def key_id(self) -> str:
        """Return the name of the key that the vault opens with."""
        return self._load().header.key_id

    def quarantine(self) -> list[Path]:
        """Rename the vault and its previous version to `….unreadable-<n>`, so that `create` may begin anew.

        Returns the new names, none when nothing was there.
        """
        with os_errors_translated():
            return self._pair.put_aside()

    def quarantine_key(self) -> Path | None:
        """Rename a key file that is none, so that `create` may begin anew; its vaults stay shut."""
        with os_errors_translated():
            return put_aside(self._disk, self._places.current.path)

    def remove(self) -> None:
        """Delete the vault, its previous version and whatever was put aside; the key file stays."""
        with os_errors_translated():
            self._pair.remove()

    def remove_key(self) -> None:
        """Delete the key file and what was put aside of it, but for one at a place that the person chose.

        Only with the last vault of the installation: none opens afterwards.
        """
        with os_errors_translated():
            for place in (self._places.current, *self._places.before):
                if not place.chosen:
                    remove_all(self._disk, place.path)
                    remove_all(self._disk, place.next.path)

    def _own_key(self) -> InstallationKey:
        return load_or_create_key(self._disk, self._places.current, self._random)

    def _reseal(self, opened: _Opened, key: InstallationKey, slot: Slot | None) -> None:
        """Give the vault another key of its own, in both versions."""
        header = new_header(self._vault_id, key, self._random, slot)
        data = seal(opened.payload, header, key, self._random)
        with os_errors_translated():
            self._pair.replace_both(data, damaged=opened.recovered)

    def _load(self) -> _Opened:
        return self._either(self._by_key)

    def _load_with_key(self) -> tuple[_Opened, InstallationKey]:
        opened = self._load()
        assert opened.key is not None
        return opened, opened.key

    def _by_key(self, sealed: Sealed) -> tuple[dict[str, JSON], InstallationKey | None]:
        key = find_key(self._disk, self._places, sealed.header.key_id)
        return unseal(sealed, key), key

    def _either(self, unlock: Callable[[Sealed], tuple[dict[str, JSON], InstallationKey | None]]) -> _Opened:
        """Return the current version, or the previous one when only that can be opened."""
        try:
            return self._open(self._pair.current, unlock)
        except VaultError as first:
            if first.reason not in _CURABLE:
                raise
            try:
                return self._open(self._pair.previous, unlock)
            except VaultError:
                raise first from None

    def _open(
        self, path: Path, unlock: Callable[[Sealed], tuple[dict[str, JSON], InstallationKey | None]]
    ) -> _Opened:
        data, sealed = self._take_apart(path)
        payload, key = unlock(sealed)
        return _Opened(data, sealed.header, payload, path == self._pair.previous, key)

    def _take_apart(self, path: Path) -> tuple[bytes, Sealed]:
        with os_errors_translated():
            data = self._pair.read(path)
        sealed = parse(data)
        if sealed.header.vault_id != self._vault_id:
            raise VaultError(VaultReason.VAULT_FOREIGN)
        return data, sealed
