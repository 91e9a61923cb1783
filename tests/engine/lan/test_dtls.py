"""The handshake proves the key and nothing less; records are opened once; nothing hostile gets through."""

import random

import pytest
from hypothesis import given, strategies as st

from engine.lan.dtls import Client, Endpoint, Server, State
from engine.lan.dtls.exchange import Group
from engine.lan.dtls.handshake import MAX_AHEAD, MAX_MESSAGE, Message, Reassembler, Type
from engine.lan.dtls.record import Content, ReplayWindow, join, split
from engine.lan.errors import LanError, Malformed, Reason
from tests.engine.lan.mirror import IDENTITY, KEY, OTHER_KEY, MirrorClient, MirrorServer, opened, perfect, run


@pytest.mark.parametrize("group", list(Group))
@pytest.mark.parametrize("cookie", [b"", b"c" * 20])
def test_both_ends_agree(group: Group, cookie: bytes) -> None:
    client, server = Client(KEY, IDENTITY), MirrorServer(KEY, group=group, cookie=cookie)
    assert run(client, server) == 0.0
    assert (client.state, server.state) == (State.OPEN, State.OPEN)
    assert server.receive(client.seal(b"question"), 0.0) == [b"question"]
    assert client.receive(server.seal(b"answer"), 0.0) == [b"answer"]


def test_the_talk_back_channel_opens() -> None:
    client, server = opened(Server(KEY, IDENTITY))
    for size in (0, 1, 15, 16, 47, 48, 1100):
        assert server.receive(client.seal(bytes(size)), 0.0) == [bytes(size)]
        assert client.receive(server.seal(bytes(size)), 0.0) == [bytes(size)]


@pytest.mark.parametrize("channel", ["main", "talk-back"])
def test_a_peer_with_another_key_never_opens(channel: str) -> None:
    main = channel == "main"
    client = Client(KEY, IDENTITY) if main else MirrorClient(KEY, IDENTITY)
    server: Endpoint = MirrorServer(OTHER_KEY) if main else Server(OTHER_KEY, IDENTITY)
    run(client, server)
    assert server.state is not State.OPEN
    assert client.state is not State.OPEN
    assert client.give_up().word is Reason.WRONG_KEY
    with pytest.raises(LanError):
        client.seal(b"secret")


def test_a_last_word_that_is_wrong_is_no_proof() -> None:
    client = Client(KEY, IDENTITY)
    run(client, MirrorServer(KEY, lie=True))
    assert client.state is State.FAILED
    assert client.give_up().word is Reason.WRONG_KEY


def test_a_last_word_that_nobody_sealed_is_no_proof() -> None:
    client, server = Client(KEY, IDENTITY), MirrorServer(KEY)

    def swap(from_client: bool, number: int, datagram: bytes) -> list[tuple[float, bytes]]:
        if from_client or number == 1:
            return [(0.0, datagram)]
        finished = Message(20, 3, bytes(12)).encode()
        return [(0.0, join(Content.HANDSHAKE, 99, finished))]

    run(client, server, swap)
    assert client.state is State.FAILED


class Candid(MirrorServer):
    """Says its last word to everybody."""

    def _message(self, kind: Type, body: bytes, *, sealed: bool = False, hashed: bool = True) -> None:
        super()._message(kind, body, sealed=False, hashed=hashed)


def test_a_last_word_is_no_proof_in_clear_even_if_it_is_right() -> None:
    client = Client(KEY, IDENTITY)
    run(client, Candid(KEY))
    assert client.state is State.FAILED


ALERTS = {
    20: "wrong_key",
    51: "wrong_key",
    115: "wrong_key",
    40: "no_dtls",
    71: "no_dtls",
    80: "protocol_fault",
}


@pytest.mark.parametrize(("alert", "reason"), ALERTS.items())
def test_an_alert_fails_the_handshake_and_says_why(alert: int, reason: str) -> None:
    client = Client(KEY, IDENTITY)
    client.start(0.0)
    assert client.receive(join(Content.ALERT, 0, bytes((2, alert))), 0.1) == []
    assert client.state is State.FAILED
    assert client.give_up().reason == reason


def test_an_alert_that_anybody_could_have_sent_does_not_end_an_open_association() -> None:
    client, _ = opened()
    client.receive(join(Content.ALERT, 5, bytes((2, 20))), 1.0)
    client.receive(join(Content.ALERT, 6, bytes((1, 0))), 1.0)
    assert client.state is State.OPEN


