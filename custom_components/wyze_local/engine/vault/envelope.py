"""How a vault is sealed. Pure: bytes in, bytes out, no file is touched here.

    {"c": payload, "h": header, "n": nonce of the payload, "w": wrapped data key, "wn": nonce of the wrapping}

The payload is sealed by AES-256-GCM-SIV under a data key that is drawn anew at every write. The data key
is sealed under the vault's own key (KEK), which HKDF-SHA256 derives from the installation's key file with
the vault's salt and id. Both seals cover the whole header, and the payload's seal the wrapped data key
as well, so no part of one file can be put into another. One spelling of a file is right: what does not
re-encode to the same bytes is damaged. A vault with a recovery passphrase has one slot in its header, which
holds the KEK a second time, and is of version 2; one without is of version 1, as all were before.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..model import Secret
from .errors import VaultError, VaultReason
from .keyfile import InstallationKey
from .slot import Slot
from .strict import JSON, NotStrict, decode, encode, fields, from_base64, number, text, to_base64

VERSION = 1
VERSION_SLOT = 2
ALGORITHM = "A256GCMSIV"
MAX_FILE = 1024 * 1024
"""Longest sealed file that is looked at, in bytes."""

MAX_PAYLOAD = 512 * 1024
BLOCK = 256
"""The payload is padded to a multiple of this, so that its length tells little about the cameras."""

SALT_SIZE = 32
KEY_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16

VAULT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY_ID = re.compile(r"[0-9a-f]{32}")

_KEK_INFO = b"wyze_local vault kek 1\0"
_WRAP_CONTEXT = b"wyze_local vault data key 1\0"
_PAYLOAD_CONTEXT = b"wyze_local vault payload 1\0"

type Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Header:
    """The part of a vault that is readable without the key. It changes only with the vault's own key."""

    vault_id: str
    key_id: str
    salt: bytes
    slot: Slot | None = None
    """The recovery passphrase's way to the vault's own key."""

    def as_json(self) -> dict[str, JSON]:
        """Return the header as it stands in the file."""
        return {
            "alg": ALGORITHM,
            "kid": self.key_id,
            "salt": to_base64(self.salt),
            "slots": [] if self.slot is None else [self.slot.as_json()],
            "v": VERSION if self.slot is None else VERSION_SLOT,
            "vault_id": self.vault_id,
        }

    def without_slot(self) -> bytes:
        """Return what the slot's seal covers of the header."""
        return encode(replace(self, slot=None).as_json())


@dataclass(frozen=True, slots=True)
class Sealed:
    """A vault file taken apart, before any key was used."""

    header: Header
    wrap_nonce: bytes
    wrapped: bytes
    nonce: bytes
    ciphertext: bytes = field(repr=False)


def new_header(vault_id: str, key: InstallationKey, random: Random, slot: Slot | None = None) -> Header:
    """Begin a vault, or give one another key of its own; the passphrase of a slot opens that one then."""
    header = Header(vault_id=vault_id, key_id=key.key_id, salt=random(SALT_SIZE))
    if slot is None:
        return header
    return replace(header, slot=slot.lock(_vault_key(key, header), header.without_slot(), random))


def parse(data: bytes) -> Sealed:
    """Take a file apart; raises VaultError (`vault_too_large`, `vault_damaged`, `vault_too_new`)."""
    if len(data) > MAX_FILE:
        raise VaultError(VaultReason.VAULT_TOO_LARGE)
    try:
        ciphertext, head, nonce, wrapped, wrap_nonce = fields(decode(data), "c", "h", "n", "w", "wn")
        if isinstance(head, dict) and number(head.get("v")) > VERSION_SLOT:
            raise VaultError(VaultReason.VAULT_TOO_NEW)
        return Sealed(
            header=_parse_header(head),
            wrap_nonce=from_base64(wrap_nonce, NONCE_SIZE),
            wrapped=from_base64(wrapped, KEY_SIZE + TAG_SIZE),
            nonce=from_base64(nonce, NONCE_SIZE),
            ciphertext=from_base64(ciphertext),
        )
    except NotStrict:
        raise VaultError(VaultReason.VAULT_DAMAGED) from None


