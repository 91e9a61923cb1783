"""A camera whose sound is off: it is spoken to as it was heard, or not at all, and never by a guess."""

import asyncio
import struct

import pytest

from engine.lan import Codec, Ear, LanError, Reason
from tests.engine.lan import wire
from tests.engine.lan.camera import Camera
from tests.engine.lan.viewer import Viewer, pass_time, until, watching
from tests.engine.lan.virtual import virtual

ON, OFF, SPEAK = (10010, b"\2\1"), (10010, b"\2\2"), (10010, b"\3\1")
SOUNDS = {(wire.PCM, 0x0E): Codec.PCM, (wire.AAC, 0x0E): Codec.AAC, (wire.PCMA, 0x02): Codec.PCMA}


def sounding(sound: tuple[int, int] = (wire.PCM, 0x0E), *, answers: bool = True) -> Camera:
    """Return a camera that sends sound once it is told to."""
    camera = Camera()

    def obey(_code: int) -> None:
        if asked(camera) == [ON]:
            piece = wire.sound(b"noise", 1, codec=sound[0], flags=sound[1])
            asyncio.get_running_loop().call_later(0.1, camera.send, piece)
        camera.deaf = set() if answers else {"10010"}

    camera.on_command = obey
    return camera


async def speak(viewer: Viewer) -> Codec:
    async with viewer.session.talk() as talk:
        talk.send(bytes(320))
        return talk.codec


def asked(camera: Camera) -> list[tuple[int, bytes]]:
    return [command for command in camera.commands() if command[0] == 10010]


@pytest.mark.parametrize("sound", SOUNDS)
@virtual
async def test_it_is_heard_before_it_is_spoken_to(sound: tuple[int, int]) -> None:
    camera = sounding(sound)
    async with watching(camera, want_audio=False) as viewer:
        assert await speak(viewer) is SOUNDS[sound]
        await until(lambda: camera.said)
        assert asked(camera)[:3] == [ON, OFF, SPEAK]
        (said,) = camera.said
        assert struct.unpack_from("<BxB", said, len(said) - 16) == sound
        assert await viewer.session.hear() is SOUNDS[sound]
        camera.talk = None
        await speak(viewer)
        assert asked(camera).count(ON) == 1, "it is known by now"


@virtual
async def test_sound_that_is_wanted_stays_on() -> None:
    camera = sounding()
    async with watching(camera) as viewer:
        assert await speak(viewer) is Codec.PCM
        assert asked(camera)[:2] == [ON, SPEAK]


@virtual
async def test_one_that_is_never_heard_is_not_spoken_to() -> None:
    camera = Camera()
    async with watching(camera, want_audio=False) as viewer:
        before = camera.now()
        with pytest.raises(LanError) as caught:
            await speak(viewer)
        assert caught.value.word is Reason.SOUND_UNKNOWN
        assert camera.now() - before == pytest.approx(2, abs=0.1)
        await until(lambda: asked(camera) == [ON, OFF])
        assert await viewer.session.hear() is None
        await pass_time(1)
        assert (camera.talk, camera.said, viewer.session.ended) == (None, [], None)


@virtual
async def test_sound_tells_even_if_the_command_is_not_answered() -> None:
    camera = sounding(answers=False)
    async with watching(camera, want_audio=False) as viewer:
        assert await viewer.session.hear() is Codec.PCM


@virtual
async def test_the_next_session_knows_what_the_last_one_heard() -> None:
    ear = Ear()
    for firmware, asks in (("1", 1), ("1", 0), ("2", 1)):
        camera = sounding()
        camera.info = wire.camera_info(basicInfo={"firmware": firmware})
        async with watching(camera, want_audio=False, ear=ear) as viewer:
            assert await speak(viewer) is Codec.PCM
            assert asked(camera).count(ON) == asks, "another firmware may code otherwise"


@pytest.mark.parametrize("deaf", [set(), {"10010"}])
@virtual
async def test_whoever_gives_up_leaves_the_sound_off(deaf: set[str]) -> None:
    camera = Camera()
    camera.deaf = deaf
    async with watching(camera, want_audio=False) as viewer:
        attempt = asyncio.ensure_future(speak(viewer))
        await until(lambda: ON in camera.commands())
        await pass_time(0.1)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        await until(lambda: asked(camera)[-1] == OFF)


@virtual
async def test_who_listens_listens_for_all() -> None:
    camera = sounding()
    async with watching(camera, want_audio=False) as viewer:
        both = asyncio.gather(viewer.session.hear(), speak(viewer))
        await pass_time(0.05)
        with pytest.raises(LanError) as caught:
            await speak(viewer)
        assert caught.value.word is Reason.REFUSED, "somebody is about to speak"
        assert set(await both) == {Codec.PCM}
        assert asked(camera).count(ON) == 1


@virtual
async def test_whoever_listens_is_told_why_the_session_ended() -> None:
    camera = Camera()
    async with watching(camera, want_audio=False) as viewer:
        attempts = [asyncio.ensure_future(one) for one in (viewer.session.hear(), speak(viewer))]
        await until(lambda: ON in camera.commands())
        await pass_time(0.1)
        camera.hang_up()
        for attempt in attempts:
            with pytest.raises(LanError) as caught:
                await attempt
            assert caught.value.word is Reason.HUNG_UP
