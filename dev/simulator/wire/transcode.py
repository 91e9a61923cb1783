"""The obfuscation of the older framing ("TransCode").

Every step of it (rotate, exclusive-or, permute) is affine over GF(2). So one 16-byte block is a
constant plus the sum of sixteen table entries, one per input byte, which is several times faster
in Python than the steps themselves; the tables are computed from the steps at first use.
"""

import functools
from collections.abc import Callable

_KEY = b"Charlie is the designer of P2P!!"
_MASK = 0xFFFFFFFF
_PERMUTATIONS: dict[int, tuple[int, ...]] = {
    2: (1, 0),
    4: (2, 3, 0, 1),
    8: (7, 4, 3, 2, 1, 6, 5, 0),
    16: (11, 9, 8, 15, 13, 10, 12, 14, 2, 1, 5, 0, 6, 4, 7, 3),
}
_PARTIAL_MODE_BIT = 1
_CODED_BODY = 48
_HEADER = 16

type _Tables = tuple[int, tuple[tuple[int, ...], ...]]


def _permute(data: bytes) -> bytes:
    """Reorder bytes; each table is its own inverse, and other lengths stay as they are."""
    order = _PERMUTATIONS.get(len(data))
    return data if order is None else bytes(data[i] for i in order)


def _mask(data: bytes) -> bytes:
    """Add the key."""
    return bytes(a ^ b for a, b in zip(data, _KEY, strict=False))


def _rotate(data: bytes, base: int, *, left: bool) -> bytes:
    """Rotate the four words of a block by 4 * index + base bits."""
    out = bytearray()
    for index in range(4):
        word = int.from_bytes(data[4 * index : 4 * index + 4], "little")
        bits = 4 * index + base
        bits = bits if left else 32 - bits
        out += ((word << bits | word >> (32 - bits)) & _MASK).to_bytes(4, "little")
    return bytes(out)


def _encode_block(block: bytes) -> bytes:
    """Encode 16 bytes, step by step."""
    return _rotate(_permute(_mask(_rotate(block, 1, left=False))), 3, left=False)


def _decode_block(block: bytes) -> bytes:
    """Decode 16 bytes, step by step."""
    return _rotate(_mask(_permute(_rotate(block, 3, left=True))), 1, left=True)


def _tables(transform: Callable[[bytes], bytes]) -> _Tables:
    """Return constant and tables that are equal to an affine transform of one block."""
    constant = int.from_bytes(transform(bytes(16)), "little")
    tables = []
    for position in range(16):
        bits = []
        for bit in range(8):
            block = bytearray(16)
            block[position] = 1 << bit
            bits.append(int.from_bytes(transform(bytes(block)), "little") ^ constant)
        table = [0] * 256
        for value in range(1, 256):
            low = value & -value
            table[value] = table[value ^ low] ^ bits[low.bit_length() - 1]
        tables.append(tuple(table))
    return constant, tuple(tables)


@functools.cache
def _encode_tables() -> _Tables:
    """Return the tables of the encoder."""
    return _tables(_encode_block)


@functools.cache
def _decode_tables() -> _Tables:
    """Return the tables of the decoder."""
    return _tables(_decode_block)


def _blocks(data: bytes, tables: _Tables) -> bytes:
    """Transform a whole number of blocks."""
    constant, (t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15) = tables
    out = []
    for at in range(0, len(data), 16):
        b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15 = data[at : at + 16]
        value = (
            constant ^ t0[b0] ^ t1[b1] ^ t2[b2] ^ t3[b3] ^ t4[b4] ^ t5[b5] ^ t6[b6] ^ t7[b7]
            ^ t8[b8] ^ t9[b9] ^ t10[b10] ^ t11[b11] ^ t12[b12] ^ t13[b13] ^ t14[b14] ^ t15[b15]
        )  # fmt: skip
        out.append(value.to_bytes(16, "little"))
    return b"".join(out)


def _encode_unit(data: bytes) -> bytes:
    """Encode blocks and the tail behind them."""
    whole = len(data) & ~15
    return _blocks(data[:whole], _encode_tables()) + _permute(_mask(data[whole:]))


def _decode_unit(data: bytes) -> bytes:
    """Decode blocks and the tail behind them."""
    whole = len(data) & ~15
    return _blocks(data[:whole], _decode_tables()) + _mask(_permute(data[whole:]))


def _coded_length(mode: int, length: int) -> int:
    """Return how many body bytes are obfuscated in a datagram of that mode."""
    return min(length, _CODED_BODY) if mode & _PARTIAL_MODE_BIT else length


def encode(data: bytes) -> bytes:
    """Obfuscate one datagram of any length."""
    if len(data) < _HEADER:
        return _encode_unit(data)
    end = _HEADER + _coded_length(data[3], len(data) - _HEADER)
    if end & 15 == 0:
        return _blocks(data[:end], _encode_tables()) + data[end:]
    return _encode_unit(data[:_HEADER]) + _encode_unit(data[_HEADER:end]) + data[end:]


def decode(data: bytes) -> bytes:
    """Undo `encode`; bytes that never were encoded come out as some other bytes of the same length."""
    if len(data) < _HEADER:
        return _decode_unit(data)
    head = _blocks(data[:_HEADER], _decode_tables())
    end = _HEADER + _coded_length(head[3], len(data) - _HEADER)
    return head + _decode_unit(data[_HEADER:end]) + data[end:]
