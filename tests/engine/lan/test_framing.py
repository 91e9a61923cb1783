"""Both framings: what we say is what cameras take, what they say is understood, all else means nothing."""

import struct

import pytest
from hypothesis import given, strategies as st

from engine.lan import Framing, transcode
from engine.lan.framing import Framer, Inbound, Kind
from engine.lan.framing_0402 import Framer0402
from engine.lan.framing_cc51 import FramerCC51
from engine.lan.keys import Keys
from tests.engine.lan import wire

NOW = 1_790_000_000.7
KEYS = Keys(wire.credentials())


def pair(framing: Framing) -> tuple[Framer, wire.Older | wire.Newer]:
    """Return both ends, which have found each other."""
    older = framing is Framing.TRANSCODE
    ours: Framer = Framer0402(KEYS) if older else FramerCC51(KEYS)
    camera = wire.Older() if older else wire.Newer()
    answer = ours.parse(camera.found(camera.hear(ours.search()).session))
    assert answer
    ours.on_found(answer)
    return ours, camera


both = pytest.mark.parametrize("framing", list(Framing))


@both
def test_a_camera_takes_what_we_say(framing: Framing) -> None:
    ours, camera = pair(framing)
    assert ours.framing is camera.framing is framing
    search, wish = camera.hear(ours.search()), camera.hear(ours.open(NOW))
    assert (wish.kind, search.kind) == ("wish", "search" if framing is Framing.TRANSCODE else "")
    for channel in (0, 1):
        for size in (1, 2, 20, 36, 37, 500, 1400):
            heard = camera.hear(ours.data(channel, bytes(size)))
            assert heard == wire.Heard("data", channel, bytes(size), wish.session)


def test_the_older_framing_tells_session_and_time_and_numbers_its_data() -> None:
    ours, camera = pair(Framing.TRANSCODE)
    search, wish = camera.hear(ours.search()), camera.hear(ours.open(NOW))
    assert wish.session == search.session
    assert wish.payload == struct.pack("<I", int(NOW))
    second = ours.on_found(Inbound(Kind.FOUND))
    assert second
    assert camera.hear(second) == wire.Heard("second", session=search.session)
    numbers = [
        struct.unpack_from("<H", transcode.decode(ours.data(0, b"x")), 6)[0] for _ in range(0x10000 + 2)
    ]
    assert numbers == [*range(0x10000), 0, 1]


def test_the_newer_framing_takes_over_the_cameras_ticket_and_session() -> None:
    ours, camera = pair(Framing.CC51)
    assert camera.hear(ours.open(NOW)) == wire.Heard("wish", session=wire.CAMERA_SESSION)
    assert struct.unpack_from("<H", ours.data(0, b"x"), 14)[0] == wire.TICKET


def test_two_sessions_have_different_ids() -> None:
    for make in (Framer0402, FramerCC51):
        assert make(KEYS).search() != make(KEYS).search()


@both
def test_what_a_camera_says_is_understood(framing: Framing) -> None:
    ours, camera = pair(framing)
    found, opened = ours.parse(camera.found(bytes(8))), ours.parse(camera.opened(bytes(8)))
    assert found
    assert opened
    assert (found.kind, opened.kind) == (Kind.FOUND, Kind.OPENED)
    for channel in (0, 1):
        for size in (1, 2, 20, 36, 37, 500, 1400):
            assert ours.parse(camera.data(channel, bytes(size))) == Inbound(Kind.DATA, channel, bytes(size))


@pytest.mark.parametrize("body", [b"", b"short", b"12345678", b"12345678 and more"])
def test_the_older_ping_is_answered_with_its_first_bytes(body: bytes) -> None:
    ours, camera = pair(Framing.TRANSCODE)
    ping = ours.parse(camera.ping(body))
    assert ping
    assert ping.kind is Kind.PING
    assert camera.hear(ours.pong(ping)) == wire.Heard("pong", payload=body[:8].ljust(8, b"\0"))


def test_the_newer_ping_is_answered_with_one_of_ours() -> None:
    ours, camera = pair(Framing.CC51)
    for count in (1, 2, 3):
        ping = ours.parse(camera.ping(b"abcd"))
        assert ping
        assert ping.kind is Kind.PING
        pong = camera.hear(ours.pong(ping))
        assert pong == wire.Heard("pong", 0, struct.pack("<I", 2 * count), wire.CAMERA_SESSION)


@both
def test_another_cameras_key_is_not_what_a_camera_wants_to_hear(framing: Framing) -> None:
    _, camera = pair(framing)
    for field, value in (("uid", "Z" * 20), ("enr", "f" * 16), ("mac", "0" * 12)):
        keys = Keys(wire.credentials(**{field: value}))  # type: ignore[arg-type]
        stranger: Framer = Framer0402(keys) if framing is Framing.TRANSCODE else FramerCC51(keys)
        assert camera.hear(stranger.search()).kind == ""


@both
def test_a_datagram_cut_anywhere_means_nothing_or_holds_nothing_else(framing: Framing) -> None:
    ours, camera = pair(framing)
    whole = [
        camera.found(bytes(8)),
        camera.opened(bytes(8)),
        camera.data(0, b"payload of a record"),
        camera.ping(b"12345678"),
    ]
    for datagram in whole:
        full = ours.parse(datagram)
        assert full
        for size in range(len(datagram)):
            cut = ours.parse(datagram[:size])
            assert cut is None or cut.kind is full.kind
            if cut and cut.kind is Kind.DATA:
                assert 0 < len(cut.payload) < len(full.payload)


def test_neither_framing_takes_the_others_datagrams() -> None:
    for ours, camera in ((Framer0402(KEYS), wire.Newer()), (FramerCC51(KEYS), wire.Older())):
        assert isinstance(ours, Framer0402 | FramerCC51)
        for datagram in (
            camera.found(bytes(8)),
            camera.opened(bytes(8)),
            camera.data(0, b"x"),
            camera.ping(b""),
        ):
            assert ours.parse(datagram) is None


@both
@given(data=st.data())
def test_no_bytes_make_the_reader_raise(framing: Framing, data: st.DataObject) -> None:
    """Rubbish, and datagrams with a few bits flipped or bytes cut, mean something bounded or nothing."""
    ours, camera = pair(framing)
    payload = data.draw(st.binary(max_size=100))
    good = [camera.found(bytes(8)), camera.opened(bytes(8)), camera.data(0, payload), camera.ping(payload)]
    datagram = bytearray(data.draw(st.sampled_from(good) | st.binary(max_size=200)))
    for at in data.draw(st.lists(st.integers(0, 8 * max(1, len(datagram)) - 1), max_size=4)):
        if datagram:
            datagram[at // 8] ^= 1 << at % 8
    inbound = ours.parse(bytes(datagram[: data.draw(st.none() | st.integers(0, 200))]))
    if inbound:
        assert len(inbound.payload) < len(datagram)
        assert 0 <= inbound.channel <= 255
        if inbound.kind is Kind.PING:
            assert len(ours.pong(inbound)) <= 48
        if inbound.kind is Kind.FOUND:
            ours.on_found(inbound)
            assert ours.open(NOW)
