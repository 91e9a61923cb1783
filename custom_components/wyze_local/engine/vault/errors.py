"""What can go wrong with a vault, as one typed error with a stable reason."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from ..model import EngineError


class VaultReason(StrEnum):
    """Why a vault could not be opened or written. The values are stable: texts are keyed by them."""

    VAULT_MISSING = "vault_missing"
    VAULT_EXISTS = "vault_exists"
    VAULT_DAMAGED = "vault_damaged"
    VAULT_FOREIGN = "vault_foreign"
    VAULT_TOO_LARGE = "vault_too_large"
    VAULT_TOO_NEW = "vault_too_new"
    VAULT_NOT_A_FILE = "vault_not_a_file"
    KEY_MISSING = "key_missing"
    KEY_DAMAGED = "key_damaged"
    KEY_WRONG = "key_wrong"
    KEY_MODE_TOO_WIDE = "key_mode_too_wide"
    KEY_NOT_OURS = "key_not_ours"
    KEY_NOT_A_FILE = "key_not_a_file"
    KEY_FOLDER_MISSING = "key_folder_missing"
    KEY_PLACE_VOLATILE = "key_place_volatile"
    PASSPHRASE_WRONG = "passphrase_wrong"  # noqa: S105 - a word for it
    PASSPHRASE_NONE = "passphrase_none"  # noqa: S105 - a word for it
    PASSPHRASE_TOO_SHORT = "passphrase_too_short"  # noqa: S105 - a word for it
    PASSPHRASE_TOO_LONG = "passphrase_too_long"  # noqa: S105 - a word for it
    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"
    NOT_PERMITTED = "not_permitted"
    IO_ERROR = "io_error"


class VaultError(EngineError):
    """A vault or key file cannot be used; `reason` is a value of VaultReason. Holds no content of either."""

    reason: str

    def __init__(self, reason: VaultReason) -> None:
        """Remember why."""
        super().__init__(reason.value.replace("_", " "), reason=reason.value)


_ERRNO = {
    errno.ENOSPC: VaultReason.DISK_FULL,
    errno.EDQUOT: VaultReason.DISK_FULL,
    errno.EROFS: VaultReason.READ_ONLY,
    errno.EACCES: VaultReason.NOT_PERMITTED,
    errno.EPERM: VaultReason.NOT_PERMITTED,
}


@contextmanager
def os_errors_translated() -> Iterator[None]:
    """Turn every failure of the operating system inside the block into a VaultError."""
    try:
        yield
    except OSError as err:
        raise VaultError(_ERRNO.get(err.errno or 0, VaultReason.IO_ERROR)) from err
