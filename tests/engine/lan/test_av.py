"""The packets inside the tunnel, byte by byte as cameras are known to take them."""

import struct

import pytest
from hypothesis import given, strategies as st

from engine.lan.av import (
    Command,
    Magic,
    Outbox,
    TalkBox,
    answer_login,
    build_logins,
    is_control,
    magic,
    parse_control,
    parse_login_answer,
)
from engine.lan.errors import LanError, Malformed
from engine.lan.layout import Field, Layout
from tests.engine.lan import wire
from tests.engine.lan.camera import parse_command


def test_the_log_in_is_two_packets() -> None:
    first, second = build_logins(0x11223344, wire.ENR.encode())
    expected = bytearray(572)
    struct.pack_into("<HH", expected, 0, 0x0000, 0x000C)
    struct.pack_into("<HHI", expected, 16, 546, 1, 0x11223344)
    expected[24:29] = b"admin"
    expected[280:296] = wire.ENR.encode()
    struct.pack_into("<I", expected, 540, 4)
    struct.pack_into("<I", expected, 552, 0x001F07FB)
    assert first == expected[:570]
    struct.pack_into("<H", expected, 0, 0x2000)
    struct.pack_into("<HHI", expected, 16, 548, 0, 0x11223345)
    assert second == expected


def test_only_the_lowest_byte_of_the_log_ins_number_counts_on() -> None:
    _, second = build_logins(0x112233FF, b"x")
    assert struct.unpack_from("<I", second, 20)[0] == 0x11223300


def test_an_endless_password_is_cut() -> None:
    first, second = build_logins(1, b"p" * 400)
    assert (len(first), len(second)) == (570, 572)
    assert first[280:540] == b"p" * 256 + bytes(4)


@pytest.mark.parametrize("two_way", [True, False])
def test_the_answer_to_the_log_in_tells_of_a_speaker(two_way: bool) -> None:
    for size in (32, 60, 200):
        packet = wire.login_answer(two_way=two_way, size=size)
        assert magic(packet) == Magic.LOGIN_ANSWER
        assert parse_login_answer(packet) is two_way
    with pytest.raises(Malformed):
        parse_login_answer(wire.login_answer()[:31])


def acknowledgement(packet: bytes) -> tuple[int, ...]:
    """Return number, range, counters and clock of an acknowledgement."""
    assert len(packet) == 24
    assert packet[:4] == b"\x09\x00\x0c\x00"
    assert packet[14:18] + packet[22:] == bytes(6)
    return struct.unpack_from("<IHHHxxxxHH", packet, 4)


def test_acknowledgements_count_and_name_what_came() -> None:
    outbox = Outbox()
    assert acknowledgement(outbox.ack(0x12345)) == (0, 0xFFFF, 0xFFFF, 1, 1, 0x2345)
    outbox.note(wire.command(10001, b"", sequence=0))
    assert acknowledgement(outbox.ack(1)) == (1, 0xFFFF, 0, 2, 2, 1)
    outbox.note(wire.command(10003, b"", sequence=3))
    outbox.note(wire.command(10003, b"", sequence=1))
    outbox.control(Command(10030, b""))
    assert acknowledgement(outbox.ack(2)) == (3, 0, 3, 3, 3, 2)
    assert acknowledgement(outbox.ack(3)) == (4, 3, 3, 4, 4, 3)


def test_media_and_short_packets_are_not_acknowledged_by_number() -> None:
    outbox = Outbox()
    for packet in (*wire.cut(b"x", 9), wire.command(10001, b"", sequence=5, short=True), b"\x0c\0", b""):
        outbox.note(packet)
    assert acknowledgement(outbox.ack(0))[1:3] == (0xFFFF, 0xFFFF)


@pytest.mark.parametrize("lost", [0xFFFF, 0x0000, None])
def test_what_came_counts_on_where_the_cameras_numbers_begin_again(lost: int | None) -> None:
    outbox = Outbox()
    for number in (*range(0xFFF0, 0x10000), *range(5)):
        if number != lost:
            outbox.note(wire.command(10001, b"", sequence=number))
    assert acknowledgement(outbox.ack(0))[2] == 4


