"""The ring: whole groups of pictures, long enough, and never more than it may hold."""

from hypothesis import given, strategies as st

from engine.watch.nal import VideoCodec, parameter_sets, units, with_lengths
from engine.watch.piece import Piece
from engine.watch.ring import Ring


def picture(moment: float, *, key: bool = False, size: int = 100) -> Piece:
    return Piece(True, key, bytes(size), moment)


def sound(moment: float) -> Piece:
    return Piece(False, False, bytes(40), moment)


def fill(ring: Ring, seconds: float, gop: float = 2.0, size: int = 100) -> None:
    for number in range(int(seconds * 10)):
        moment = number / 10
        ring.add(picture(moment, key=moment % gop < 0.05, size=size))
        ring.add(sound(moment + 0.05))


def test_it_keeps_the_time_asked_for_and_not_a_group_more() -> None:
    ring = Ring(5.0)
    fill(ring, 30)
    first = next(iter(ring))
    assert first.key
    assert 24.9 - 5 - 2 <= first.moment <= 29.9 - 5
    assert ring.bytes == sum(piece.size for piece in ring)


def test_what_is_asked_for_begins_with_the_last_key_frame_before() -> None:
    ring = Ring(8.0)
    fill(ring, 30)
    assert ring.since(25.0)[0].moment == 24.0
    assert ring.since(24.0)[0].moment == 24.0
    assert ring.since(0.0)[0] is next(iter(ring)), "as much as there is"
    assert ring.since(99.0)[0].moment == 28.0


def test_the_oldest_group_goes_when_it_would_be_too_much() -> None:
    ring = Ring(20.0, max_bytes=40_000)
    fill(ring, 30, size=600)
    assert ring.bytes <= 40_000
    assert next(iter(ring)).key
    assert not ring.too_long
    few = Ring(20.0, max_pieces=100)
    fill(few, 30)
    assert len(few) <= 100


def test_a_group_that_is_too_much_alone_is_said_and_costs_no_memory() -> None:
    ring = Ring(5.0, max_bytes=20_000)
    fill(ring, 30, gop=100.0, size=600)
    assert ring.too_long
    assert ring.bytes <= 20_000
    ring.add(picture(31.0, key=True))
    assert not ring.too_long
    assert [piece.moment for piece in ring] == [31.0]


def test_nothing_is_kept_before_the_first_key_frame() -> None:
    ring = Ring(5.0)
    ring.add(picture(1.0))
    ring.add(sound(1.0))
    assert not len(ring)
    assert ring.since(0.0) == []


@given(
    st.floats(0, 15),
    st.lists(st.tuples(st.sampled_from("kpa"), st.floats(0, 3), st.integers(0, 5000)), max_size=200),
)
def test_whatever_comes_it_stays_within_its_limits(
    span: float, arrivals: list[tuple[str, float, int]]
) -> None:
    ring, moment = Ring(span, max_bytes=50_000, max_pieces=60), 0.0
    for kind, step, size in arrivals:
        moment += step
        ring.add(Piece(kind != "a", kind == "k", bytes(size), moment))
        assert ring.bytes <= 50_000
        assert len(ring) <= 60
        pieces = list(ring)
        assert ring.bytes == sum(piece.size for piece in pieces)
        assert not pieces or pieces[0].key


@given(st.floats(0, 15), st.lists(st.tuples(st.sampled_from("kkpppaa"), st.floats(0, 3)), min_size=1))
def test_the_time_asked_for_is_there_whenever_it_can_be(
    span: float, arrivals: list[tuple[str, float]]
) -> None:
    ring, moment = Ring(span), 0.0
    keys: list[float] = []
    for kind, step in arrivals:
        moment += step
        ring.add(Piece(kind != "a", kind == "k", b"", moment))
        keys += [moment] if kind == "k" else []
        early = [key for key in keys if key <= moment - span]
        if early:
            assert ring.since(moment - span)[0].moment == max(early)
        elif keys:
            assert ring.since(moment - span)[0].moment == keys[0]


@given(
    st.lists(
        st.binary(min_size=1, max_size=30).map(lambda unit: b"\x65" + unit.replace(b"\0", b"\1") + b"\x80")
    )
)
def test_units_are_found_and_given_their_lengths(found: list[bytes]) -> None:
    data = b"".join((b"\0\0\0\1" if number % 2 else b"\0\0\1") + unit for number, unit in enumerate(found))
    assert list(units(data)) == found
    assert with_lengths(VideoCodec.H264, data) == b"".join(len(unit).to_bytes(4) + unit for unit in found)


def test_parameter_sets_are_all_or_none() -> None:
    start, sps, pps, key = b"\0\0\0\1", b"\x67\x42", b"\x68\xce", b"\x65\x88"
    assert parameter_sets(VideoCodec.H264, start + sps + start + key) == b""
    found = parameter_sets(VideoCodec.H264, start + pps + start + sps + start + pps + start + key)
    assert list(units(found)) == [sps, pps]
    assert with_lengths(VideoCodec.H264, start + b"\x09\xf0" + start + sps + start + pps + start + key) == (
        b"\0\0\0\2" + key
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(data: bytes) -> None:
    for codec in VideoCodec:
        parameter_sets(codec, data)
        assert len(with_lengths(codec, data)) <= len(data) * 2
