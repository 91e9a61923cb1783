"""What ffmpeg says: pages of Ogg in any pieces, and nothing that could harm."""

import pytest

from engine.child import ProtocolError
from engine.relay.ogg import OggOpus
from tests.support.fuzzing import Fuzz


@pytest.fixture(scope="module")
def pages() -> bytes:
    """Return what ffmpeg writes for a second of sound."""
    buffer = b"".join(_pages([b"OpusHead\1\1\x38\1" + bytes(7)], 0) + _pages([b"OpusTags" + bytes(300)], 0))
    for number in range(1, 6):
        buffer += b"".join(_pages([b"\x78" + bytes(number * 80)], number * 960))
    return buffer


def _pages(packets: list[bytes], position: int) -> list[bytes]:
    lacing = b"".join(b"\xff" * (len(data) // 255) + bytes([len(data) % 255]) for data in packets)
    head = b"OggS\0\0" + position.to_bytes(8, "little") + bytes(12) + bytes([len(lacing)]) + lacing
    return [head + b"".join(packets)]


def test_pages_in_any_pieces(pages: bytes) -> None:
    whole = OggOpus().feed(pages)
    assert [len(packet.data) for packet in whole] == [81, 161, 241, 321, 401]
    assert [packet.at for packet in whole] == pytest.approx([n * 0.02 - 312 / 48000 for n in range(5)])
    parser = OggOpus()
    assert [packet for byte in pages for packet in parser.feed(bytes([byte]))] == whole


def test_two_pieces_on_a_page() -> None:
    found = OggOpus().feed(_pages([b"\x78one", b"\x78second"], 2 * 960)[0])
    assert [(packet.data, packet.at) for packet in found] == [(b"\x78one", 0), (b"\x78second", 0.02)]


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF",
        b"OggX",
        b"OggS\1" + bytes(30),
        b"OggS\0\1" + bytes(30),
        b"OggS\0\0" + bytes(20) + b"\1\xff" + bytes(255),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        OggOpus().feed(data)


def test_bytes_of_a_mad_ffmpeg(fuzz: Fuzz, pages: bytes) -> None:
    with fuzz.share("pages", 20, limit=20_000) as share:
        while share.more:
            parser = OggOpus()
            data = share.mutator.any([pages])
            try:
                for part in share.mutator.cuts(data):
                    parser.feed(part)
            except ProtocolError:
                continue
            assert len(parser._buffer) <= len(data)
