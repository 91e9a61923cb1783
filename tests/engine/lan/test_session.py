"""A session from credentials to frames, against a mirror camera that is strict about every byte."""

import asyncio
import struct
from itertools import pairwise

import pytest

from engine.lan import Codec, Framing, Kind, Resolution
from tests.engine.lan import wire
from tests.engine.lan.camera import NONCE, Camera
from tests.engine.lan.viewer import Viewer, pass_time, until, watching
from tests.engine.lan.virtual import EPOCH, virtual

FRAMINGS: dict[Framing, type[wire.Older | wire.Newer]] = {
    Framing.TRANSCODE: wire.Older,
    Framing.CC51: wire.Newer,
}
framings = pytest.mark.parametrize("framing", list(Framing))


@framings
@pytest.mark.parametrize("cookie", [b"", b"c" * 20], ids=["plain", "cookie"])
@pytest.mark.parametrize(("status", "enr"), [(1, wire.ENR), (3, wire.ENR), (6, wire.ENR_LONG)])
@virtual
async def test_we_are_let_in(framing: Framing, cookie: bytes, status: int, enr: str) -> None:
    older = framing is Framing.TRANSCODE
    camera = Camera(FRAMINGS[framing](enr), status=status, cookie=cookie, enr=enr)
    async with watching(camera) as viewer:
        assert viewer.session.info.framing is framing
        assert camera.response[:16] == NONCE
        assert (len(camera.response), camera.response[20:]) == (22, b"\1\1")
        kinds = [heard.kind for _, heard in camera.heard]
        assert kinds[:3] == (["search", "second", "wish"] if older else ["search", "wish", "data"])
        first = camera.hellos[0]
        assert (len(first), first[24:29], first[280:300].rstrip(b"\0")) == (570, b"admin", enr[:20].encode())
        asked = camera.commands()
        assert asked[0] == (10000, b'{"cameraInfo":{"audioEncoderList":[137,138,140]}}')
        assert [code for code, _ in asked] == [10000, 10002]
    assert viewer.ends == []
    assert camera.dtls.state.value == "closed"


@virtual
async def test_the_way_in_is_short() -> None:
    """Nothing is waited for that the camera does not make us wait for."""
    async with watching(Camera()):
        assert asyncio.get_running_loop().time() < 1000.05


@virtual
async def test_the_second_log_in_follows_the_first() -> None:
    camera = Camera()
    async with watching(camera):
        await until(lambda: len(camera.hellos) == 2)
        times = [at for at, packet in camera.packets if packet in camera.hellos]
        assert times[1] - times[0] == pytest.approx(0.01)
        assert len(camera.hellos[1]) == 572


@pytest.mark.parametrize("short", [True, False])
@virtual
async def test_a_camera_may_answer_in_either_form(short: bool) -> None:
    camera = Camera()
    camera.short = short
    async with watching(camera) as viewer:
        camera.answers[10030] = b"\2"
        assert await viewer.session.command(10030) == b"\2"
        assert viewer.session.info.protocol == 7


@virtual
async def test_sound_can_be_left_out_and_a_speaker_be_missing() -> None:
    camera = Camera()
    camera.login_answer = wire.login_answer(two_way=False)
    async with watching(camera, want_audio=False) as viewer:
        assert camera.response[20:] == b"\1\0"
        assert not viewer.session.info.two_way


@pytest.mark.parametrize(
    ("model", "resolution", "code", "payload"),
    [
        ("HL_CAM4", Resolution.HD, 10056, struct.pack("<BHH", 4, 240, 0)),
        ("WYZE_CAKP2JFUS", Resolution.HD, 10056, struct.pack("<BHH", 1, 240, 0)),
        ("", Resolution.SD, 10056, struct.pack("<BHH", 2, 60, 0)),
        ("HL_CFL2", Resolution.HD, 10056, struct.pack("<BHH", 5, 240, 0)),
        ("WYZEDB3", Resolution.SD, 10052, struct.pack("<HBBBB", 60, 2, 0, 0, 0)),
    ],
)
@virtual
async def test_a_resolution_is_wished_for_and_not_waited_for(
    model: str, resolution: Resolution, code: int, payload: bytes
) -> None:
    camera, viewer = Camera(), Viewer()
    async with camera:
        await viewer.open(camera.credentials(model=model), resolution=resolution)
        # Nothing answers it; it is said each second for as long as a stage lasts.
        await pass_time(10)
        wishes = [at for at, command in camera.timed_commands() if command == (code, payload)]
        assert [round(at - wishes[0], 2) for at in wishes][:5] == [0, 1, 2, 3, 4]
        assert len(wishes) <= 6
        await viewer.session.close()