def _parse_header(head: JSON) -> Header:
    algorithm, key_id, salt, slots, version, vault_id = fields(
        head, "alg", "kid", "salt", "slots", "v", "vault_id"
    )
    if algorithm != ALGORITHM or not isinstance(slots, list) or len(slots) > 1:
        raise NotStrict
    if number(version) != (VERSION_SLOT if slots else VERSION):
        raise NotStrict
    if not VAULT_ID.fullmatch(text(vault_id)) or not _KEY_ID.fullmatch(text(key_id)):
        raise NotStrict
    return Header(
        vault_id=text(vault_id),
        key_id=text(key_id),
        salt=from_base64(salt, SALT_SIZE),
        slot=Slot.parse(slots[0]) if slots else None,
    )


def unseal(sealed: Sealed, key: InstallationKey) -> dict[str, JSON]:
    """Open a file; raises VaultError: `key_wrong` for another installation's key, else `vault_damaged`."""
    if sealed.header.key_id != key.key_id:
        raise VaultError(VaultReason.KEY_WRONG)
    return _unseal(sealed, _vault_key(key, sealed.header))


def unseal_by_passphrase(sealed: Sealed, passphrase: Secret) -> dict[str, JSON]:
    """Open a file without its key file; takes its time.

    Raises VaultError: `passphrase_none`, `passphrase_wrong`, `vault_damaged`.
    """
    if (slot := sealed.header.slot) is None:
        raise VaultError(VaultReason.PASSPHRASE_NONE)
    return _unseal(sealed, slot.unlock(passphrase, sealed.header.without_slot()))


def _unseal(sealed: Sealed, vault_key: bytes) -> dict[str, JSON]:
    head = encode(sealed.header.as_json())
    try:
        data_key = AESGCMSIV(vault_key).decrypt(sealed.wrap_nonce, sealed.wrapped, _wrap_context(head))
        padded = AESGCMSIV(data_key).decrypt(
            sealed.nonce, sealed.ciphertext, _payload_context(head, sealed.wrap_nonce, sealed.wrapped)
        )
        return _unpad(padded)
    except InvalidTag, NotStrict:
        raise VaultError(VaultReason.VAULT_DAMAGED) from None


def seal(payload: dict[str, JSON], header: Header, key: InstallationKey, random: Random) -> bytes:
    """Return the sealed file; raises VaultError (`vault_too_large`) when there is too much to keep.

    Raises ValueError for a payload that would not come back as it is (fractions, keys that are no strings).
    """
    plain = encode(payload)
    if decode(plain) != payload:
        raise NotStrict
    if len(plain) > MAX_PAYLOAD:
        raise VaultError(VaultReason.VAULT_TOO_LARGE)
    head = encode(header.as_json())
    data_key, wrap_nonce, nonce = random(KEY_SIZE), random(NONCE_SIZE), random(NONCE_SIZE)
    wrapped = AESGCMSIV(_vault_key(key, header)).encrypt(wrap_nonce, data_key, _wrap_context(head))
    ciphertext = AESGCMSIV(data_key).encrypt(nonce, _pad(plain), _payload_context(head, wrap_nonce, wrapped))
    return encode(
        {
            "c": to_base64(ciphertext),
            "h": header.as_json(),
            "n": to_base64(nonce),
            "w": to_base64(wrapped),
            "wn": to_base64(wrap_nonce),
        }
    )


def _vault_key(key: InstallationKey, header: Header) -> bytes:
    """Derive the vault's own key (KEK)."""
    info = _KEK_INFO + header.vault_id.encode()
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=header.salt, info=info).derive(key.material)


def _wrap_context(head: bytes) -> bytes:
    return _WRAP_CONTEXT + head


def _payload_context(head: bytes, wrap_nonce: bytes, wrapped: bytes) -> bytes:
    return _PAYLOAD_CONTEXT + head + wrap_nonce + wrapped


def _pad(plain: bytes) -> bytes:
    return plain + bytes(-len(plain) % BLOCK)


def _unpad(padded: bytes) -> dict[str, JSON]:
    plain = padded.rstrip(b"\0")
    if _pad(plain) != padded:
        raise NotStrict
    return decode(plain)