def test_silence_is_told_apart_by_how_far_the_handshake_came() -> None:
    client = Client(KEY, IDENTITY)
    run(client, MirrorServer(KEY), lambda *_: [])
    assert client.give_up().word is Reason.NO_DTLS

    client = Client(KEY, IDENTITY)
    run(client, MirrorServer(OTHER_KEY), lambda ours, n, data: [] if not ours and n > 1 else [(0.0, data)])
    assert client.give_up().word is Reason.WRONG_KEY


@pytest.mark.parametrize("lost", range(1, 4))
@pytest.mark.parametrize("from_client", [True, False])
def test_a_lost_datagram_is_repeated_in_time(from_client: bool, lost: int) -> None:
    client, server = Client(KEY, IDENTITY), MirrorServer(KEY, cookie=b"cookie")

    def lossy(ours: bool, number: int, datagram: bytes) -> list[tuple[float, bytes]]:
        return [] if ours is from_client and number == lost else [(0.0, datagram)]

    assert run(client, server, lossy) == pytest.approx(0.3)
    assert (client.state, server.state) == (State.OPEN, State.OPEN)


def test_repetitions_get_rarer_and_stay_below_the_limit() -> None:
    client, times, now = Client(KEY, IDENTITY), [], 0.0
    client.start(now)
    while now < 5.0:
        times += [now] * len(client.take())
        assert client.deadline is not None
        client.poll(client.deadline - 0.001)
        assert client.take() == []
        now = client.deadline
        client.poll(now)
    assert times == pytest.approx([0.0, 0.3, 0.9, 2.1, 4.5])


@given(st.randoms(use_true_random=False))
def test_a_bad_network_delays_the_handshake_and_never_breaks_it(chance: random.Random) -> None:
    """Datagrams are lost, late, doubled; the handshake ends well, or is still going on."""
    client, server = Client(KEY, IDENTITY), MirrorServer(KEY)

    def bad(ours: bool, number: int, datagram: bytes) -> list[tuple[float, bytes]]:
        return [(chance.random() * 0.2, datagram) for _ in range(chance.choice((0, 1, 1, 2)))]

    run(client, server, bad)
    assert client.state in (State.OPEN, State.HANDSHAKE)
    if client.state is State.OPEN:
        assert server.state is State.OPEN


