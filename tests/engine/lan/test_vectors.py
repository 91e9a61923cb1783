"""The engine's byte work against vectors made by another program."""

import re
import struct
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from engine.lan import transcode
from engine.lan.framing_0402 import Framer0402
from engine.lan.framing_cc51 import FramerCC51
from engine.lan.keys import Keys, derive_auth_key, derive_psk, xxtea_decrypt
from tests.engine.lan import wire

VECTORS = (Path(__file__).parents[2] / "vectors" / "lan-vectors.txt").read_text()


def found(pattern: str, at_least: int) -> list[tuple[str, ...]]:
    """Return the vectors of a kind; none found would be a test that cannot fail."""
    vectors = re.findall(pattern, VECTORS, re.MULTILINE)
    assert len(vectors) >= at_least
    return vectors


def single(pattern: str) -> bytes:
    """Return the bytes of the one vector that a pattern matches."""
    ((value),) = re.findall(pattern, VECTORS, re.MULTILINE)
    return bytes.fromhex(value)


@pytest.mark.parametrize(("enr", "mac", "expected"), found(r"^authkey +enr=(\w+) mac=(\w+) -> (\w+)", 2))
def test_the_auth_key_does_not_depend_on_the_case_of_the_mac(enr: str, mac: str, expected: str) -> None:
    assert derive_auth_key(enr, mac).decode() == derive_auth_key(enr, mac.lower()).decode() == expected


@pytest.mark.parametrize(("enr", "expected"), found(r"^psk +enr=(\w+) -> (\w+)", 3))
def test_the_handshake_key_ends_at_a_zero_byte(enr: str, expected: str) -> None:
    assert derive_psk(enr).hex() == expected


@given(st.text("abcdefghijklmnop0123456789", min_size=16, max_size=32))
def test_every_handshake_key_has_its_length_and_nothing_behind_a_zero(enr: str) -> None:
    key = derive_psk(enr)
    assert len(key) == 32
    assert not key.partition(b"\0")[2].strip(b"\0")


@pytest.mark.parametrize(
    ("key", "block", "expected"), found(r"^xxtea_decrypt key=(\w+) \(ASCII\) in=(\w+) -> (\w+)", 2)
)
def test_xxtea(key: str, block: str, expected: str) -> None:
    assert xxtea_decrypt(bytes.fromhex(block), key.encode()).hex() == expected
    # So the mirror camera's half is right too.
    assert wire.xxtea_encrypt(bytes.fromhex(expected), key.encode()).hex() == block


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_xxtea_undoes_what_a_camera_does(block: bytes, key: bytes) -> None:
    assert xxtea_decrypt(wire.xxtea_encrypt(block, key), key) == block


@pytest.mark.parametrize(("plain", "coded"), found(r"^transcode n=\d+ +([0-9a-f]+) -> ([0-9a-f]+)", 9))
def test_short_datagrams_are_obfuscated(plain: str, coded: str) -> None:
    assert transcode.encode(bytes.fromhex(plain)).hex() == coded
    assert transcode.decode(bytes.fromhex(coded)).hex() == plain


@pytest.mark.parametrize(
    ("mode", "tail"),
    [
        (0x02, single(r"mode 02: .* bytes 64..87 coded: (\w+)")),
        (0x0B, single(r"mode 0b: bytes 64..87 in clear: (\w+)")),
    ],
)
def test_long_datagrams_are_obfuscated_wholly_or_in_their_beginning(mode: int, tail: bytes) -> None:
    plain = bytearray(i * 7 + 3 & 0xFF for i in range(88))
    plain[3] = mode
    coded = transcode.encode(bytes(plain))
    assert coded[64:] == tail
    if mode == 0x0B:
        assert coded[:64] == single(r"bytes 0..63 of n=88 mode 0b: (\w+)")
    assert transcode.decode(coded) == plain


ORDERS = {
    2: (1, 0),
    4: (2, 3, 0, 1),
    8: (7, 4, 3, 2, 1, 6, 5, 0),
    16: (11, 9, 8, 15, 13, 10, 12, 14, 2, 1, 5, 0, 6, 4, 7, 3),
}
CHARLIE = b"Charlie is the d"


def by_the_book(plain: bytes) -> bytes:
    """Return what one unit becomes, step by step as the rule is written."""
    out = b""
    for at in range(0, len(plain), 16):
        block = plain[at : at + 16]
        if len(block) == 16:
            block = rotate(block, 1)
        block = bytes(a ^ b for a, b in zip(block, CHARLIE, strict=False))
        block = bytes(block[i] for i in ORDERS.get(len(block), range(len(block))))
        out += rotate(block, 3) if len(block) == 16 else block
    return out


def rotate(block: bytes, offset: int) -> bytes:
    words = struct.unpack("<4I", block)
    turns = [4 * i + offset for i in range(4)]
    turned = [w >> n | w << 32 - n & 0xFFFFFFFF for w, n in zip(words, turns, strict=True)]
    return struct.pack("<4I", *turned)


@pytest.mark.parametrize("mode", [0x02, 0x0A, 0x0B])
def test_every_length_is_obfuscated_by_the_book(mode: int) -> None:
    for length in range(200):
        plain = bytes(mode if i == 3 else i * 11 + length & 0xFF for i in range(length))
        end = 64 if mode & 1 else length
        if length < 16:
            expected = by_the_book(plain)
        else:
            expected = by_the_book(plain[:16]) + by_the_book(plain[16:end]) + plain[end:]
        assert transcode.encode(plain) == expected
        assert transcode.decode(expected) == plain


@given(st.binary(max_size=300))
def test_any_bytes_can_be_decoded_and_coded_back(coded: bytes) -> None:
    assert transcode.encode(transcode.decode(coded)) == coded


def test_the_older_hello_is_the_recorded_one() -> None:
    recorded = single(r"^D1 0601 .*\n(\w+)")
    ours = bytearray(transcode.decode(Framer0402(Keys(wire.credentials())).search()))
    ours[56:64] = transcode.decode(recorded)[56:64]  # the session id is random
    assert transcode.encode(bytes(ours)) == recorded


def test_the_newer_hello_is_the_recorded_one() -> None:
    recorded = single(r"^CC51 0x1002 .*\n(\w+)")
    keys = Keys(wire.credentials())
    ours = FramerCC51(keys).search()
    head = ours[:16] + recorded[16:24] + ours[24:32]
    assert head + keys.seal(head) == recorded
    assert keys.seal(ours[:32]) == ours[32:]


def test_keys_print_as_nothing() -> None:
    keys = Keys(wire.credentials())
    for secret in (wire.ENR, wire.UID, wire.MAC, keys.auth.decode()):
        assert secret not in repr(keys)
        assert secret not in str([keys])
