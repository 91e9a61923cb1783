"""What readers of one camera share: pictures from a key frame on, and what is known of how they are coded."""

from dataclasses import dataclass, field

import pytest

from engine.lan import Codec
from engine.relay.formats import AudioFormat, Formats, VideoFormat
from engine.relay.gop import Sample
from engine.relay.hub import SILENT, STEADY, Hub
from tests.support import footage
from tests.support.clock import FakeClock
from tests.support.relay import picture, sound

KEY, LATER, *_ = footage.video("h264")
OTHER = footage.video("h264", width=160, height=96)[0]
KEY265 = footage.video("h265")[0]


@dataclass(eq=False)
class Sink:
    """A reader that notes what it gets."""

    samples: list[Sample] = field(default_factory=list)
    heard: list[Formats] = field(default_factory=list)
    ends: int = 0
    watch: bool = False

    def take(self, sample: Sample) -> None:
        self.samples.append(sample)

    def listens_to(self, _audio: AudioFormat) -> bool:
        return True

    def formats_changed(self, formats: Formats) -> None:
        self.heard.append(formats)

    def session_over(self) -> None:
        self.ends += 1

    def hang_up(self) -> None:
        raise AssertionError("not by the hub")


class Rig:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.learned: list[Formats] = []
        self.hub = Hub(self.clock, self.learned.append)
        self.sink = Sink()
        self.hub.sinks.add(self.sink)
        self.hub.session()
        self.number = 0

    async def show(self, piece: footage.Piece, *, codec: Codec = Codec.H264, after: float = 0.1) -> None:
        await self.clock.advance(after)
        self.number += 1
        self.hub.frame(picture(piece.data, self.number, self.clock.monotonic(), key=piece.key, codec=codec))

    async def say(self, data: bytes, *, codec: Codec = Codec.PCMU, rate: int = 8000) -> None:
        await self.clock.advance(0.02)
        self.number += 1
        self.hub.frame(sound(data, self.number, self.clock.monotonic(), codec=codec, rate=rate))


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_nothing_goes_out_before_the_first_key_frame_of_each_session(rig: Rig) -> None:
    await rig.show(LATER)
    assert rig.sink.samples == []
    await rig.show(KEY)
    await rig.show(LATER)
    assert [sample.key for sample in rig.sink.samples] == [True, False]
    rig.hub.session()
    await rig.show(LATER)
    assert len(rig.sink.samples) == 2
    assert not rig.hub.started


async def test_a_session_that_is_over_leaves_no_pictures(rig: Rig) -> None:
    await rig.show(KEY)
    assert len(rig.hub.gop) == 1
    rig.hub.ended()
    assert len(rig.hub.gop) == 0
    assert rig.hub.formats.video is not None, "how they were coded stays known"


async def test_a_key_frame_without_parameters_gets_those_that_are_known(rig: Rig) -> None:
    await rig.show(KEY)
    video = rig.hub.formats.video
    assert video is not None
    bare = b"".join(
        b"\0\0\1" + unit for unit in rig.sink.samples[0].units if not video.syntax.parameter(unit)
    )
    await rig.show(footage.Piece(bare, key=True))
    assert {video.sps, video.pps} <= set(rig.sink.samples[1].units)


async def test_a_flag_alone_makes_no_key_frame(rig: Rig) -> None:
    await rig.show(footage.Piece(LATER.data, key=True))
    assert rig.sink.samples == []
    await rig.show(footage.Piece(KEY.data, key=False))
    assert rig.sink.samples[0].key


async def test_what_cannot_be_shown_is_counted_and_no_more(rig: Rig) -> None:
    await rig.show(footage.Piece(b"\xff\xd8\xff", key=True), codec=Codec.MJPEG)
    await rig.show(footage.Piece(b"rubbish", key=True))
    await rig.show(footage.Piece(b"", key=True))
    assert (rig.hub.pictures, rig.hub.started, rig.sink.samples) == (3, False, [])


async def test_readers_hear_of_other_pictures_but_not_all_the_time(rig: Rig) -> None:
    await rig.show(KEY)
    rig.sink.heard.clear()
    rig.hub._renewed_at = None
    await rig.show(OTHER)
    assert rig.sink.heard == [rig.hub.formats]
    await rig.show(KEY)
    await rig.show(OTHER)
    await rig.show(KEY)
    assert len(rig.sink.heard) == 1
    await rig.show(KEY, after=STEADY)
    assert rig.sink.heard[1:] == [rig.hub.formats], "what was held back is not forgotten"
    await rig.show(KEY, after=STEADY)
    assert len(rig.sink.heard) == 2


