"""Frames cut into fragments, put together again the way go2rtc does it."""

import struct

import pytest
from hypothesis import given, strategies as st

from dev.simulator.wire import WireError, av, hl, media, transcode, xxtea
from dev.simulator.wire.framing import Framer, Kind
from dev.simulator.wire.framing_0402 import Framer0402
from dev.simulator.wire.framing_cc51 import FramerCC51

UID, KEY = b"U" * 20, b"K" * 8
MAX_RECORD = 1200
"""Bytes of an AV packet that viewers certainly take."""


def assemble(packets: list[bytes], number: int) -> tuple[bytes, bytes]:
    """Return payload and trailer of a frame, by strict rules: one number, in order, none missing."""
    payload = b""
    for index, packet in enumerate(packets):
        assert len(packet) <= MAX_RECORD
        long = packet[1] in (0x08, 0x09, 0x0D)
        header = 36 if long else 28
        total, position = struct.unpack_from("<HH", packet, 20 if long else 12)
        assert struct.unpack_from("<I", packet, header - 4) == (number,)
        assert total == len(packets)
        if packet[1] in (0x01, 0x05):
            assert position == 0x28
            assert index == total - 1
            return payload + packet[header:-40], packet[-40:]
        assert position == index
        payload += packet[header:]
    raise AssertionError("no fragment with a trailer")


@given(
    st.binary(min_size=1, max_size=60_000), st.booleans(), st.integers(1, 2**32 - 1), st.integers(0, 2**40)
)
def test_fragments_make_the_frame(payload: bytes, key: bool, number: int, sequence: int) -> None:
    """Whatever the size, fragments fit into a record and make the frame again."""
    frame = media.Frame(payload, 0x4E, int(key), number, 1_700_000_000, 999_999, key=key, mac=b"020000000001")
    packets = media.fragments(frame, sequence)
    assert {packet[0] for packet in packets} == {0x05 if key else 0x07}
    whole, trailer = assemble(packets, number)
    assert whole == payload
    assert struct.unpack_from("<HB5xIIII12s", trailer) == (
        0x4E, int(key), 999_999, 1_700_000_000, len(payload), number, b"020000000001",
    )  # fmt: skip


def test_sound_is_one_packet() -> None:
    """A packet of sound is one AV packet and says its rate: viewers do not put sound together."""
    flags = media.audio_flags(16000)
    (packet,) = media.fragments(media.Frame(b"\xff" * 640, 0x8C, flags, 1, 0, 0, audio=True), 0)
    assert packet[0] == 0x03
    assert packet[-40:][:3] == bytes((0x8C, 0, 3 << 2 | 2))


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_xxtea_goes_both_ways(block: bytes, key: bytes) -> None:
    """What is encrypted can be decrypted."""
    assert xxtea.decrypt(xxtea.encrypt(block, key), key) == block


@given(st.binary(max_size=200))
def test_transcode_goes_both_ways(data: bytes) -> None:
    """What is obfuscated can be read, whatever its length and mode."""
    assert transcode.decode(transcode.encode(data)) == data


@pytest.mark.parametrize("status", [1, 3, 6])
def test_challenge_needs_the_right_key(status: int) -> None:
    """Only with the camera's own ENR (or, status 1, the well-known key) the nonce comes out."""
    nonce, enr = bytes(range(16)), "0123456789abcdefFEDCBA9876543210"
    block = hl.challenge(nonce, enr, status)
    first, second = enr[:16].encode(), enr[16:].encode()
    answer = {
        1: lambda: xxtea.decrypt(block, b"F" * 16),
        3: lambda: xxtea.decrypt(block, first),
        6: lambda: xxtea.decrypt(xxtea.decrypt(block, first), second),
    }[status]()
    assert answer == nonce


@pytest.mark.parametrize("framer", [Framer0402(UID, KEY), FramerCC51(UID, KEY)], ids=["0402", "cc51"])
@given(st.binary(max_size=1600))
def test_no_datagram_harms_a_framer(framer: Framer, datagram: bytes) -> None:
    """Random bytes are no message; nothing raises."""
    inbound = framer.parse(datagram)
    assert inbound is None or inbound.kind in (Kind.DATA, Kind.PONG)


@given(st.binary(max_size=700))
def test_no_packet_harms_the_parsers(packet: bytes) -> None:
    """Random packets are read, or refused with WireError."""
    for parse in (av.magic, av.parse_login, av.parse_control, hl.parse, media.parse_talk):
        try:
            parse(packet)
        except WireError:
            continue
