"""Another key for all vaults of an installation, crash-safe at every write.

A rotation puts the new key beside the old one (`key.next`), seals vault after vault under it, opens each
again, and only then lets it take the old one's place. A move has its new key at another place, and the old
place stays known until no vault needs it. In between every vault opens with one key or the other, and both
are looked for.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .disk import Disk, sync_folder, write_atomic
from .errors import VaultError, VaultReason, os_errors_translated
from .keyfile import InstallationKey, KeyPlace, KeyPlaces, load_key, load_or_create_key
from .pair import put_aside, remove_all
from .vault import Vault

_USELESS = frozenset({VaultReason.KEY_DAMAGED, VaultReason.KEY_NOT_A_FILE})

_DISK = frozenset(
    {VaultReason.DISK_FULL, VaultReason.READ_ONLY, VaultReason.NOT_PERMITTED, VaultReason.IO_ERROR}
)


@dataclass(frozen=True, slots=True)
class Settled:
    """How a change of keys went."""

    vaults: int
    """How many vaults open with the present key."""
    left: int
    """How many still need another one, or cannot be opened at all."""


class KeyChange:
    """The key files of an installation and how they change. Blocks; raises VaultError only."""

    def __init__(
        self,
        places: KeyPlaces,
        *,
        disk: Disk | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Remember the places; touches nothing."""
        self._places = places
        self._disk = disk or Disk()
        self._random = random

    def prepare(self) -> None:
        """Read the key file at the present place, or write one there."""
        load_or_create_key(self._disk, self._places.current, self._random)

    def rotate(self, vaults: Sequence[Vault], *, also: Sequence[Vault] = ()) -> Settled:
        """Seal all vaults under a new key; raises before anything is written when one of them does not open.

        `also` are vaults that nobody would miss: those of them that do not open are left as they are.
        """
        for vault in vaults:
            vault.load()
        current = self._places.current
        key = load_key(self._disk, current)
        with os_errors_translated():
            # A file that cannot be renamed over, like one that is mounted, is not to be found out at the end.
            write_atomic(self._disk, current.path, key.encode())
            self._make_way(current.next)
        load_or_create_key(self._disk, current.next, self._random)
        return self.settle(vaults, also=also)

    def settle(self, vaults: Sequence[Vault], *, also: Sequence[Vault] = ()) -> Settled:
        """Finish what a rotation or a move began, as far as the vaults open."""
        current = self._places.current
        key, is_next = self._target()
        opened = [vault for vault in (*vaults, *also) if _rekeyed(vault, key)]
        left = sum(vault not in opened for vault in vaults)
        if is_next and not left:
            with os_errors_translated():
                self._disk.replace(current.next.path, current.path)
                sync_folder(self._disk, current.path.parent)
        return Settled(len(vaults) - left, left)

    def drop(self, place: KeyPlace) -> None:
        """Delete a key file that no vault needs any more, unless the person chose its place."""
        if not place.chosen:
            with os_errors_translated():
                remove_all(self._disk, place.path)
                remove_all(self._disk, place.next.path)

    def _target(self) -> tuple[InstallationKey, bool]:
        """Return the key that all vaults are to have, and whether it still waits for its place."""
        try:
            return load_key(self._disk, self._places.current.next), True
        except VaultError as err:
            if err.reason != VaultReason.KEY_MISSING and err.reason not in _USELESS:
                raise
        return load_key(self._disk, self._places.current), False

    def _make_way(self, place: KeyPlace) -> None:
        """Put aside what is no key and lies where one is about to be."""
        try:
            load_key(self._disk, place)
        except VaultError as err:
            if err.reason in _USELESS:
                put_aside(self._disk, place.path)


def _rekeyed(vault: Vault, key: InstallationKey) -> bool:
    """Seal a vault under a key and open it again from the disk; returns whether that went well."""
    try:
        vault.rekey(key)
        return vault.key_id() == key.key_id
    except VaultError as err:
        if err.reason in _DISK:
            raise
        return False
