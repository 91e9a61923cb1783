"""One reader: a picture at once, life signs, and no more memory than a slow one may take."""

from dataclasses import dataclass, field

import pytest

from engine.relay.formats import AudioFormat, Formats, VideoFormat
from engine.relay.gop import STEP, Gop, Sample
from engine.relay.reader import MAX_UNSENT, SILENCE, STUCK, Reader
from engine.relay.rtp import AudioTrack, VideoTrack
from tests.support.clock import FakeClock

VIDEO = VideoFormat("h264", b"", b"\x67sps", b"\x68pps")
AUDIO = AudioFormat("pcmu", 8000)
TOLD = Formats(VIDEO, AUDIO)


@dataclass
class Transport:
    """Takes what is written; `stuck` bytes are not read by the other end."""

    written: list[bytes] = field(default_factory=list)
    stuck: int = 0
    closing: bool = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return self.stuck

    def is_closing(self) -> bool:
        return self.closing

    def take(self) -> list[bytes]:
        """Return the packets since the last call, without their framing."""
        data, packets = b"".join(self.written), []
        self.written.clear()
        while data:
            size = int.from_bytes(data[2:4])
            packets.append(data[4 : 4 + size])
            data = data[4 + size :]
        return packets


class Rig:
    def __init__(
        self, *, twice: bool = False, sound: bool = True, told: Formats = TOLD, still: bool = False
    ) -> None:
        self.clock = FakeClock()
        self.transport = Transport()
        self.hung_up = 0
        self.reader = Reader(
            self.transport,  # type: ignore[arg-type]
            self.clock,
            VideoTrack(0, VIDEO),
            AudioTrack(2, AUDIO) if sound else None,
            told=told,
            twice=twice,
            still=still,
            hang_up=self._hang_up,
        )

    def _hang_up(self) -> None:
        self.hung_up += 1

    def show(self, *, key: bool = False, video: VideoFormat = VIDEO) -> None:
        unit = (b"\x65" if key else b"\x41") + b"x" * 99
        self.reader.take(Sample(video, key, (unit,), self.clock.monotonic()))

    def say(self, audio: AudioFormat = AUDIO) -> None:
        self.reader.take(Sample(audio, True, (bytes(160),), self.clock.monotonic()))


def times(packets: list[bytes]) -> list[int]:
    return [int.from_bytes(packet[4:8]) for packet in packets]


def test_only_who_came_for_a_still_hears_that_there_is_none() -> None:
    for still in (False, True):
        rig = Rig(still=still)
        rig.reader.session_over()
        sent = [packet[12:] for packet in rig.transport.take()]
        assert sent == [b"\x65\x01"] * still
    rig = Rig(still=True)
    rig.show(key=True)
    rig.transport.take()
    rig.reader.session_over()
    assert rig.transport.take() == [], "he has had his picture"


def test_it_begins_with_a_report_and_the_replay() -> None:
    rig, gop = Rig(), Gop()
    for number in range(5):
        gop.add(Sample(VIDEO, number == 0, (b"\x41" + bytes([65 + number]) * 9,), 990 + number))
    rig.reader.begin(gop)
    packets = rig.transport.take()
    assert [packet[1] for packet in packets[:2]] == [200, 200]
    assert [packet[13:14] for packet in packets[2:]] == [b"A", b"B", b"C", b"D", b"E"]
    steps = [later - sooner for sooner, later in zip(times(packets[2:]), times(packets[3:]), strict=False)]
    assert steps == [90] * 4


@pytest.mark.parametrize("live", [False, True])
def test_the_first_key_frame_comes_twice_where_that_is_asked_for(live: bool) -> None:
    rig, gop = Rig(twice=True), Gop()
    if not live:
        gop.add(Sample(VIDEO, True, (b"\x65key",), 999.0))
    rig.reader.begin(gop)
    if live:
        rig.show(key=True)
    rig.show()
    rig.show(key=True)
    _, _, first, again, *others = rig.transport.take()
    assert first[12:] == again[12:]
    assert (times([again])[0] - times([first])[0]) % 2**32 == round(STEP * 90000)
    assert len(others) == 2