@given(st.randoms(use_true_random=False))
def test_a_network_that_forges_wins_nothing(chance: random.Random) -> None:
    """Whatever is changed on the way, an open association means that both have the same secrets."""
    client, server = Client(KEY, IDENTITY), MirrorServer(KEY)

    def forge(ours: bool, number: int, datagram: bytes) -> list[tuple[float, bytes]]:
        data = bytearray(datagram)
        for _ in range(chance.choice((0, 0, 1, 3))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return [(0.0, bytes(data[: chance.choice((len(data), len(data), chance.randrange(len(data) + 1)))]))]

    run(client, server, forge)
    if client.state is State.OPEN:
        assert server.state is State.OPEN
        assert server.receive(client.seal(b"x"), 9.0) == [b"x"]


@given(st.lists(st.binary(max_size=300), max_size=20), st.booleans())
def test_rubbish_is_survived(datagrams: list[bytes], framed: bool) -> None:
    """No bytes make an endpoint raise, before, during or after the handshake."""
    client, server = opened()
    fresh = Client(KEY, IDENTITY)
    fresh.start(0.0)
    for number, datagram in enumerate(datagrams):
        data = join(22 if number % 2 else 23, number % 3 << 48 | number, datagram) if framed else datagram
        for end in (client, server, fresh, Server(KEY, IDENTITY)):
            assert end.receive(data, 1.0) == []
    assert server.receive(client.seal(b"still here"), 2.0) == [b"still here"]


@given(st.randoms(use_true_random=False))
def test_every_record_is_opened_once(chance: random.Random) -> None:
    client, server = opened()
    sent = [number.to_bytes(2) for number in range(200)]
    records = [client.seal(data) for data in sent]
    # Shuffled, but none more than 60 places away: that is what the window is for.
    copies = [r for _, r in sorted((i + chance.random() * 30, r) for i, r in enumerate(records * 2))]
    found = [data for record in copies for data in server.receive(record, 1.0)]
    assert sorted(found) == sent
    assert server.rejected == len(records)


@given(st.lists(st.integers(0, 200), max_size=300))
def test_the_window_never_lets_a_number_through_twice(numbers: list[int]) -> None:
    window, seen, newest = ReplayWindow(), set(), -1
    for number in numbers:
        new = window.is_new(number)
        assert new == (number not in seen and number > newest - ReplayWindow.SIZE)
        if new:
            window.mark(number)
            seen.add(number)
            newest = max(newest, number)


def test_a_forged_number_does_not_move_the_window() -> None:
    client, server = opened()
    first = client.seal(b"first")
    server.receive(join(Content.DATA, (1 << 48) + 5000, bytes(40)), 1.0)
    assert server.receive(first, 1.0) == [b"first"]


@pytest.mark.parametrize("channel", ["main", "talk-back"])
def test_what_is_forged_or_damaged_is_rejected_and_counted(channel: str) -> None:
    client, server = opened(None if channel == "main" else Server(KEY, IDENTITY))
    genuine = client.seal(b"genuine")
    damaged = [genuine[:at] + bytes((genuine[at] ^ 1,)) + genuine[at + 1 :] for at in range(13, len(genuine))]
    other_number = genuine[:10] + bytes((genuine[10] ^ 0x10,)) + genuine[11:]
    other_kind = b"\x16" + genuine[1:]
    forged = [*damaged, other_number, other_kind, join(Content.DATA, (1 << 48) + 9, bytes(40))]
    for datagram in forged:
        assert server.receive(datagram, 1.0) == []
    assert server.rejected == len(forged)
    assert server.state is State.OPEN
    assert server.receive(genuine, 1.0) == [b"genuine"]


def cut(message: Message, chance: random.Random) -> list[bytes]:
    """Return a message's fragments, some of them overlapping."""
    whole, at = message.encode(), 0
    pieces: list[bytes] = []
    while at < len(message.body) or not pieces:
        size = chance.randint(1, 40)
        start = max(0, at - chance.choice((0, 0, 5)))
        body = message.body[start : at + size]
        head = whole[:6] + start.to_bytes(3) + len(body).to_bytes(3)
        pieces.append(head + body)
        at += size
    return pieces


@given(st.lists(st.binary(max_size=200), max_size=MAX_AHEAD), st.randoms(use_true_random=False))
def test_messages_come_whole_and_in_order_however_they_are_cut(
    bodies: list[bytes], chance: random.Random
) -> None:
    sent = [Message(11, number, body) for number, body in enumerate(bodies)]
    pieces = [piece for message in sent for piece in cut(message, chance)] * 2
    chance.shuffle(pieces)
    reassembler = Reassembler()
    assert [message for piece in pieces for message in reassembler.add(piece)] == sent


@given(st.binary(max_size=400))
def test_odd_handshake_bytes_raise_their_own_error_only(data: bytes) -> None:
    reassembler = Reassembler()
    try:
        reassembler.add(data)
    except Malformed as err:
        assert err.word is Reason.PROTOCOL_FAULT


def test_what_is_kept_of_unfinished_messages_is_bounded() -> None:
    reassembler = Reassembler()
    for number in range(1, 2000):
        head = bytes((11,)) + MAX_MESSAGE.to_bytes(3) + number.to_bytes(2) + bytes(3) + (1).to_bytes(3)
        reassembler.add(head + b"x")
    assert len(reassembler._partial) < MAX_AHEAD
    with pytest.raises(Malformed):
        reassembler.add(bytes((11,)) + (MAX_MESSAGE + 1).to_bytes(3) + bytes(5) + (1).to_bytes(3) + b"x")


def test_the_older_version_may_stand_in_hellos_only() -> None:
    client, server = opened()
    record = server.seal(b"genuine")
    assert client.receive(record.replace(b"\xfe\xfd", b"\xfe\xff", 1), 1.0) == []
    assert client.receive(record, 1.0) == [b"genuine"]
    hello = join(Content.HANDSHAKE, 3, b"hello").replace(b"\xfe\xfd", b"\xfe\xff", 1)
    assert [found.body for found in split(hello)] == [b"hello"]


@given(st.binary(max_size=200))
def test_records_are_cut_without_error(data: bytes) -> None:
    for record in split(data):
        assert len(record.body) <= len(data)


def test_nothing_prints_a_key() -> None:
    client, server = opened()
    for end in (client, server):
        assert repr(end) in {"<Client open>", "<MirrorServer open>"}


def test_the_mirror_is_perfect_unless_told() -> None:
    assert perfect(True, 1, b"x") == [(0.0, b"x")]
