"""The second way into a vault: a passphrase, which needs no key file. Pure, and slow on purpose.

    {"eph": …, "kdf": "argon2id", "kind": "passphrase", "m": KiB, "p": lanes, "pub": …, "salt": …,
     "t": passes, "w": …}

Argon2id turns the passphrase into an X25519 key pair. Its public half stands in the slot, so that the vault's
own key (KEK) can be sealed to it again, at a rotation or on a new machine, without asking for the passphrase.
What the slot holds changes only with the vault's own key, never with the payload: tokens are refreshed
while nobody is there to type.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..model import Secret
from .errors import VaultError, VaultReason
from .strict import JSON, NotStrict, encode, fields, from_base64, number, to_base64

MIN_PASSPHRASE = 12
MAX_PASSPHRASE = 1024
"""Shortest and longest passphrase, in characters."""

SALT_SIZE = 16
KEY_SIZE = 32
TAG_SIZE = 16
_NO_NONCE = bytes(12)
"""The key of a slot's seal is used for that one seal."""

_KIND, _KDF = "passphrase", "argon2id"
_FIELDS = ("eph", "kdf", "kind", "m", "p", "pub", "salt", "t", "w")
_INFO = b"wyze_local vault slot 1"
_CONTEXT = b"wyze_local vault slot 1\0"


@dataclass(frozen=True, slots=True)
class Cost:
    """What trying one passphrase costs: memory in KiB, passes over it, lanes."""

    memory: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def check(self) -> None:
        """Refuse what would be a bomb for whoever reads it, or no hindrance; raises NotStrict."""
        if not (19 * 1024 <= self.memory <= 256 * 1024 and 1 <= self.passes <= 10 and 1 <= self.lanes <= 8):
            raise NotStrict


COST = Cost()


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot as it stands in a header; none of it is secret."""

    cost: Cost
    salt: bytes
    public: bytes
    ephemeral: bytes = b""
    wrapped: bytes = b""

    def as_json(self) -> dict[str, JSON]:
        """Return the slot as it stands in the file."""
        return {
            "eph": to_base64(self.ephemeral),
            "kdf": _KDF,
            "kind": _KIND,
            "m": self.cost.memory,
            "p": self.cost.lanes,
            "pub": to_base64(self.public),
            "salt": to_base64(self.salt),
            "t": self.cost.passes,
            "w": to_base64(self.wrapped),
        }

    @classmethod
    def parse(cls, value: JSON) -> Slot:
        """Read a slot; raises NotStrict."""
        ephemeral, kdf, kind, memory, lanes, public, salt, passes, wrapped = fields(value, *_FIELDS)
        if kdf != _KDF or kind != _KIND:
            raise NotStrict
        cost = Cost(number(memory), number(passes), number(lanes))
        cost.check()
        return cls(
            cost,
            from_base64(salt, SALT_SIZE),
            from_base64(public, KEY_SIZE),
            from_base64(ephemeral, KEY_SIZE),
            from_base64(wrapped, KEY_SIZE + TAG_SIZE),
        )

    def lock(self, vault_key: bytes, head: bytes, random: Callable[[int], bytes]) -> Slot:
        """Return the slot with another vault key in it. `head` is the header's part without slots."""
        own = X25519PrivateKey.from_private_bytes(random(KEY_SIZE))
        shared = own.exchange(X25519PublicKey.from_public_bytes(self.public))
        slot = replace(self, ephemeral=own.public_key().public_bytes_raw(), wrapped=b"")
        return replace(slot, wrapped=_seal(slot, shared).encrypt(_NO_NONCE, vault_key, _context(slot, head)))

    def unlock(self, passphrase: Secret, head: bytes) -> bytes:
        """Return the vault key; raises VaultError (`passphrase_wrong`, `vault_damaged`)."""
        private = _private(passphrase, self.salt, self.cost)
        if private.public_key().public_bytes_raw() != self.public:
            raise VaultError(VaultReason.PASSPHRASE_WRONG)
        try:
            shared = private.exchange(X25519PublicKey.from_public_bytes(self.ephemeral))
            return _seal(self, shared).decrypt(_NO_NONCE, self.wrapped, _context(self, head))
        except InvalidTag, ValueError:
            # ValueError: a point that gives everybody the same secret.
            raise VaultError(VaultReason.VAULT_DAMAGED) from None


def new_slot(passphrase: Secret, random: Callable[[int], bytes], cost: Cost = COST) -> Slot:
    """Return an empty slot for a passphrase; raises VaultError for one that is too short or too long."""
    check_passphrase(passphrase)
    salt = random(SALT_SIZE)
    return Slot(cost, salt, _private(passphrase, salt, cost).public_key().public_bytes_raw())


def check_passphrase(passphrase: Secret) -> None:
    """Raise VaultError (`passphrase_too_short`, `passphrase_too_long`). Any characters will do."""
    length = len(_normal(passphrase))
    if length < MIN_PASSPHRASE:
        raise VaultError(VaultReason.PASSPHRASE_TOO_SHORT)
    if length > MAX_PASSPHRASE:
        raise VaultError(VaultReason.PASSPHRASE_TOO_LONG)


def _private(passphrase: Secret, salt: bytes, cost: Cost) -> X25519PrivateKey:
    bare = _normal(passphrase)[: MAX_PASSPHRASE + 1].encode("utf-8", "surrogatepass")
    argon2 = Argon2id(
        salt=salt, length=KEY_SIZE, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory
    )
    return X25519PrivateKey.from_private_bytes(argon2.derive(bare))


def _normal(passphrase: Secret) -> str:
    """Return one spelling of what keyboards spell differently."""
    return unicodedata.normalize("NFKC", passphrase.reveal())


def _seal(slot: Slot, shared: bytes) -> AESGCMSIV:
    both = slot.ephemeral + slot.public
    return AESGCMSIV(HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=both, info=_INFO).derive(shared))


def _context(slot: Slot, head: bytes) -> bytes:
    return _CONTEXT + head + encode(replace(slot, wrapped=b"").as_json())
