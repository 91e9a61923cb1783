"""Talk-back: the camera comes as a client on the other channel, logs in, and hears."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from engine.lan import Codec, Framing, LanError, Reason
from tests.engine.lan import wire
from tests.engine.lan.camera import Camera
from tests.engine.lan.viewer import Viewer, pass_time, until, watching
from tests.engine.lan.virtual import virtual


def sound_of(packet: bytes) -> bytes:
    return packet[36:-16]


@asynccontextmanager
async def hearing(camera: Camera, **options: Any) -> AsyncIterator[Viewer]:
    """Watch a camera that has been heard."""
    async with watching(camera, **options) as viewer:
        camera.send(wire.sound(b"noise", 1))
        await until(lambda: viewer.frames)
        yield viewer


@pytest.mark.parametrize("framing", list(Framing))
@virtual
async def test_what_is_said_is_heard_in_order(framing: Framing) -> None:
    camera = Camera(wire.Older() if framing is Framing.TRANSCODE else wire.Newer())
    async with hearing(camera) as viewer:
        async with viewer.session.talk() as talk:
            assert (talk.codec, talk.sample_rate) == (Codec.PCMU, 8000)
            pieces = [bytes((number,)) * 160 for number in range(200)]
            for piece in pieces:
                talk.send(piece)
            await until(lambda: len(camera.said) == 200)
            assert [sound_of(packet) for packet in camera.said] == pieces
            times = [struct.unpack_from("<I", packet, 8)[0] for packet in camera.said]
            assert times == [number * 20_000 for number in range(200)]
        await until(lambda: camera.commands()[-1] == (10010, b"\3\2"))
        assert camera.talk
        assert camera.talk.state.value == "closed"
        with pytest.raises(LanError, match="closed"):
            talk.send(b"more")


SOUNDS = {
    (wire.PCMU, 0x02): (Codec.PCMU, 8000, 160, 20_000),
    (wire.PCMA, 0x02): (Codec.PCMA, 8000, 160, 20_000),
    (wire.PCM, 0x0E): (Codec.PCM, 16000, 640, 20_000),
    (wire.PCM, 0x0F): (Codec.PCM, 16000, 640, 10_000),
    (wire.AAC, 0x0E): (Codec.AAC, 16000, 300, 64_000),
}


@pytest.mark.parametrize(("sound", "expected"), SOUNDS.items())
@virtual
async def test_we_talk_as_the_camera_itself_does(
    sound: tuple[int, int], expected: tuple[Codec, int, int, int]
) -> None:
    camera = Camera()
    codec, rate, size, step = expected
    async with watching(camera) as viewer:
        camera.send(wire.sound(b"noise", 1, codec=sound[0], flags=sound[1]))
        await until(lambda: viewer.frames)
        async with viewer.session.talk() as talk:
            assert (talk.codec, talk.sample_rate) == (codec, rate)
            talk.send(bytes(size))
            talk.send(bytes(size))
            await until(lambda: len(camera.said) == 2)
        last = camera.said[-1]
        assert struct.unpack_from("<I", last, 8)[0] == step
        assert struct.unpack_from("<BxB", last, len(last) - 16) == sound


@virtual
async def test_one_at_a_time_and_again_afterwards() -> None:
    camera = Camera()
    async with hearing(camera) as viewer:
        async with viewer.session.talk():
            with pytest.raises(LanError) as caught:
                async with viewer.session.talk():
                    pass
            assert caught.value.word is Reason.REFUSED
        camera.talk = None
        async with viewer.session.talk() as talk:
            talk.send(b"again")
            await until(lambda: camera.said)


@virtual
async def test_a_camera_without_a_speaker_is_not_talked_to() -> None:
    camera = Camera()
    camera.login_answer = wire.login_answer(two_way=False)
    async with hearing(camera) as viewer:
        with pytest.raises(LanError) as caught:
            async with viewer.session.talk():
                pass
        assert caught.value.word is Reason.REFUSED
        assert len(camera.commands()) == 2


@pytest.mark.parametrize("deaf", ["10010", "talk", "talk-login"])
@virtual
async def test_a_camera_that_does_not_come_is_a_timeout(deaf: str) -> None:
    camera = Camera()
    camera.deaf = {deaf}
    async with hearing(camera) as viewer:
        before = camera.now()
        with pytest.raises(LanError) as caught:
            async with viewer.session.talk():
                pass
        assert caught.value.word is Reason.TIMEOUT
        assert camera.now() - before == pytest.approx(5, abs=0.1)
        assert viewer.session.ended is None
        camera.send(*wire.cut(b"picture", 1))
        await until(lambda: len(viewer.frames) == 2)


async def talk_for_ever(viewer: Viewer) -> None:
    async with viewer.session.talk():
        await asyncio.get_running_loop().create_future()


@virtual
async def test_whoever_waits_for_the_camera_is_told_why_the_session_ended() -> None:
    camera = Camera()
    camera.deaf = {"talk"}
    async with hearing(camera) as viewer:
        attempt = asyncio.ensure_future(talk_for_ever(viewer))
        await until(lambda: (10010, b"\3\1") in camera.commands())
        await pass_time(0.1)
        camera.hang_up()
        with pytest.raises(LanError) as caught:
            await attempt
        assert caught.value.word is Reason.HUNG_UP
        assert len(viewer.ends) == 1


@virtual
async def test_an_end_of_the_session_ends_the_talk() -> None:
    camera = Camera()
    async with hearing(camera) as viewer, viewer.session.talk() as talk:
        camera.hang_up()
        await until(lambda: viewer.ends)
        with pytest.raises(LanError, match="closed"):
            talk.send(b"x")


@virtual
async def test_a_camera_may_hang_up_the_talk_alone() -> None:
    camera = Camera()
    async with hearing(camera) as viewer:
        async with viewer.session.talk() as talk:
            camera.hang_up_talk()
            await pass_time(0.1)
            with pytest.raises(LanError, match="closed"):
                talk.send(b"x")
        assert viewer.session.ended is None


@virtual
async def test_a_log_in_with_a_good_bye_in_one_datagram_is_no_way_to_the_speaker() -> None:
    camera = Camera()
    camera.deaf = {"talk-login"}
    async with hearing(camera) as viewer:
        attempt = asyncio.ensure_future(talk_for_ever(viewer))
        await until(lambda: camera.talk and camera.talk.state.value == "open")
        camera.log_in_to_talk(good_bye=True)
        with pytest.raises(LanError) as caught:
            await attempt
        assert caught.value.word is Reason.CLOSED


@virtual
async def test_a_talk_that_is_cancelled_leaves_nothing_behind() -> None:
    camera = Camera()
    async with hearing(camera) as viewer:
        for seconds in (0.0, 0.5):
            camera.talk = None
            attempt = asyncio.ensure_future(talk_for_ever(viewer))
            await pass_time(seconds)
            attempt.cancel()
            with pytest.raises(asyncio.CancelledError):
                await attempt
        await until(lambda: camera.commands()[-1] == (10010, b"\3\2"))


@virtual
async def test_rubbish_on_the_channel_is_survived() -> None:
    camera = Camera()
    async with hearing(camera) as viewer:
        camera.send_datagram(camera.framing.data(1, b"nobody listens"))
        async with viewer.session.talk() as talk:
            assert camera.talk
            for rubbish in (b"rubbish", b"\x17\xfe\xfd" + bytes(50), camera.talk.seal(b"no log-in")):
                camera.send_datagram(camera.framing.data(1, rubbish))
            talk.send(b"sound")
            await until(lambda: camera.said and viewer.session.stats.malformed == 1)
            with pytest.raises(ValueError, match="too long"):
                talk.send(bytes(1025))