def test_nothing_that_cannot_be_decoded_alone_comes_first() -> None:
    rig = Rig()
    rig.show()
    assert rig.transport.take() == []
    rig.say()
    rig.show(key=True)
    rig.show()
    assert [packet[1] & 0x7F for packet in rig.transport.take()] == [0, 96, 96]


def test_what_is_coded_otherwise_than_was_told_is_not_sent() -> None:
    rig = Rig()
    rig.show(key=True)
    rig.transport.take()
    rig.show(key=True, video=VideoFormat("h265"))
    rig.say(AudioFormat("pcma", 8000))
    assert rig.transport.take() == []


@pytest.mark.parametrize(
    ("now", "sent_away"),
    [
        (TOLD, 0),
        (Formats(VIDEO, None), 0),
        (Formats(VIDEO, AUDIO, talk=True), 0),
        (Formats(VideoFormat("h264", b"", b"\x67other", b"\x68pps"), AUDIO), 1),
        (Formats(VIDEO, AudioFormat("pcma", 8000)), 1),
        (Formats(VIDEO, None, spoken=AUDIO), 0),
        (Formats(VIDEO, None, spoken=AudioFormat("pcma", 8000)), 1),
    ],
)
def test_it_is_sent_away_only_for_what_it_was_told(now: Formats, sent_away: int) -> None:
    rig = Rig()
    rig.reader.formats_changed(now)
    assert rig.hung_up == sent_away


def test_who_was_told_of_no_sound_comes_again_for_it() -> None:
    rig = Rig(sound=False, told=Formats(VIDEO))
    rig.reader.formats_changed(TOLD)
    assert rig.hung_up == 1


async def test_silence_is_broken_by_reports() -> None:
    rig = Rig(sound=False)
    rig.show(key=True)
    rig.transport.take()
    for _ in range(40):
        await rig.clock.advance(0.5)
        rig.reader.tick()
    packets = rig.transport.take()
    assert [packet[1] for packet in packets] == [200] * len(packets)
    assert len(packets) == int(20 // SILENCE)


async def test_a_reader_with_pictures_gets_no_reports() -> None:
    rig = Rig()
    rig.show(key=True)
    for _ in range(100):
        await rig.clock.advance(0.1)
        rig.show()
        rig.reader.tick()
    assert all(packet[1] & 0x7F == 96 for packet in rig.transport.take())


def test_a_reader_may_take_four_mebibytes() -> None:
    assert MAX_UNSENT == 4 << 20


async def test_a_slow_reader_loses_pictures_until_the_next_key_frame() -> None:
    rig = Rig()
    rig.show(key=True)
    rig.transport.take()
    rig.transport.stuck = MAX_UNSENT + 1
    rig.show()
    rig.say()
    rig.show(key=True)
    assert rig.transport.take() == []
    rig.transport.stuck = 0
    rig.show()
    rig.say()
    assert rig.transport.take() == []
    rig.show(key=True)
    rig.say()
    assert len(rig.transport.take()) == 2
    assert rig.reader.dropped == 5


async def test_while_it_waits_for_a_key_frame_it_hears_that_we_live() -> None:
    rig = Rig(sound=False)
    rig.show(key=True)
    rig.transport.stuck = MAX_UNSENT + 1
    rig.show()
    rig.transport.take()
    await rig.clock.advance(SILENCE)
    rig.reader.tick()
    assert rig.transport.take() == [], "it has enough to read"
    rig.transport.stuck = 0
    rig.reader.tick()
    assert [packet[1] for packet in rig.transport.take()] == [200]


async def test_who_reads_nothing_is_hung_up() -> None:
    rig = Rig()
    rig.show(key=True)
    rig.transport.stuck = MAX_UNSENT + 1
    rig.show()
    await rig.clock.advance(STUCK - 0.1)
    rig.reader.tick()
    assert rig.hung_up == 0
    await rig.clock.advance(0.1)
    rig.reader.tick()
    assert rig.hung_up == 1


def test_nothing_is_written_to_a_connection_that_is_closed() -> None:
    rig = Rig()
    rig.transport.closing = True
    rig.show(key=True)
    assert rig.transport.written == []
