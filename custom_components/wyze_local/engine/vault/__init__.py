"""Keys at rest: one sealed file per entry, opened by a key file or a passphrase. Imports the model only."""

from .accounts import account_from_payload
from .errors import VaultError, VaultReason
from .keyfile import KeyPlace, KeyPlaces
from .logins import NO_LOGINS, LanLogin, Logins, ServerLogin, logins_from_payload
from .memory import memory_from_payload, remembered
from .records import CameraRecord, records_from_payload, records_to_payload
from .rotation import KeyChange, Settled
from .slot import MIN_PASSPHRASE, check_passphrase
from .strict import JSON
from .vault import LoadedVault, Vault

__all__ = [
    "JSON",
    "MIN_PASSPHRASE",
    "NO_LOGINS",
    "CameraRecord",
    "KeyChange",
    "KeyPlace",
    "KeyPlaces",
    "LanLogin",
    "LoadedVault",
    "Logins",
    "ServerLogin",
    "Settled",
    "Vault",
    "VaultError",
    "VaultReason",
    "account_from_payload",
    "check_passphrase",
    "logins_from_payload",
    "memory_from_payload",
    "records_from_payload",
    "records_to_payload",
    "remembered",
]
