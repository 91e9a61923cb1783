"""Cipher suites: key derivation and record protection."""

import hashlib
import hmac
import os
import struct
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .. import WireError

VERSION = b"\xfe\xfd"
_AAD = struct.Struct("!QB2sH")
_BLOCK = 16
_TAG = 16
_MAC = 32


def prf(secret: bytes, label: bytes, seed: bytes, size: int) -> bytes:
    """Return TLS 1.2's pseudo-random bytes (P_SHA256)."""
    seed = label + seed
    out = b""
    link = seed
    while len(out) < size:
        link = hmac.digest(secret, link, "sha256")
        out += hmac.digest(secret, link + seed, "sha256")
    return out[:size]


def premaster(shared: bytes, psk: bytes) -> bytes:
    """Return the premaster secret of the (ECDHE_)PSK exchanges; plain PSK shares zeros."""
    return len(shared).to_bytes(2) + shared + len(psk).to_bytes(2) + psk


class Protection(Protocol):
    """Seals and opens records of one direction. `number` is epoch << 48 | sequence."""

    def seal(self, number: int, kind: int, plain: bytes) -> bytes:
        """Return the protected fragment."""
        ...

    def open(self, number: int, kind: int, sealed: bytes) -> bytes:
        """Return the plain fragment; raises WireError when it is not authentic."""
        ...


class ChaCha20:
    """RFC 7905 record protection."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        """Take a 32-byte key and a 12-byte initial vector."""
        self._cipher = ChaCha20Poly1305(key)
        self._iv = int.from_bytes(iv)

    def seal(self, number: int, kind: int, plain: bytes) -> bytes:
        """Return the protected fragment."""
        nonce = (self._iv ^ number).to_bytes(12)
        return self._cipher.encrypt(nonce, plain, _AAD.pack(number, kind, VERSION, len(plain)))

    def open(self, number: int, kind: int, sealed: bytes) -> bytes:
        """Return the plain fragment; raises WireError when it is not authentic."""
        size = len(sealed) - _TAG
        if size < 0:
            raise WireError("record too short")
        nonce = (self._iv ^ number).to_bytes(12)
        try:
            return self._cipher.decrypt(nonce, sealed, _AAD.pack(number, kind, VERSION, size))
        except InvalidTag:
            raise WireError("record is not authentic") from None


class Aes128Cbc:
    """MAC-then-encrypt record protection with HMAC-SHA256 and an explicit initial vector."""

    def __init__(self, key: bytes, mac_key: bytes) -> None:
        """Take a 16-byte key and a 32-byte MAC key."""
        self._algorithm = algorithms.AES(key)
        self._mac_key = mac_key

    def _mac(self, number: int, kind: int, plain: bytes) -> bytes:
        """Return the record's MAC."""
        return hmac.digest(self._mac_key, _AAD.pack(number, kind, VERSION, len(plain)) + plain, "sha256")

    def seal(self, number: int, kind: int, plain: bytes) -> bytes:
        """Return the protected fragment."""
        body = plain + self._mac(number, kind, plain)
        fill = _BLOCK - 1 - len(body) % _BLOCK
        iv = os.urandom(_BLOCK)
        encryptor = Cipher(self._algorithm, modes.CBC(iv)).encryptor()
        return iv + encryptor.update(body + bytes((fill,)) * (fill + 1)) + encryptor.finalize()

    def open(self, number: int, kind: int, sealed: bytes) -> bytes:
        """Return the plain fragment; raises WireError when it is not authentic."""
        if len(sealed) < 2 * _BLOCK + _MAC or len(sealed) % _BLOCK:
            raise WireError("record has an impossible length")
        decryptor = Cipher(self._algorithm, modes.CBC(sealed[:_BLOCK])).decryptor()
        body = decryptor.update(sealed[_BLOCK:]) + decryptor.finalize()
        fill = body[-1]
        end = len(body) - fill - 1 - _MAC
        if end < 0 or body[-fill - 1 :] != bytes((fill,)) * (fill + 1):
            raise WireError("record is padded wrongly")
        plain, mac = body[:end], body[end : end + _MAC]
        if not hmac.compare_digest(mac, self._mac(number, kind, plain)):
            raise WireError("record is not authentic")
        return plain


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher suite: its number on the wire and the sizes of its keys."""

    number: int
    ecdhe: bool
    mac_size: int
    key_size: int
    iv_size: int

    def protections(
        self, master: bytes, client_random: bytes, server_random: bytes
    ) -> tuple[Protection, Protection]:
        """Return what the client writes with and what the server writes with."""
        sizes = (self.mac_size, self.mac_size, self.key_size, self.key_size, self.iv_size, self.iv_size)
        block = prf(master, b"key expansion", server_random + client_random, sum(sizes))
        parts = []
        for size in sizes:
            parts.append(block[:size])
            block = block[size:]
        client_mac, server_mac, client_key, server_key, client_iv, server_iv = parts
        if self.mac_size:
            return Aes128Cbc(client_key, client_mac), Aes128Cbc(server_key, server_mac)
        return ChaCha20(client_key, client_iv), ChaCha20(server_key, server_iv)


ECDHE_PSK_CHACHA20 = Suite(0xCCAC, ecdhe=True, mac_size=0, key_size=32, iv_size=12)
"""TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256, the main channel's suite."""

PSK_AES128_CBC = Suite(0x00AE, ecdhe=False, mac_size=32, key_size=16, iv_size=0)
"""TLS_PSK_WITH_AES_128_CBC_SHA256, the talk-back channel's suite."""


def finished(master: bytes, label: bytes, transcript: bytes) -> bytes:
    """Return the 12 bytes of a Finished message."""
    return prf(master, label, hashlib.sha256(transcript).digest(), 12)
