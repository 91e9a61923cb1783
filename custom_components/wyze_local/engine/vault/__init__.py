"""Keys at rest: one sealed file per entry, opened by the installation's key file. Imports the model only."""

from .errors import VaultError, VaultReason
from .records import CameraRecord, records_from_payload, records_to_payload
from .strict import JSON
from .vault import LoadedVault, Vault

__all__ = [
    "JSON",
    "CameraRecord",
    "LoadedVault",
    "Vault",
    "VaultError",
    "VaultReason",
    "records_from_payload",
    "records_to_payload",
]
