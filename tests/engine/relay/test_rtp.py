"""Frames cut into packets, put together again by other hands."""

import itertools

import pytest
from hypothesis import given, strategies as st

from engine.relay import rtp
from engine.relay.formats import AudioFormat, VideoFormat, strip_adts
from engine.relay.nal import H264, H265, split
from tests.support import footage
from tests.support.rtsp import depacketise, depacketise_h265

# NAL units hold no start code and do not end with zero; any other byte may come.
BODIES = st.binary(min_size=3, max_size=6000).map(lambda body: body.replace(b"\0", b"\1"))
H264_KINDS = st.sampled_from([1, 5, 6, 7, 8])
H265_KINDS = st.sampled_from([1, 19, 20, 32, 33, 34, 39])


def packets(framed: bytes) -> list[bytes]:
    found = []
    while framed:
        assert framed[0] == 0x24
        size = int.from_bytes(framed[2:4])
        found.append(framed[4 : 4 + size])
        framed = framed[4 + size :]
    return found


@given(st.lists(st.tuples(H264_KINDS, BODIES), min_size=1, max_size=6))
def test_h264_comes_out_as_it_went_in(parts: list[tuple[int, bytes]]) -> None:
    units = [bytes([0x60 | kind]) + body for kind, body in parts]
    found: list[bytes] = []
    for payload in rtp.payloads_of(units, H264):
        assert len(payload) <= rtp.MTU
        depacketise(payload, found)
    assert found == units


@given(st.lists(st.tuples(H265_KINDS, BODIES), min_size=1, max_size=6))
def test_h265_comes_out_as_it_went_in(parts: list[tuple[int, bytes]]) -> None:
    units = [bytes([kind << 1, 1]) + body for kind, body in parts]
    found: list[bytes] = []
    for payload in rtp.payloads_of(units, H265):
        assert len(payload) <= rtp.MTU
        depacketise_h265(payload, found)
    assert found == units


@given(st.lists(st.tuples(st.sampled_from([b"\0\0\1", b"\0\0\0\1"]), BODIES), max_size=8))
def test_annex_b_is_cut_at_its_start_codes(parts: list[tuple[bytes, bytes]]) -> None:
    assert split(b"".join(code + body for code, body in parts)) == [body for _, body in parts]


@given(st.binary(max_size=500))
def test_rubbish_is_cut_without_complaint(data: bytes) -> None:
    for syntax in (H264, H265):
        for payload in rtp.payloads_of(split(data), syntax):
            assert 0 < len(payload) <= rtp.MTU


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_parameter_sets_are_learned_from_a_real_key_frame(codec: str) -> None:
    first = footage.video(codec)[0]
    video = VideoFormat(codec).learn(split(first.data))
    assert video.complete
    assert not VideoFormat(codec).complete


def test_packets_of_a_picture_share_its_time_and_only_the_last_is_marked() -> None:
    track = rtp.VideoTrack(4, VideoFormat("h264"))
    first = packets(track.frame([b"\x65" + b"x" * 5000], 10.0))
    second = packets(track.frame([b"\x41" + b"x" * 100], 10.5))
    assert len(first) > 3
    times = {packet[4:8] for packet in first}
    assert len(times) == 1
    assert [packet[1] >> 7 for packet in first] == [0] * (len(first) - 1) + [1]
    later = int.from_bytes(second[0][4:8]) - int.from_bytes(first[0][4:8])
    assert later % 2**32 == 45000
    numbers = [int.from_bytes(packet[2:4]) for packet in first + second]
    assert [(b - a) % 65536 for a, b in itertools.pairwise(numbers)] == [1] * len(first)


def test_sound_counts_samples_and_follows_the_clock_when_they_part() -> None:
    track = rtp.AudioTrack(2, AudioFormat("pcmu", 8000))
    times = []
    for at in (5.0, 5.031, 5.018, 5.06, 9.0):
        times += [int.from_bytes(packet[4:8]) for packet in packets(track.frame([bytes(160)], at))]
    steps = [(b - a) % 2**32 for a, b in itertools.pairwise(times)]
    assert steps[:3] == [160, 160, 160]
    assert steps[3] == pytest.approx(3.94 * 8000, abs=8)


def test_sound_of_a_camera_that_counts_too_fast_never_runs_back() -> None:
    track = rtp.AudioTrack(2, AudioFormat("pcmu", 8000))
    times = []
    for number in range(500):
        times += [int.from_bytes(found[4:8]) for found in packets(track.frame([bytes(160)], number * 0.0195))]
    steps = [(later - sooner) % 2**32 for sooner, later in itertools.pairwise(times)]
    assert 1 in steps, "it has to have been held back"
    assert all(0 < step <= 160 for step in steps)


def test_samples_go_out_big_endian() -> None:
    track = rtp.AudioTrack(2, AudioFormat("pcm", 16000))
    assert packets(track.frame([b"\x01\x02\x03\x04"], 1.0))[0][12:] == b"\x02\x01\x04\x03"


def test_adts_is_taken_off() -> None:
    units = footage.sound("aac")[:3]
    found, bare = strip_adts(b"".join(footage.adts(unit) for unit in units))
    assert bare == units
    assert found == AudioFormat("aac", 16000, 1, bytes.fromhex("1408"))


@given(st.binary(max_size=200), st.booleans())
def test_hostile_sound_is_cut_without_complaint(data: bytes, adts: bool) -> None:
    _, units = strip_adts((b"\xff\xf1" if adts else b"") + data)
    assert sum(map(len, units)) <= len(data) + 2
    for codec in ("pcm", "pcmu", "opus", "aac"):
        for payload, samples in rtp.sound_payloads(data, AudioFormat(codec, 16000)):
            assert samples >= 0
            assert len(payload) <= rtp.MTU or codec in {"aac", "opus"}


def test_a_report_tells_the_same_moment_twice() -> None:
    track = rtp.VideoTrack(0, VideoFormat("h264"))
    track.frame([b"\x41" + bytes(99)], 20.0)
    report = track.report(21.0, 1_700_000_000.5)
    assert report[1] == 1
    assert report[4:8] == b"\x80\xc8\x00\x06"
    assert int.from_bytes(report[12:16]) == 1_700_000_000 + 2_208_988_800
    assert int.from_bytes(report[16:20]) == 2**31
    assert int.from_bytes(report[20:24]) == track.timestamp(21.0)
    assert int.from_bytes(report[24:28]) == 1
