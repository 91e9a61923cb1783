"""The key file: 32 random bytes, once per installation, kept where no backup goes."""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .disk import Disk, make_folders, read_up_to, write_once
from .errors import VaultError, VaultReason, os_errors_translated
from .strict import NotStrict, decode, encode, fields, from_base64, number, to_base64

VERSION = 1
MATERIAL_SIZE = 32
MAX_FILE = 4096
OTHERS = 0o077
"""Any of these bits lets somebody else near the key."""

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


def load_key(disk: Disk, path: Path) -> InstallationKey:
    """Read the key file; raises VaultError.

    It must be a regular file of ours, for us alone, in a folder of ours, for us alone.
    """
    with os_errors_translated():
        try:
            _check_folder(disk, path.parent)
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
            data = _read_checked(disk, fd)
        finally:
            disk.close(fd)
    try:
        return InstallationKey.decode(data)
    except NotStrict:
        raise VaultError(VaultReason.KEY_DAMAGED) from None


def _check_folder(disk: Disk, folder: Path) -> None:
    fd = disk.open_folder(folder)
    try:
        _check_private(disk, disk.fstat(fd))
    finally:
        disk.close(fd)


def _check_private(disk: Disk, status: os.stat_result) -> None:
    if status.st_uid != disk.uid():
        raise VaultError(VaultReason.KEY_NOT_OURS)
    if stat.S_IMODE(status.st_mode) & OTHERS:
        raise VaultError(VaultReason.KEY_MODE_TOO_WIDE)


def _read_checked(disk: Disk, fd: int) -> bytes:
    status = disk.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise VaultError(VaultReason.KEY_NOT_A_FILE)
    _check_private(disk, status)
    if (data := read_up_to(disk, fd, MAX_FILE)) is None:
        raise VaultError(VaultReason.KEY_DAMAGED)
    return data


def load_or_create_key(disk: Disk, path: Path, random: Callable[[int], bytes]) -> InstallationKey:
    """Read the key file, or make it when there is none. One that is there is never replaced."""
    try:
        return load_key(disk, path)
    except VaultError as err:
        if err.reason != VaultReason.KEY_MISSING:
            raise
    key = InstallationKey(random(MATERIAL_SIZE))
    with os_errors_translated():
        make_folders(disk, path.parent)
        # When somebody else was faster, theirs is the key.
        with suppress(FileExistsError):
            write_once(disk, path, key.encode())
    return load_key(disk, path)