def test_commands_have_the_long_form() -> None:
    outbox = Outbox()
    for number, payload in enumerate((b"", b"\1", bytes(1000))):
        packet = outbox.control(Command(10030 + number, payload))
        assert parse_command(packet) == (10030 + number, payload)
        assert struct.unpack_from("<I10xH", packet, 4) == (number, number)


@pytest.mark.parametrize("short", [True, False])
def test_a_cameras_answer_is_understood_in_both_forms(short: bool) -> None:
    packet = wire.command(10001, b"payload", short=short, version=9)
    assert is_control(magic(packet))
    assert parse_control(packet) == Command(10001, b"payload", 9)


@given(st.binary(max_size=120), st.sampled_from([0x000C, 0x7000, 0x1000]))
def test_odd_control_packets_raise_their_own_error_only(rest: bytes, kind: int) -> None:
    packet = struct.pack("<H", kind) + rest
    try:
        command = parse_control(packet)
    except Malformed:
        return
    if command:
        assert len(command.payload) <= len(packet) - 48


def test_a_command_that_says_more_than_it_holds_is_cut() -> None:
    packet = wire.command(10001, b"all of it")
    assert parse_control(packet[:-3]) == Command(10001, b"all of", 7)
    with pytest.raises(Malformed):
        parse_control(packet[:55])
    assert parse_control(packet[:40]) is None


def test_a_cameras_log_in_for_talk_back_is_answered() -> None:
    for size in (24, 570):
        login = struct.pack("<HH16xI", 0, 0x0C, 0xABCD1234).ljust(size, b"\0")
        answer = answer_login(login)
        expected = bytearray(60)
        struct.pack_into("<HHB", expected, 0, 0x2100, 0x0C, 0x10)
        struct.pack_into("<HxxI", expected, 16, 0x24, 0xABCD1234)
        expected[29] = expected[31] = 1
        struct.pack_into("<II", expected, 36, 4, 0x001F07FB)
        struct.pack_into("<HH", expected, 54, 3, 2)
        assert answer == expected
    for wrong in (b"", bytes(23), wire.login_answer(), b"\x09" + bytes(40)):
        with pytest.raises(Malformed):
            answer_login(wrong)


def test_sound_for_the_speaker_is_numbered_and_described() -> None:
    box = TalkBox(wire.PCMU, 2)
    first, second = box.sound(b"abc", 0), box.sound(b"defg", 20_000)
    assert first[36:39] == b"abc"
    assert (first[0], first[1], len(first), len(second)) == (3, 9, 36 + 3 + 16, 36 + 4 + 16)
    assert struct.unpack_from("<HHHI", first, 18) == (0, 1, 16, 19)
    assert struct.unpack_from("<HHHI", second, 18) == (1, 1, 16, 20)
    assert [struct.unpack_from("<II", packet, 28) for packet in (first, second)] == [(0, 1), (1, 2)]
    assert struct.unpack_from("<I", second, 8)[0] == 20_000
    assert second[-16:] == struct.pack("<BxBxB7xI", wire.PCMU, 2, 1, 20)


def test_magic_of_nothing_is_none() -> None:
    assert magic(b"") == magic(b"\x0c") == -1
    assert not is_control(-1)


def test_a_layout_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        Layout(8, Field("a", 0, "I"), Field("b", 2, "H"))
    with pytest.raises(ValueError, match="outside"):
        Layout(4, Field("a", 2, "I"))
    layout = Layout(8, Field("a", 0, "H", 7), Field("b", 4, "H"))
    assert layout.build(b=1) == b"\7\0\0\0\1\0\0\0"
    assert layout.reader("a", "b")(b"\7\0\0\0\1\0") == (7, 1)
    for wrong in (("b", "a"), ("c",)):
        with pytest.raises(KeyError):
            layout.reader(*wrong)
    with pytest.raises(KeyError):
        layout.build(c=1)


def test_every_error_of_the_room_says_why_in_a_word() -> None:
    error: LanError = Malformed("odd")
    assert (error.reason, str(error)) == ("protocol_fault", "odd")
