"""The simulator's byte work against vectors made by another program."""

import re
from pathlib import Path

import pytest

from dev.simulator.wire import keys, transcode, xxtea
from dev.simulator.wire.framing import Inbound, Kind
from dev.simulator.wire.framing_0402 import Framer0402
from dev.simulator.wire.framing_cc51 import FramerCC51

VECTORS = (Path(__file__).parents[1] / "vectors" / "lan-vectors.txt").read_text()
RECORDED_UID = b"ABCDEFGHIJKLMNOPQRST"
RECORDED_KEY = keys.auth_key("0123456789abcdef", "AABBCCDDEEFF")


def found(pattern: str, at_least: int) -> list[tuple[str, ...]]:
    """Return the vectors of a kind; none found would be a test that cannot fail."""
    vectors = re.findall(pattern, VECTORS, re.MULTILINE)
    assert len(vectors) >= at_least
    return vectors


@pytest.mark.parametrize(("enr", "mac", "expected"), found(r"^authkey +enr=(\w+) mac=(\w+) -> (\w+)", 2))
def test_auth_key(enr: str, mac: str, expected: str) -> None:
    """The auth key is what go2rtc computes; the MAC's case does not matter."""
    assert keys.auth_key(enr, mac.lower()).decode() == expected


@pytest.mark.parametrize(("enr", "expected"), found(r"^psk +enr=(\w+) -> (\w+)", 3))
def test_psk(enr: str, expected: str) -> None:
    """The DTLS key is what go2rtc computes, cut at a zero byte."""
    assert keys.psk(enr).hex() == expected


@pytest.mark.parametrize(
    ("key", "block", "expected"), found(r"^xxtea_decrypt key=(\w+) \(ASCII\) in=(\w+) -> (\w+)", 2)
)
def test_xxtea(key: str, block: str, expected: str) -> None:
    """XXTEA decrypts as go2rtc does, and encrypts back."""
    assert xxtea.decrypt(bytes.fromhex(block), key.encode()).hex() == expected
    assert xxtea.encrypt(bytes.fromhex(expected), key.encode()).hex() == block


@pytest.mark.parametrize(("plain", "coded"), found(r"^transcode n=\d+ +([0-9a-f]+) -> ([0-9a-f]+)", 9))
def test_transcode(plain: str, coded: str) -> None:
    """Short datagrams of every length class are obfuscated as go2rtc does."""
    assert transcode.encode(bytes.fromhex(plain)).hex() == coded
    assert transcode.decode(bytes.fromhex(coded)).hex() == plain


def single(pattern: str) -> bytes:
    """Return the bytes of the one vector that a pattern matches."""
    ((value),) = re.findall(pattern, VECTORS, re.MULTILINE)
    return bytes.fromhex(value)


@pytest.mark.parametrize(
    ("mode", "tail"),
    [
        (0x02, single(r"mode 02: .* bytes 64..87 coded: (\w+)")),
        (0x0B, single(r"mode 0b: bytes 64..87 in clear: (\w+)")),
    ],
)
def test_transcode_long(mode: int, tail: bytes) -> None:
    """A datagram of 88 bytes is obfuscated wholly, or (data) only in its first 64 bytes."""
    plain = bytearray(i * 7 + 3 & 0xFF for i in range(88))
    plain[3] = mode
    coded = transcode.encode(bytes(plain))
    assert coded[64:] == tail
    if mode == 0x0B:
        assert coded[:64] == single(r"bytes 0..63 of n=88 mode 0b: (\w+)")
    assert transcode.decode(coded) == plain


def test_recorded_hello_0402() -> None:
    """The first datagram of a real go2rtc is understood, and only by the camera it is meant for."""
    datagram = single(r"^D1 0601 .*\n(\w+)")
    inbound = Framer0402(RECORDED_UID, RECORDED_KEY).parse(datagram)
    assert inbound == Inbound(Kind.DISCOVER, transcode.decode(datagram)[56:64])
    assert Framer0402(b"Z" * 20, RECORDED_KEY).parse(datagram) is None
    assert Framer0402(RECORDED_UID, b"Z" * 8).parse(datagram) is None


def test_recorded_hello_cc51() -> None:
    """The same for the newer framing, whose seal covers id and auth key."""
    datagram = single(r"^CC51 0x1002 .*\n(\w+)")
    assert FramerCC51(RECORDED_UID, RECORDED_KEY).parse(datagram) == Inbound(Kind.DISCOVER, datagram[16:24])
    assert FramerCC51(b"Z" * 20, RECORDED_KEY).parse(datagram) is None
    assert FramerCC51(RECORDED_UID, b"Z" * 8).parse(datagram) is None
