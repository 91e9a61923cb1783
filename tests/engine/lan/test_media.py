"""Media packets of every kind become pieces of frames, or are refused."""

import struct

import pytest
from hypothesis import given, strategies as st

from engine.lan.errors import Malformed
from engine.lan.media import MAX_FRAGMENTS, Fragment, Info, is_media, parse_fragment
from tests.engine.lan import wire
from tests.engine.lan.wire import KEY, OTHER, SOUND, Piece

INFO = Info(codec_id=wire.H264, flags=1, fps=15, microseconds=5, seconds=1_800_000_000, size=4)


def parse(
    stream: int, number: int, total: int, index: int, payload: bytes, kind: int, end: bytes = b""
) -> Fragment:
    return parse_fragment(Piece(stream, number, total, index, payload, kind, end).packet())


@pytest.mark.parametrize("kind", [0x00, 0x04, 0x08, 0x09])
def test_pieces_in_the_middle_and_first_ones(kind: int) -> None:
    assert parse(OTHER, 77, 3, 1, b"data", kind) == Fragment(OTHER, 77, 3, 1, b"data", None)


@pytest.mark.parametrize("kind", [0x01, 0x05, 0x0D])
def test_last_pieces_hold_the_trailer_and_have_the_last_place(kind: int) -> None:
    found = parse(KEY, 2**32 - 1, 3, 0, b"data", kind, end=wire.trailer(4))
    assert found == Fragment(KEY, 2**32 - 1, 3, 2, b"data", INFO)


def test_a_first_piece_that_is_the_only_one_holds_the_trailer() -> None:
    assert parse(KEY, 5, 1, 0, b"data", 0x09, end=wire.trailer(4)) == Fragment(KEY, 5, 1, 0, b"data", INFO)


def test_the_place_forty_is_a_place_where_no_trailer_follows() -> None:
    assert parse(KEY, 5, 60, 0x28, b"data", 0x00).place == 0x28
    assert parse(KEY, 5, 60, 0, b"data", 0x05, end=wire.trailer(4)).place == 59


def test_sound_is_always_whole() -> None:
    found = parse(SOUND, 9, 4, 3, b"data", 0x01, end=wire.trailer(4))
    assert (found.total, found.place) == (1, 0)


@pytest.mark.parametrize(
    ("total", "index"), [(0, 0), (1, 1), (5, 5), (MAX_FRAGMENTS + 1, 0), (65535, 65535), (3, 40)]
)
def test_a_piece_of_no_frame_is_refused(total: int, index: int) -> None:
    with pytest.raises(Malformed):
        parse(KEY, 1, total, index, b"data", 0x00)


def test_half_a_header_or_trailer_is_refused() -> None:
    for packet in (
        Piece(KEY, 1, 2, 0, b"", 0x08).packet()[:35],
        Piece(KEY, 1, 1, 0, b"", 0x01, bytes(39)).packet(),
        Piece(KEY, 1, 2, 0, b"", 0x0D, bytes(39)).packet(),
    ):
        assert is_media(packet)
        with pytest.raises(Malformed):
            parse_fragment(packet)
    assert not is_media(Piece(KEY, 1, 2, 0, b"", 0x00).packet()[:27])
    assert not is_media(b"\x0c" + bytes(40))


@pytest.mark.parametrize(
    ("flags", "rate", "channels"),
    [
        (0x02, 8000, 1),
        (0x03, 8000, 2),
        (0x0E, 16000, 1),
        (0x22, 48000, 1),
        (0x26, 16000, 1),
        (0xFF, 16000, 2),
    ],
)
def test_the_format_of_sound(flags: int, rate: int, channels: int) -> None:
    info = INFO._replace(flags=flags)
    assert (info.sample_rate, info.channels) == (rate, channels)


@given(st.sampled_from([KEY, OTHER, SOUND]), st.binary(min_size=27, max_size=150))
def test_any_media_packet_is_a_piece_or_refused(stream: int, rest: bytes) -> None:
    packet = struct.pack("<B", stream) + rest
    try:
        found = parse_fragment(packet)
    except Malformed:
        return
    assert 0 <= found.place < found.total <= MAX_FRAGMENTS
    assert len(found.payload) <= len(packet) - 28
