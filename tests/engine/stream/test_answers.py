"""The API's answers become typed values; keys stay out of them, and no answer can do harm."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.stream.answers import (
    BadAnswer,
    Consumer,
    Media,
    StreamInfo,
    Track,
    parse_json,
    parse_schemes,
    parse_stream,
    parse_streams,
    parse_version,
)
from engine.stream.binary import Version

CANARY = "CANARYCANARYCANARY12"
# As go2rtc 1.9.14 answers while one viewer watches one camera.
LIVE: dict[str, Any] = {
    "porch": {
        "producers": [
            {
                "id": 3,
                "format_name": "wyze",
                "protocol": "wyze/dtls",
                "remote_addr": "127.0.0.9:32761",
                "source": f"wyze://127.0.0.9?uid={CANARY}&enr={CANARY}",
                "medias": [
                    "video, recvonly, H264",
                    "audio, recvonly, PCMU/8000/1",
                    "audio, sendonly, PCMU/8000/1",
                ],
                "receivers": [
                    {
                        "id": 4,
                        "codec": {
                            "codec_name": "h264",
                            "codec_type": "video",
                            "level": 30,
                            "profile": "High",
                        },
                        "childs": [7],
                        "bytes": 81227,
                        "packets": 20,
                    },
                    {
                        "id": 5,
                        "codec": {"codec_name": "pcm_mulaw", "codec_type": "audio", "sample_rate": 8000},
                        "bytes": 10560,
                        "packets": 33,
                    },
                ],
            }
        ],
        "consumers": [
            {
                "id": 6,
                "format_name": "webrtc",
                "user_agent": "ha/abc",
                "sdp": CANARY,
                "senders": [{"bytes": 7}, {"bytes": 8}],
            },
            {
                "id": 8,
                "format_name": "rtsp",
                "user_agent": "Lavf",
                "bytes_send": 99,
                "senders": [{"bytes": 7}],
            },
        ],
    },
    "shed": {"producers": [{"url": f"wyze://127.0.0.9?enr={CANARY}"}], "consumers": None},
}


def test_a_stream_that_is_watched() -> None:
    streams = parse_streams(parse_json(json.dumps(LIVE).encode()))
    porch = streams["porch"]
    assert porch.running
    assert porch.video_packets == 20
    assert porch.producers[0].protocol == "wyze/dtls"
    assert porch.producers[0].tracks[0] == Track("video", "h264", 20, 81227)
    assert porch.producers[0].medias == (
        Media("video", "recvonly", ("H264",)),
        Media("audio", "recvonly", ("PCMU/8000/1",)),
        Media("audio", "sendonly", ("PCMU/8000/1",)),
    )
    assert porch.consumers == (Consumer("webrtc", "ha/abc", 15), Consumer("rtsp", "Lavf", 99))
    assert not streams["shed"].running
    assert streams["shed"].consumers == ()


def test_no_key_gets_into_the_values() -> None:
    assert CANARY not in repr(parse_streams(LIVE))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["producers", "consumers", "medias", "receivers", "codec", "packets", "id", "x"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(_json)
def test_any_document_is_understood_or_refused(document: object) -> None:
    for parse in (parse_streams, parse_stream, parse_schemes, parse_version):
        try:
            parse(document)
        except BadAnswer:
            continue
    try:
        info = parse_stream(document)
    except BadAnswer:
        return
    _check(info)


def _check(info: StreamInfo) -> None:
    assert type(info.video_packets) is int
    for producer in info.producers:
        for media in producer.medias:
            assert media.kind in {"video", "audio"}
            assert media.direction in {"recvonly", "sendonly"}
        for track in producer.tracks:
            assert track.packets >= 0
            assert len(track.kind) <= 256
    for consumer in info.consumers:
        assert len(consumer.user_agent) <= 256


@given(st.data())
def test_a_real_answer_with_one_thing_wrong_does_no_harm(data: st.DataObject) -> None:
    document = json.loads(json.dumps(LIVE))
    node: Any = document
    while isinstance(node, dict | list) and node:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or data.draw(st.booleans()):
            node[key] = data.draw(_json)
            break
        node = node[key]
    try:
        for info in parse_streams(document).values():
            _check(info)
    except BadAnswer:
        pass


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"NaN{}"]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse_json(body)


def test_version_and_schemes() -> None:
    assert parse_version({"version": "1.9.15+dev.abc", "host": "x"}) == Version(1, 9, 15)
    assert parse_version({"version": 7}) is None
    assert parse_version({}) is None
    assert parse_schemes(["wyze", "rtsp", 5]) == {"wyze", "rtsp"}
