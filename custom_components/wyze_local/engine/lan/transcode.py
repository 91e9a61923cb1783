"""The obfuscation of older firmware's datagrams. It hides nothing: its key is public and fixed.

Each 16-byte block goes through rotations, an XOR and a permutation, all of which are affine over GF(2).
So a block's image is the XOR of one table entry per byte, several times faster than the steps.
"""

from functools import cache

_KEY = b"Charlie is the designer of P2P!!"
_BLOCK = 16
_CLEAR_FROM = 64
"""Where data datagrams go on in clear."""
_PARTLY = 1
"""Bit of header byte 3: only the beginning is coded."""

_ORDERS = {
    2: (1, 0),
    4: (2, 3, 0, 1),
    8: (7, 4, 3, 2, 1, 6, 5, 0),
    16: (11, 9, 8, 15, 13, 10, 12, 14, 2, 1, 5, 0, 6, 4, 7, 3),
}
"""Where each byte is taken from. Each order is its own inverse."""

type _Tables = tuple[int, tuple[tuple[int, ...], ...]]


def _rotate_right(block: int, offset: int) -> int:
    """Rotate word i of a block right by 4i + offset bits."""
    rotated = 0
    for word in range(4):
        bits = 4 * word + offset
        value = block >> 32 * word & 0xFFFFFFFF
        rotated |= (value >> bits | value << 32 - bits & 0xFFFFFFFF) << 32 * word
    return rotated


def _permute(block: int) -> int:
    """Put a block's bytes into the order of full blocks."""
    data = block.to_bytes(_BLOCK, "little")
    return int.from_bytes(bytes(data[i] for i in _ORDERS[_BLOCK]), "little")


_XOR = int.from_bytes(_KEY[:_BLOCK], "little")


def _encode_step(block: int) -> int:
    """Code one block, step by step."""
    return _rotate_right(_permute(_rotate_right(block, 1) ^ _XOR), 3)


def _decode_step(block: int) -> int:
    """Decode one block, step by step; rotating right by 32 - n is rotating left by n."""
    return _rotate_left(_permute(_rotate_left(block, 3)) ^ _XOR, 1)


def _rotate_left(block: int, offset: int) -> int:
    """Rotate word i of a block left by 4i + offset bits."""
    rotated = 0
    for word in range(4):
        bits = 4 * word + offset
        value = block >> 32 * word & 0xFFFFFFFF
        rotated |= (value << bits & 0xFFFFFFFF | value >> 32 - bits) << 32 * word
    return rotated


@cache
def _tables(*, encode: bool) -> _Tables:
    """Return the image of zero, and per position the share of each byte value."""
    step = _encode_step if encode else _decode_step
    zero = step(0)
    tables = []
    for position in range(_BLOCK):
        table = [0]
        for bit in range(8):
            share = step(1 << 8 * position + bit) ^ zero
            table += [entry ^ share for entry in table]
        tables.append(tuple(table))
    return zero, tuple(tables)


def _blocks(data: bytes, tables: _Tables) -> bytes:
    """Transform whole blocks."""
    zero, (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) = tables  # noqa: E741 - sixteen of a kind
    out = bytearray()
    for at in range(0, len(data), _BLOCK):
        q, r, s, t, u, v, w, x, y, z, a1, b1, c1, d1, e1, f1 = data[at : at + _BLOCK]
        mixed = zero ^ a[q] ^ b[r] ^ c[s] ^ d[t] ^ e[u] ^ f[v] ^ g[w] ^ h[x]
        mixed ^= i[y] ^ j[z] ^ k[a1] ^ l[b1] ^ m[c1] ^ n[d1] ^ o[e1] ^ p[f1]
        out += mixed.to_bytes(_BLOCK, "little")
    return bytes(out)


def _tail(data: bytes, *, encode: bool) -> bytes:
    """Transform what is left over: fewer than 16 bytes."""
    order = _ORDERS.get(len(data))
    if order and not encode:
        data = bytes([data[i] for i in order])
    data = bytes([byte ^ key for byte, key in zip(data, _KEY, strict=False)])
    if order and encode:
        data = bytes([data[i] for i in order])
    return data


def _unit(data: bytes, tables: _Tables, *, encode: bool) -> bytes:
    """Transform a run of bytes."""
    if rest := len(data) % _BLOCK:
        return _blocks(data[:-rest], tables) + _tail(data[-rest:], encode=encode)
    return _blocks(data, tables)


def encode(plain: bytes) -> bytes:
    """Return the datagram as older firmware wants it on the wire; takes any length."""
    tables = _tables(encode=True)
    if len(plain) < _BLOCK:
        return _tail(plain, encode=True)
    end = _CLEAR_FROM if plain[3] & _PARTLY else len(plain)
    head, rest = plain[:_BLOCK], plain[_BLOCK:end]
    return _blocks(head, tables) + _unit(rest, tables, encode=True) + plain[end:]


def decode(coded: bytes) -> bytes:
    """Return the plain datagram; takes any bytes of any length."""
    tables = _tables(encode=False)
    if len(coded) < _BLOCK:
        return _tail(coded, encode=False)
    head = _blocks(coded[:_BLOCK], tables)
    if head[3] & _PARTLY:
        return b"".join((head, _unit(coded[_BLOCK:_CLEAR_FROM], tables, encode=False), coded[_CLEAR_FROM:]))
    return head + _unit(coded[_BLOCK:], tables, encode=False)