@framings
@virtual
async def test_we_say_ten_times_a_second_that_we_are_there(framing: Framing) -> None:
    camera = Camera(FRAMINGS[framing]())
    async with watching(camera):
        await pass_time(3)
        times = [at for at, packet in camera.packets if packet[:2] == b"\x09\0"]
        late = [at for at in times if at > 1000.5]
        assert len(late) >= 24
        assert [after - before for before, after in pairwise(late)] == pytest.approx([0.1] * (len(late) - 1))
        clocks = [struct.unpack_from("<H", packet, 20)[0] for _, packet in camera.packets if packet[0] == 9]
        assert clocks[-1] == int((EPOCH + times[-1]) * 1000) & 0xFFFF


@virtual
async def test_what_the_camera_says_is_acknowledged_at_once() -> None:
    camera = Camera()
    async with watching(camera):
        camera.command(10031, b"unasked")
        await until(lambda: camera.packets[-1][1][:2] == b"\x09\0" and camera.packets[-1][0] < 1000.09)
        assert struct.unpack_from("<H", camera.packets[-1][1], 10)[0] == 2


@framings
@virtual
async def test_keep_alives_are_answered(framing: Framing) -> None:
    camera = Camera(FRAMINGS[framing]())
    async with watching(camera) as viewer:
        for echo in (b"12345678", b"abcdefgh"):
            camera.send_datagram(camera.framing.ping(echo))
        await until(lambda: len(camera.times("pong")) == 2)
        assert viewer.session.stats.pings == 2
        pongs = [heard.payload for _, heard in camera.heard if heard.kind == "pong"]
        older = framing is Framing.TRANSCODE
        assert pongs == ([b"12345678", b"abcdefgh"] if older else [b"\2\0\0\0", b"\4\0\0\0"])


@framings
@virtual
async def test_a_camera_that_answers_from_another_port_is_followed(framing: Framing) -> None:
    camera = Camera(FRAMINGS[framing]())
    camera.answers[10030] = b"\1"
    async with watching(camera) as viewer:
        camera.move()
        camera.send(*wire.cut(b"picture", 1))
        await until(lambda: viewer.frames)
        assert await viewer.session.command(10030) == b"\1"


@framings
@virtual
async def test_a_camera_may_answer_from_another_port_than_the_one_that_is_asked(framing: Framing) -> None:
    camera = Camera(FRAMINGS[framing]())
    camera.elsewhere = True
    async with watching(camera) as viewer:
        camera.send(*wire.cut(b"picture", 1))
        await until(lambda: viewer.frames)


@virtual
async def test_a_picture_and_a_piece_of_sound() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        picture = bytes(range(256)) * 20
        info = wire.trailer(len(picture), codec=wire.H265, seconds=1_800_000_000, micros=250_000, fps=20)
        camera.send(*wire.cut(picture, 1, info=info), wire.sound(b"noise", 1, codec=wire.PCM, flags=0x0F))
        await until(lambda: len(viewer.frames) == 2)
        frame, sound = viewer.frames
        assert (frame.kind, frame.codec, frame.key, frame.data) == (Kind.VIDEO, Codec.H265, True, picture)
        assert (frame.camera_seconds, frame.camera_microseconds, frame.fps) == (1_800_000_000, 250_000, 20)
        assert (frame.sample_rate, frame.channels, frame.number) == (0, 0, 1)
        assert frame.received_at == pytest.approx(camera.now(), abs=0.02)
        assert (sound.kind, sound.codec, sound.key, sound.data) == (Kind.AUDIO, Codec.PCM, True, b"noise")
        assert (sound.sample_rate, sound.channels, sound.fps) == (16000, 2, 0)
        stats = viewer.session.stats
        assert (stats.frames, stats.malformed, stats.foreign) == (2, 0, 0)
        assert stats.bytes > len(picture)


