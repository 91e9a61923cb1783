"""The obfuscation of older firmware's datagrams. It hides nothing: its key is public and fixed.

Each 16-byte block goes through a rotation of its words, a permutation of its bytes, an XOR and another
rotation. Up to four blocks go at once, as one long number: that is faster than one by one, and needs no
tables that would push everything else out of the processor's cache.
"""

from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import NamedTuple

_KEY = b"Charlie is the designer of P2P!!"
_BLOCK = 16
_WORD = 32
_CLEAR_FROM = 64
"""Where data datagrams go on in clear; as much as is transformed at once."""
_PARTLY = 1
"""Bit of header byte 3: only the beginning is coded."""

_ORDERS = {
    2: (1, 0),
    4: (2, 3, 0, 1),
    8: (7, 4, 3, 2, 1, 6, 5, 0),
    16: (11, 9, 8, 15, 13, 10, 12, 14, 2, 1, 5, 0, 6, 4, 7, 3),
}
"""Where each byte is taken from. Each order is its own inverse."""

type _Turn = tuple[tuple[int, int, int, int], ...]
"""For each word of a block: how far right its bits go, which ones; how far left the others go, which ones."""


class _Plan(NamedTuple):
    """How so many blocks are transformed."""

    size: int
    first: _Turn
    order: Callable[[bytes], tuple[int, ...]]
    key: int
    last: _Turn


def _turn(blocks: int, offset: int, *, left: bool) -> _Turn:
    """Return how to rotate word i of all blocks by 4i + offset bits, to the right unless `left`."""
    found = []
    for word in range(_BLOCK * 8 // _WORD):
        bits = 4 * word + offset
        right = _WORD - bits if left else bits
        ones = sum(1 << _WORD * word + _BLOCK * 8 * block for block in range(blocks))
        wraps = ones * ((1 << right) - 1)
        found.append((right, ones * ((1 << _WORD) - 1) ^ wraps, _WORD - right, wraps))
    return tuple(found)


@cache
def _plan(blocks: int, *, encode: bool) -> _Plan:
    """Return how so many blocks, at most four, are coded or decoded."""
    order = _ORDERS[_BLOCK]
    # Coding XORs before it permutes, which is the same as to XOR what was permuted afterwards.
    key = bytes(_KEY[i] for i in order) if encode else _KEY[:_BLOCK]
    return _Plan(
        blocks * _BLOCK,
        _turn(blocks, 1 if encode else 3, left=not encode),
        itemgetter(*(block * _BLOCK + i for block in range(blocks) for i in order)),
        int.from_bytes(key * blocks, "little"),
        _turn(blocks, 3 if encode else 1, left=not encode),
    )


def _rotate(value: int, turn: _Turn) -> int:
    """Rotate the words of all blocks."""
    (a, b, c, d), (e, f, g, h), (i, j, k, m), (n, o, p, q) = turn
    near = (value & b) >> a | (value & f) >> e | (value & j) >> i | (value & o) >> n
    return near | (value & d) << c | (value & h) << g | (value & m) << k | (value & q) << p


def _blocks(data: bytes, *, encode: bool) -> bytes:
    """Transform whole blocks."""
    size, first, order, key, last = _plan(len(data) // _BLOCK, encode=encode)
    turned = _rotate(int.from_bytes(data, "little"), first).to_bytes(size, "little")
    mixed = int.from_bytes(bytes(order(turned)), "little") ^ key
    return _rotate(mixed, last).to_bytes(size, "little")


def _tail(data: bytes, *, encode: bool) -> bytes:
    """Transform what is left over: fewer than 16 bytes."""
    order = _ORDERS.get(len(data))
    if order and not encode:
        data = bytes([data[i] for i in order])
    data = bytes([byte ^ key for byte, key in zip(data, _KEY, strict=False)])
    if order and encode:
        data = bytes([data[i] for i in order])
    return data


def _unit(data: bytes, *, encode: bool) -> bytes:
    """Transform a run of bytes that begins with a block."""
    whole = len(data) - len(data) % _BLOCK
    parts = [
        _blocks(data[at : min(at + _CLEAR_FROM, whole)], encode=encode) for at in range(0, whole, _CLEAR_FROM)
    ]
    if whole < len(data):
        parts.append(_tail(data[whole:], encode=encode))
    return b"".join(parts)


def encode(plain: bytes) -> bytes:
    """Return the datagram as older firmware wants it on the wire; takes any length."""
    partly = len(plain) >= _BLOCK and plain[3] & _PARTLY
    end = _CLEAR_FROM if partly else len(plain)
    return _unit(plain[:end], encode=True) + plain[end:]


def decode(coded: bytes) -> bytes:
    """Return the plain datagram; takes any bytes of any length."""
    head = _unit(coded[:_CLEAR_FROM], encode=False)
    if len(coded) <= _CLEAR_FROM:
        return head
    if head[3] & _PARTLY:
        return head + coded[_CLEAR_FROM:]
    return head + _unit(coded[_CLEAR_FROM:], encode=False)