async def test_another_codec_is_told_by_its_samples(rig: Rig) -> None:
    await rig.show(KEY)
    await rig.show(KEY265, codec=Codec.H265)
    assert [sample.format.codec for sample in rig.sink.samples] == ["h264", "h265"]
    assert [sample.format.codec for sample in rig.hub.gop.replay()] == ["h265"]


async def test_what_was_known_before_a_restart_is_taken_back(rig: Rig) -> None:
    known = Formats(VideoFormat("h264", b"", b"sps1", b"pps1"), AudioFormat("pcmu", 8000))
    rig.hub.remember(known)
    assert rig.hub.formats == known
    rig.hub.remember(Formats())
    assert rig.hub.formats == known
    assert rig.learned == []


@pytest.mark.parametrize(
    ("codec", "rate", "data", "expected"),
    [
        (Codec.PCMU, 8000, bytes(160), AudioFormat("pcmu", 8000)),
        (Codec.PCMA, 8000, bytes(160), AudioFormat("pcma", 8000)),
        (Codec.PCM, 16000, bytes(640), AudioFormat("pcm", 16000)),
        (Codec.AAC, 16000, b"\x21\x00\x03", AudioFormat("aac", 16000, 1, bytes.fromhex("1408"))),
        (Codec.OPUS, 48000, b"\x08\x01", AudioFormat("opus", 48000)),
        (Codec.AAC, 12345, b"\x21\x00\x03", None),
        (Codec.MP3, 16000, b"\xff\xfb", None),
    ],
)
async def test_sound_is_learned(
    rig: Rig, codec: Codec, rate: int, data: bytes, expected: AudioFormat | None
) -> None:
    await rig.say(data, codec=codec, rate=rate)
    assert rig.hub.formats.audio == expected
    assert [sample.format for sample in rig.sink.samples] == ([expected] if expected else [])


async def test_sound_that_nobody_wants_is_neither_sent_nor_described(rig: Rig) -> None:
    await rig.say(bytes(160))
    rig.hub.want_sound(False)
    rig.hub.session()
    rig.hub.announced(talk=True, sound=True)
    await rig.say(bytes(160))
    assert rig.hub.formats == Formats(talk=True, spoken=AudioFormat("pcmu", 8000))
    assert rig.hub.settled
    assert len(rig.sink.samples) == 1


async def test_how_a_camera_was_heard_is_known_while_its_sound_is_off(rig: Rig) -> None:
    """Its speaker takes the same. What is heard later counts, wanted or not."""
    before, now = AudioFormat("pcmu", 8000), AudioFormat("pcm", 16000)
    rig.hub.remember(Formats(audio=before, talk=True))
    assert rig.hub.formats.heard == before
    rig.hub.want_sound(False)
    rig.hub.session()
    rig.hub.announced(talk=True, sound=False)
    assert (rig.hub.formats.audio, rig.hub.formats.heard) == (None, before)
    await rig.say(bytes(640), codec=Codec.PCM, rate=16000)
    assert (rig.hub.formats.audio, rig.hub.formats.heard) == (None, now)
    assert rig.sink.heard == [rig.hub.formats], "who was told how to speak to it has to hear of that"
    rig.hub.want_sound(True)
    await rig.say(bytes(640), codec=Codec.PCM, rate=16000)
    assert rig.hub.formats == Formats(audio=now, talk=True)


async def test_sound_that_is_not_announced_or_never_comes_is_described_no_more(rig: Rig) -> None:
    """Readers wait for what is described: ffmpeg for seconds, go2rtc's probes for ever."""
    await rig.say(bytes(160))
    rig.hub.session()
    assert not rig.hub.settled, "the log-in may still announce a speaker"
    rig.hub.announced(talk=False, sound=True)
    assert rig.hub.settled
    await rig.show(KEY)
    await rig.show(LATER, after=SILENT - 1)
    assert rig.hub.formats.audio is not None
    await rig.show(LATER, after=1)
    assert rig.hub.formats.audio is None
    await rig.say(bytes(160))
    assert rig.hub.formats.audio is not None
    rig.hub.session()
    rig.hub.announced(talk=False, sound=False)
    assert rig.hub.formats.audio is None


async def test_pictures_per_second(rig: Rig) -> None:
    for _ in range(100):
        await rig.show(LATER, after=1 / 15)
    assert rig.hub.fps == pytest.approx(15, abs=0.3)
    await rig.clock.advance(6)
    assert rig.hub.fps == 0