CODECS = {
    wire.H264: Codec.H264, wire.H265: Codec.H265, wire.MJPEG: Codec.MJPEG, wire.PCMU: Codec.PCMU,
    wire.PCMA: Codec.PCMA, wire.PCM: Codec.PCM, 0x86: Codec.AAC, 0x87: Codec.AAC, wire.AAC: Codec.AAC,
    0x90: Codec.AAC, wire.MP3: Codec.MP3, wire.OPUS: Codec.OPUS,
}  # fmt: skip


@virtual
async def test_every_codec_has_its_name_and_an_unknown_one_is_no_frame() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        for number, codec in enumerate(CODECS, 1):
            if codec < 0x80:
                camera.send(*wire.cut(b"x", number, info=wire.trailer(1, codec=codec)))
            else:
                camera.send(wire.sound(b"x", number, codec=codec))
        # A codec nobody knows; sound among the pictures, a picture among the sound.
        camera.send(*wire.cut(b"x", 90, info=wire.trailer(1, codec=0x99)))
        camera.send(*wire.cut(b"x", 91, info=wire.trailer(1, codec=wire.PCMU)))
        camera.send(wire.sound(b"x", 90, codec=wire.H264))
        await until(lambda: viewer.session.stats.malformed == 3)
        assert [frame.codec for frame in viewer.frames] == list(CODECS.values())


@virtual
async def test_a_frame_that_waits_is_handed_out_without_another_one_coming() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        picture = b"p" * 3000
        camera.send(*wire.cut(picture, 1)[:-1], *wire.cut(picture, 2, stream=wire.OTHER))
        sent = camera.now()
        await until(lambda: viewer.frames)
        assert viewer.times[0] - sent == pytest.approx(0.12, abs=0.002)
        assert (viewer.frames[0].key, viewer.session.stats.given_up) == (False, 1)


@virtual
async def test_reordered_and_doubled_datagrams_lose_nothing() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        pictures = [bytes((number,)) * 4000 for number in range(1, 31)]
        for number, picture in enumerate(pictures, 1):
            stream = wire.KEY if number % 10 == 1 else wire.OTHER
            packets = [
                camera.framing.data(0, camera.dtls.seal(p)) for p in wire.cut(picture, number, stream=stream)
            ]
            for datagram in [*packets[::-1], *packets]:
                camera.send_datagram(datagram)
        await until(lambda: len(viewer.frames) == 30)
        assert [frame.data for frame in viewer.frames] == pictures
        assert viewer.session.stats.rejected == 120


@virtual
async def test_heard_at_is_when_something_genuine_came() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        before = viewer.session.heard_at
        await pass_time(2)
        camera.send_datagram(camera.framing.ping(b"12345678"))
        camera.send_datagram(camera.framing.data(0, b"\x17\xfe\xfd" + bytes(40)))
        await until(lambda: viewer.session.stats.pings)
        assert viewer.session.heard_at == before
        camera.send(wire.sound(b"x", 1))
        await until(lambda: viewer.frames)
        assert viewer.session.heard_at == pytest.approx(camera.now(), abs=0.02)


@virtual
async def test_closing_may_be_done_at_any_time_and_any_number_of_times() -> None:
    camera = Camera()
    async with watching(camera) as viewer:
        session = viewer.session
        await session.close()
        await session.close()
        assert session.ended
        assert session.ended.reason == "closed"
        await until(lambda: camera.dtls.state.value == "closed")
    assert viewer.ends == []


@pytest.mark.parametrize("deaf", ["search", "wish", "data", "login", "10000", "10002"])
@virtual
async def test_an_attempt_that_is_cancelled_leaves_nothing_behind(deaf: str) -> None:
    async with Camera() as camera:
        camera.deaf = {deaf}
        attempt = asyncio.ensure_future(Viewer().open(camera.credentials()))
        await pass_time(0.5)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt


@virtual
async def test_two_sessions_with_one_camera_do_not_disturb_each_other() -> None:
    async with watching(Camera()) as first, watching(Camera(wire.Newer())) as second:
        assert first.session.info.framing is not second.session.info.framing
    assert first.ends == second.ends == []
