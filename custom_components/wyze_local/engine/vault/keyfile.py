"""The key file: 32 random bytes, once per installation, kept where no backup goes.

It lies in a folder of ours, or at a place that the person chose: a Docker secret, a systemd credential, a
disk that is mounted for it. What is asked of a file is another there, because its maker is.
"""

import errno
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .disk import Disk, is_there, make_folders, read_up_to, write_once
from .errors import VaultError, VaultReason, os_errors_translated
from .strict import NotStrict, decode, encode, fields, from_base64, number, to_base64

VERSION = 1
MATERIAL_SIZE = 32
MAX_FILE = 4096
OTHERS = 0o077
"""Any of these bits lets somebody else near the key."""

OTHERS_WRITE = 0o022
ANY_WRITE = 0o222
VOLATILE = tuple(map(Path, ("/run", "/var/run", "/dev", "/proc", "/sys")))
"""Where a new key would be gone after the next start."""

_NO_PROBLEM = (VaultReason.KEY_MISSING, VaultReason.KEY_WRONG)
_HEX = re.compile(rb"([0-9a-fA-F]{64})\n?")
_ID_INFO = b"wyze_local key id 1"


@dataclass(frozen=True, slots=True)
class InstallationKey:
    """What all vaults of an installation are opened with. Prints without the key."""

    material: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """The key's public name, by which a vault tells it from another installation's."""
        hkdf = HKDF(algorithm=SHA256(), length=16, salt=None, info=_ID_INFO)
        return hkdf.derive(self.material).hex()

    def encode(self) -> bytes:
        """Return the content of the key file."""
        return encode({"id": self.key_id, "key": to_base64(self.material), "v": VERSION})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the content of a key file; raises NotStrict when a single bit of it is wrong."""
        key_id, material, version = fields(decode(data), "id", "key", "v")
        key = cls(from_base64(material, MATERIAL_SIZE))
        if number(version) != VERSION or key_id != key.key_id:
            raise NotStrict
        return key


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key file lies, and whether the person chose the place."""

    path: Path
    chosen: bool = False

    @property
    def next(self) -> KeyPlace:
        """Where the key lies that is about to take this one's place."""
        return KeyPlace(self.path.with_name(f"{self.path.name}.next"), self.chosen)


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """Where an installation's keys lie: the present place, and older ones while vaults still need them."""

    current: KeyPlace
    before: tuple[KeyPlace, ...] = ()

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the one place that nobody chose."""
        return cls(KeyPlace(path))


def load_key(disk: Disk, place: KeyPlace) -> InstallationKey:
    """Read a key file; raises VaultError.

    It must be a regular file of ours, for us alone, in a folder of ours, for us alone. At a place that the
    person chose it may be the superuser's as well, and others may read it when nobody at all may write it:
    that is how secrets are handed to containers and services. Nobody else may change its folder.
    There it may also be one line of 64 hexadecimal digits.
    """
    path = place.path
    with os_errors_translated():
        try:
            _check_folder(disk, place)
            fd = disk.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError, NotADirectoryError:
            raise VaultError(VaultReason.KEY_MISSING) from None
        except PermissionError:
            if disk.lstat(path).st_uid != disk.uid():
                raise VaultError(VaultReason.KEY_NOT_OURS) from None
            raise
        except OSError as err:
            if err.errno in (errno.ELOOP, errno.ENXIO):
                raise VaultError(VaultReason.KEY_NOT_A_FILE) from None
            raise
        try:
            data = _read_checked(disk, fd, place)
        finally:
            disk.close(fd)
    try:
        if place.chosen and (line := _HEX.fullmatch(data)):
            return InstallationKey(bytes.fromhex(line[1].decode()))
        return InstallationKey.decode(data)
    except NotStrict:
        raise VaultError(VaultReason.KEY_DAMAGED) from None


def _check_folder(disk: Disk, place: KeyPlace) -> None:
    fd = disk.open_folder(place.path.parent)
    try:
        status = disk.fstat(fd)
        _check_owner(disk, status, place)
        if status.st_mode & (OTHERS_WRITE if place.chosen else OTHERS):
            raise VaultError(VaultReason.KEY_MODE_TOO_WIDE)
    finally:
        disk.close(fd)


def _check_owner(disk: Disk, status: os.stat_result, place: KeyPlace) -> None:
    owners = {disk.uid(), 0} if place.chosen else {disk.uid()}
    if status.st_uid not in owners:
        raise VaultError(VaultReason.KEY_NOT_OURS)


def _read_checked(disk: Disk, fd: int, place: KeyPlace) -> bytes:
    status = disk.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise VaultError(VaultReason.KEY_NOT_A_FILE)
    _check_owner(disk, status, place)
    handed_to_us = place.chosen and not status.st_mode & ANY_WRITE
    if status.st_mode & OTHERS and not handed_to_us:
        raise VaultError(VaultReason.KEY_MODE_TOO_WIDE)
    if (data := read_up_to(disk, fd, MAX_FILE)) is None:
        raise VaultError(VaultReason.KEY_DAMAGED)
    return data


def load_or_create_key(disk: Disk, place: KeyPlace, random: Callable[[int], bytes]) -> InstallationKey:
    """Read a key file, or make it when there is none. One that is there is never replaced.

    No folder is made at a place that the person chose, and no file where it would not outlive a start.
    """
    try:
        return load_key(disk, place)
    except VaultError as err:
        if err.reason != VaultReason.KEY_MISSING:
            raise
    key = InstallationKey(random(MATERIAL_SIZE))
    folder = place.path.parent
    with os_errors_translated():
        if not place.chosen:
            make_folders(disk, folder)
        elif not is_there(disk, folder):
            raise VaultError(VaultReason.KEY_FOLDER_MISSING)
        elif any(folder.is_relative_to(root) for root in VOLATILE):
            raise VaultError(VaultReason.KEY_PLACE_VOLATILE)
        # When somebody else was faster, theirs is the key.
        with suppress(FileExistsError):
            write_once(disk, place.path, key.encode())
    return load_key(disk, place)


def find_key(disk: Disk, places: KeyPlaces, key_id: str) -> InstallationKey:
    """Return the key of this name, wherever it lies.

    Raises VaultError: what is wrong with the key file, else `key_wrong` for that of another installation.
    """
    problem = VaultReason.KEY_MISSING
    for place in (places.current, *places.before):
        for file in (place, place.next):
            try:
                key = load_key(disk, file)
            except VaultError as err:
                # A key that could not be read may be the right one: only without such is another one wrong.
                if err.reason != VaultReason.KEY_MISSING and problem in _NO_PROBLEM:
                    problem = VaultReason(err.reason)
                continue
            if key.key_id == key_id:
                return key
            if problem == VaultReason.KEY_MISSING:
                problem = VaultReason.KEY_WRONG
    raise VaultError(problem)
