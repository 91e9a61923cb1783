"""XXTEA over 16 bytes, which the log-in challenge uses."""

import struct

_DELTA = 0x9E3779B9
_MASK = 0xFFFFFFFF
_ROUNDS = 6 + 52 // 4


def _mix(total: int, y: int, z: int, key: int) -> int:
    """Return what one step adds to a word."""
    return (((z >> 5 ^ y << 2) + (y >> 3 ^ z << 4)) ^ ((total ^ y) + (key ^ z))) & _MASK


def encrypt(block: bytes, key: bytes) -> bytes:
    """Encrypt 16 bytes with a 16-byte key."""
    words = list(struct.unpack("<4I", block))
    keys = struct.unpack("<4I", key)
    total = 0
    for _ in range(_ROUNDS):
        total = (total + _DELTA) & _MASK
        e = (total >> 2) & 3
        for p in range(4):
            step = _mix(total, words[(p + 1) & 3], words[p - 1], keys[p ^ e])
            words[p] = (words[p] + step) & _MASK
    return struct.pack("<4I", *words)


def decrypt(block: bytes, key: bytes) -> bytes:
    """Decrypt 16 bytes with a 16-byte key."""
    words = list(struct.unpack("<4I", block))
    keys = struct.unpack("<4I", key)
    total = (_ROUNDS * _DELTA) & _MASK
    for _ in range(_ROUNDS):
        e = (total >> 2) & 3
        for p in (3, 2, 1, 0):
            step = _mix(total, words[(p + 1) & 3], words[p - 1], keys[p ^ e])
            words[p] = (words[p] - step) & _MASK
        total = (total - _DELTA) & _MASK
    return struct.pack("<4I", *words)
