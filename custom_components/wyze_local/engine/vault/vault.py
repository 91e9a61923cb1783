"""The vault of one entry: a sealed file, its previous version, and the installation's key file.

Everything here blocks on the disk and belongs into an executor thread.
"""

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .disk import (
    FILE_MODE,
    Disk,
    is_there,
    make_folders,
    read_up_to,
    sweep,
    sync_folder,
    write_atomic,
    write_once,
)
from .envelope import MAX_FILE, VAULT_ID, Header, new_header, parse, seal, unseal
from .errors import VaultError, VaultReason, os_errors_translated
from .keyfile import InstallationKey, load_key, load_or_create_key
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
    }
)


@dataclass(frozen=True, slots=True)
class LoadedVault:
    """What an opened vault holds. Prints without the payload."""

    payload: dict[str, JSON] = field(repr=False)
    recovered: bool = False
    """Whether the current file could not be opened and this is the previous version."""


@dataclass(frozen=True, slots=True)
class _Opened:
    data: bytes = field(repr=False)
    header: Header
    key: InstallationKey
    payload: dict[str, JSON] = field(repr=False)


class Vault:
    """The sealed file of one entry.

    `path` is the file, `path` + `.prev` its previous version; `key_path` the key file that all entries of
    an installation share; `vault_id` (letters, digits, `-`, `_`) is bound into the seal, so that another
    entry's file is refused. All methods raise VaultError only (and ValueError for a payload that
    is no plain JSON: fractions, keys that are no strings). A file that cannot be opened
    is never overwritten. Several writers do not damage the file: the last one wins.
    """

    def __init__(
        self,
        path: Path,
        key_path: Path,
        vault_id: str,
        *,
        disk: Disk | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Remember where the files are; touches nothing. Raises ValueError for an impossible id."""
        if not VAULT_ID.fullmatch(vault_id):
            raise ValueError("not a vault id")
        self._path = path
        self._previous = path.with_name(f"{path.name}.prev")
        self._key_path = key_path
        self._vault_id = vault_id
        self._disk = disk or Disk()
        self._random = random

    def exists(self) -> bool:
        """Tell whether the vault or its previous version is there, openable or not."""
        with os_errors_translated():
            return is_there(self._disk, self._path) or is_there(self._disk, self._previous)

    def create(self, payload: dict[str, JSON]) -> None:
        """Begin the vault, and with the first one the installation's key file.

        Raises `vault_exists` when anything is there already, whatever it is.
        """
        if self.exists():
            raise VaultError(VaultReason.VAULT_EXISTS)
        key = load_or_create_key(self._disk, self._key_path, self._random)
        data = seal(payload, new_header(self._vault_id, key, self._random), key, self._random)
        with os_errors_translated():
            make_folders(self._disk, self._path.parent)
            try:
                write_once(self._disk, self._path, data)
            except FileExistsError:
                raise VaultError(VaultReason.VAULT_EXISTS) from None

    def load(self) -> LoadedVault:
        """Open the vault, or its previous version when only that one can be opened."""
        opened, recovered = self._load()
        return LoadedVault(opened.payload, recovered)

    def save(self, payload: dict[str, JSON]) -> None:
        """Replace the payload; the version before stays as the previous one.

        Raises what `load` would when neither version can be opened, and changes nothing then. A current
        file that cannot be opened is put aside first.
        """
        opened, recovered = self._load()
        data = seal(payload, opened.header, opened.key, self._random)
        with os_errors_translated():
            sweep(self._disk, self._path)
            sweep(self._disk, self._previous)
            if recovered:
                self._put_aside(self._path)
            else:
                write_atomic(self._disk, self._previous, opened.data)
            write_atomic(self._disk, self._path, data)

    def forget(self, payload: dict[str, JSON]) -> None:
        """Replace the payload in both versions, so that what is left out of it is in neither.

        Raises as `save` does. After a crash on the way `load` returns either the old payload, and the call
        is to be repeated, or the new one, and then the old one is in no file any more. A damaged file that
        has to be put aside is kept, as always.
        """
        opened, recovered = self._load()
        data = seal(payload, opened.header, opened.key, self._random)
        with os_errors_translated():
            # Half-written files hold what is to be forgotten; whoever writes one at this moment fails.
            sweep(self._disk, self._path, everything=True)
            sweep(self._disk, self._previous, everything=True)
            # The current version comes last: as long as it shows the old payload, nobody takes it for done.
            write_atomic(self._disk, self._previous, data)
            if recovered:
                self._put_aside(self._path)
            write_atomic(self._disk, self._path, data)

    def quarantine(self) -> list[Path]:
        """Rename the vault and its previous version to `….unreadable-<n>`, so that `create` may begin anew.

        Returns the new names, none when nothing was there.
        """
        with os_errors_translated():
            return [
                aside for path in (self._path, self._previous) if (aside := self._put_aside(path)) is not None
            ]

    def quarantine_key(self) -> Path | None:
        """Rename a key file that is none, so that `create` may begin anew; its vaults stay shut."""
        with os_errors_translated():
            return self._put_aside(self._key_path)

    def remove(self) -> None:
        """Delete the vault, its previous version and whatever was put aside; the key file stays."""
        with os_errors_translated():
            sweep(self._disk, self._path, everything=True)
            sweep(self._disk, self._previous, everything=True)
            aside = self._aside(self._path) + self._aside(self._previous)
            for path in (self._path, self._previous, *aside):
                self._unlink(path)
            if is_there(self._disk, self._path.parent):
                sync_folder(self._disk, self._path.parent)

    def remove_key(self) -> None:
        """Delete the key file and what was put aside of it.

        Only with the last vault of the installation: none opens afterwards.
        """
        with os_errors_translated():
            sweep(self._disk, self._key_path, everything=True)
            for path in (self._key_path, *self._aside(self._key_path)):
                self._unlink(path)

    def _load(self) -> tuple[_Opened, bool]:
        """Return what could be opened, and whether it is the previous version."""
        try:
            return self._open(self._path), False
        except VaultError as first:
            if first.reason not in _CURABLE:
                raise
            try:
                return self._open(self._previous), True
            except VaultError:
                raise first from None

    def _open(self, path: Path) -> _Opened:
        with os_errors_translated():
            data = self._read(path)
        sealed = parse(data)
        if sealed.header.vault_id != self._vault_id:
            raise VaultError(VaultReason.VAULT_FOREIGN)
        key = load_key(self._disk, self._key_path)
        return _Opened(data, sealed.header, key, unseal(sealed, key))

    def _read(self, path: Path) -> bytes:
        try:
            fd = self._disk.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError, NotADirectoryError:
            raise VaultError(VaultReason.VAULT_MISSING) from None
        except OSError as err:
            if err.errno in (errno.ELOOP, errno.ENXIO):
                raise VaultError(VaultReason.VAULT_NOT_A_FILE) from None
            raise
        try:
            status = self._disk.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise VaultError(VaultReason.VAULT_NOT_A_FILE)
            # A restored backup may have widened the mode; the content is sealed, so narrow it and go on.
            if stat.S_IMODE(status.st_mode) & ~FILE_MODE and status.st_uid == self._disk.uid():
                self._disk.fchmod(fd, FILE_MODE)
            data = read_up_to(self._disk, fd, MAX_FILE)
        finally:
            self._disk.close(fd)
        if data is None:
            raise VaultError(VaultReason.VAULT_TOO_LARGE)
        return data

    def _put_aside(self, path: Path) -> Path | None:
        """Rename whatever lies at a path to the next free name; None when nothing does."""
        if not is_there(self._disk, path):
            return None
        number = 1
        while is_there(self._disk, aside := path.with_name(f"{path.name}.unreadable-{number}")):
            number += 1
        self._disk.replace(path, aside)
        sync_folder(self._disk, path.parent)
        return aside

    def _aside(self, path: Path) -> list[Path]:
        """Return what was put aside of a file."""
        if not is_there(self._disk, path.parent):
            return []
        start = f"{path.name}.unreadable-"
        return [path.with_name(name) for name in self._disk.names(path.parent) if name.startswith(start)]

    def _unlink(self, path: Path) -> None:
        try:
            self._disk.unlink(path)
        except FileNotFoundError:
            return
