"""RTSP requests taken apart: what is right comes out whole, what is not ends in one error."""

import contextlib

import pytest
from hypothesis import given, seed, strategies as st

from engine.child import ProtocolError
from engine.relay.parser import (
    MAX_BODY,
    MAX_HEAD,
    MAX_HEADERS,
    MAX_URL,
    Interleaved,
    Parser,
    Request,
    Target,
    parse_channel,
    parse_target,
)

URL = "rtsp://127.0.0.1:5000/" + "ab" * 16 + "?auth=" + "cd" * 16
GOOD = f"DESCRIBE {URL} RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n\r\n".encode()
SOUND = b"$\x04\x00\x03abc"


def whole(data: bytes, *cuts: int) -> list[Request | Interleaved]:
    parser, found = Parser(), []
    for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
        found += parser.feed(data[start:end])
    return found


@given(st.lists(st.integers(0, 4 * len(GOOD)), max_size=12))
def test_however_it_is_cut_the_same_comes_out(cuts: list[int]) -> None:
    body = b"SET_PARAMETER * RTSP/1.0\r\nCSeq: 3\r\nContent-Length: 4\r\n\r\n$$$$"
    data = GOOD + SOUND + body + SOUND + GOOD
    found = whole(data, *sorted(cut for cut in cuts if cut <= len(data)))
    describe = Request("DESCRIBE", URL, {"cseq": "2", "accept": "application/sdp"})
    sound = Interleaved(4, b"abc")
    assert found == [
        describe,
        sound,
        Request("SET_PARAMETER", "*", {"cseq": "3", "content-length": "4"}),
        sound,
        describe,
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\nCSeq: 1\r\n\r\n",
        b"\r\n",
        b"\x16\x03\x01\x02\x00",
        b"describe rtsp://x/y RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"DESCRIBE rtsp://x/y RTSP/2.0\r\nCSeq: 1\r\n\r\n",
        b"DESCRIBE  rtsp://x/y RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"DESCRIBE rtsp://x/\x01y RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"DESCRIBE rtsp://x/\xc3\xa4 RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"INVENT rtsp://x/y RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: -1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n folded\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nCSeq: 2\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\nX: 2\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 0x1\r\n\r\n",
        b"OPTIONS " + b"x" * (MAX_URL + 1) + b" RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n" + b"X: 1\r\n" * MAX_HEADERS + b"\r\n",
        b"OPTIONS * RTSP/1.0\r\n" + b"X: " + b"1" * MAX_HEAD,
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        Parser().feed(data)


@seed(20)
@given(st.lists(st.one_of(st.binary(max_size=300), st.sampled_from([GOOD, SOUND, GOOD[:40], b"\r\n\r\n"]))))
def test_garbage_raises_nothing_else_and_does_not_pile_up(chunks: list[bytes]) -> None:
    parser = Parser()
    try:
        for chunk in chunks:
            parser.feed(chunk)
            assert len(parser._buffer) <= 65540
    except ProtocolError:
        pass


@seed(20)
@given(st.data())
def test_a_request_with_damage_is_whole_or_refused(data: st.DataObject) -> None:
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        for item in Parser().feed(bytes(damaged)):
            if isinstance(item, Request):
                parse_target(item.url)
    except ProtocolError:
        pass


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (URL, Target("ab" * 16, "cd" * 16, twice=False)),
        (URL + "&twice=1", Target("ab" * 16, "cd" * 16, twice=True)),
        (URL + "&still=1", Target("ab" * 16, "cd" * 16, still=True)),
        (URL + "&opus=1", Target("ab" * 16, "cd" * 16, opus=True)),
        ("rtsp://127.0.0.1/key", Target("key", "", twice=False)),
        ("rtsp://127.0.0.1/key/?auth=", Target("key", "", twice=False)),
        ("rtsp://127.0.0.1", Target("", "", twice=False)),
    ],
)
def test_what_a_url_asks_for(url: str, target: Target) -> None:
    assert parse_target(url) == target


@pytest.mark.parametrize(
    "url", ["*", "http://127.0.0.1/key", "rtsp://[", "rtsp://x/y?auth=1&auth=2", "rtsp://x/y?" + "a=1&" * 9]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ProtocolError):
        parse_target(url)


@given(st.text(max_size=200))
def test_any_url_and_any_transport_end_well(text: str) -> None:
    for parse in (parse_target, parse_channel):
        with contextlib.suppress(ProtocolError):
            parse(text)


@pytest.mark.parametrize(
    ("transport", "channel"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=4-5", 4),
        ("rtp/avp/tcp; unicast; Interleaved=254-255", 254),
        ("RTP/AVP/TCP", 0),
        ("RTP/AVP;unicast;client_port=5000-5001", None),
        ("RTP/AVP/UDP,RTP/AVP/TCP", None),
        ("", None),
    ],
)
def test_channels(transport: str, channel: int | None) -> None:
    assert parse_channel(transport) == channel


@pytest.mark.parametrize("channels", ["1-2", "256-257", "-1", "x", "", "²"])
def test_channels_that_do_not_exist(channels: str) -> None:
    with pytest.raises(ProtocolError):
        parse_channel(f"RTP/AVP/TCP;interleaved={channels}")
