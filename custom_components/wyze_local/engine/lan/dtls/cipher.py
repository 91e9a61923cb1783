"""The two cipher suites: keys from the shared secret, and sealing of records with them."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .record import additional_data

MASTER_SIZE = 48
FINISHED_SIZE = 12
_TAG = 16
_BLOCK = 16
_MAC = 32


class Suite(IntEnum):
    """What both sides may agree on."""

    ECDHE_PSK_CHACHA20 = 0xCCAC
    PSK_AES_128_CBC = 0x00AE


def expand(secret: bytes, label: bytes, seed: bytes, size: int) -> bytes:
    """Return TLS 1.2's pseudo-random function of a secret, with SHA-256."""
    keyed = hmac.new(secret, digestmod=hashlib.sha256)
    seed = label + seed
    out, link = b"", seed
    while len(out) < size:
        step = keyed.copy()
        step.update(link)
        link = step.digest()
        last = keyed.copy()
        last.update(link + seed)
        out += last.digest()
    return out[:size]


def premaster(psk: bytes, shared: bytes | None) -> bytes:
    """Return the secret of PSK, with the shared secret of the key exchange when there was one."""
    other = bytes(len(psk)) if shared is None else shared
    return b"".join((len(other).to_bytes(2), other, len(psk).to_bytes(2), psk))


class Sealer(Protocol):
    """Seals one direction of an association."""

    def seal(self, content: int, number: int, plain: bytes) -> bytes:
        """Return a sealed record body."""
        ...


class Opener(Protocol):
    """Opens one direction of an association."""

    def open(self, content: int, number: int, body: bytes) -> bytes | None:
        """Return the plain body, None for what was not sealed with this key."""
        ...


class ChaCha:
    """ChaCha20-Poly1305, one direction (RFC 7905)."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        """Take key (32) and IV (12)."""
        self._cipher = ChaCha20Poly1305(key)
        self._iv = int.from_bytes(iv)

    def seal(self, content: int, number: int, plain: bytes) -> bytes:
        """Return a sealed record body."""
        nonce = (self._iv ^ number).to_bytes(12)
        return self._cipher.encrypt(nonce, plain, additional_data(content, number, len(plain)))

    def open(self, content: int, number: int, body: bytes) -> bytes | None:
        """Return the plain body, None for what was not sealed with this key."""
        size = len(body) - _TAG
        if size < 0:
            return None
        nonce = (self._iv ^ number).to_bytes(12)
        try:
            return self._cipher.decrypt(nonce, body, additional_data(content, number, size))
        except InvalidTag:
            return None


class AesCbc:
    """AES-128-CBC with HMAC-SHA256 before encryption, one direction (RFC 5246)."""

    def __init__(self, key: bytes, mac_key: bytes) -> None:
        """Take key (16) and MAC key (32)."""
        self._algorithm = algorithms.AES(key)
        self._mac_key = mac_key

    def _mac(self, content: int, number: int, plain: bytes) -> bytes:
        covered = additional_data(content, number, len(plain)) + plain
        return hmac.digest(self._mac_key, covered, "sha256")

    def seal(self, content: int, number: int, plain: bytes) -> bytes:
        """Return a sealed record body."""
        data = plain + self._mac(content, number, plain)
        padding = _BLOCK - 1 - len(data) % _BLOCK
        data += bytes((padding,)) * (padding + 1)
        iv = os.urandom(_BLOCK)
        encryptor = Cipher(self._algorithm, modes.CBC(iv)).encryptor()
        return iv + encryptor.update(data) + encryptor.finalize()

    def open(self, content: int, number: int, body: bytes) -> bytes | None:
        """Return the plain body, None for what was not sealed with this key.

        Bad padding takes the same way as a bad MAC, so that nobody learns which it was.
        """
        if len(body) % _BLOCK or len(body) < _BLOCK + _MAC + _BLOCK:
            return None
        decryptor = Cipher(self._algorithm, modes.CBC(body[:_BLOCK])).decryptor()
        data = decryptor.update(body[_BLOCK:]) + decryptor.finalize()
        padding = data[-1]
        good = padding + 1 + _MAC <= len(data) and data[-padding - 1 :] == bytes((padding,)) * (padding + 1)
        end = len(data) - (padding + 1 if good else 0) - _MAC
        plain, mac = data[:end], data[end : end + _MAC]
        same = hmac.compare_digest(mac, self._mac(content, number, plain))
        return plain if same and good else None


@dataclass(frozen=True, slots=True, repr=False)
class Ciphers:
    """Both directions of an association, by who writes."""

    client: ChaCha | AesCbc
    server: ChaCha | AesCbc


def derive(suite: Suite, master: bytes, client_random: bytes, server_random: bytes) -> Ciphers:
    """Return the ciphers of an association."""
    block = expand(master, b"key expansion", server_random + client_random, 2 * (_MAC + 16))
    if suite is Suite.ECDHE_PSK_CHACHA20:
        return Ciphers(ChaCha(block[:32], block[64:76]), ChaCha(block[32:64], block[76:88]))
    return Ciphers(AesCbc(block[64:80], block[:32]), AesCbc(block[80:96], block[32:64]))
