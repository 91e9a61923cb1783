"""Keys at rest: one sealed file per entry, opened by the installation's key file. Imports the model only."""

from .accounts import account_from_payload
from .errors import VaultError, VaultReason
from .logins import NO_LOGINS, LanLogin, Logins, ServerLogin, logins_from_payload
from .records import CameraRecord, records_from_payload, records_to_payload
from .strict import JSON
from .vault import LoadedVault, Vault

__all__ = [
    "JSON",
    "NO_LOGINS",
    "CameraRecord",
    "LanLogin",
    "LoadedVault",
    "Logins",
    "ServerLogin",
    "Vault",
    "VaultError",
    "VaultReason",
    "account_from_payload",
    "logins_from_payload",
    "records_from_payload",
    "records_to_payload",
]
