"""Talk-back: sound from a client of the relay to a camera's speaker."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from engine.lan import CameraInfo, Codec, Framing
from engine.relay.formats import AudioFormat, Formats, VideoFormat
from engine.relay.listening import SOUND_WITHIN
from engine.relay.rtsp import REPLAY_WAIT
from engine.relay.talk import QUIET
from tests.support import footage
from tests.support.relay import Rig, rtsp_rig
from tests.support.rtsp import Viewer

FIRST = footage.video("h264")[0]
KNOWN = Formats(
    VideoFormat("h264", b"", b"\x67\x42\x00\x1e", b"\x68\xce\x38\x80"), AudioFormat("pcmu", 8000), talk=True
)
BACK_CHANNEL = {"Require": "www.onvif.org/ver20/backchannel"}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rtsp_rig() as made:
        yield made


def rtp(payload: bytes, *, head: int = 0x80) -> bytes:
    data = bytes([head, 0]) + bytes(10) + payload
    return b"$\x02" + len(data).to_bytes(2) + data


async def talking(rig: Rig, viewer: Viewer, audio: AudioFormat) -> None:
    await rig.live()
    rig.channel.hub.formats = replace(rig.channel.hub.formats, audio=audio)
    await viewer.play("video", "talk", **BACK_CHANNEL)
    await rig.advance(REPLAY_WAIT)


async def test_sound_reaches_the_speaker(rig: Rig) -> None:
    async with Viewer(rig.url) as viewer:
        await talking(rig, viewer, AudioFormat("pcmu", 8000))
        assert viewer.names == ["video", "talk"]
        assert rig.camera.talks == 0, "to look is not to open the speaker"
        viewer.writer.write(rtp(b"abc") + rtp(b"xxxxd", head=0x81) + rtp(b"e" * 3000))
        await rig.advance(0)
        assert bytes(rig.camera.heard) == b"abcd" + b"e" * 3000
        for bad in (rtp(b"no", head=0x40), rtp(b"no", head=0xA0), rtp(b"")):
            viewer.writer.write(bad)
        await rig.advance(1.5)
        rig.camera.show(FIRST.data, key=True)
        await rig.advance(1.5)
        viewer.writer.write(rtp(b"f"))
        await rig.advance(0)
        assert bytes(rig.camera.heard[-2:]) == b"ef"
        assert rig.camera.talks == 2, "silence closes the way"


async def test_samples_for_the_speaker_are_turned_round(rig: Rig) -> None:
    rig.camera.talk_codec, rig.camera.talk_rate = Codec.PCM, 16000
    async with Viewer(rig.url) as viewer:
        await talking(rig, viewer, AudioFormat("pcm", 16000))
        viewer.writer.write(rtp(b"\1\2\3\4\5"))
        await rig.advance(0)
        assert bytes(rig.camera.heard) == b"\2\1\4\3"


@pytest.mark.parametrize(("codec", "rate"), [(Codec.PCM, 8000), (Codec.PCMU, 16000)])
async def test_sound_that_the_camera_would_take_for_noise_is_dropped(
    rig: Rig, codec: Codec, rate: int
) -> None:
    rig.camera.talk_codec, rig.camera.talk_rate = codec, rate
    async with Viewer(rig.url) as viewer:
        await talking(rig, viewer, AudioFormat("pcmu", 8000))
        viewer.writer.write(rtp(b"abc"))
        await rig.advance(0)
        assert rig.camera.talks == 1
        assert not rig.camera.heard
        for seconds, tries in ((QUIET / 2, 1), (QUIET / 2, 2)):
            await rig.advance(seconds)
            viewer.writer.write(rtp(b"abc"))
            await rig.advance(0)
            assert rig.camera.talks == tries, "not one try for each piece"


@pytest.mark.parametrize(
    ("audio", "talk", "headers", "offered"),
    [
        (AudioFormat("pcmu", 8000), True, BACK_CHANNEL, b"PCMU/8000"),
        (AudioFormat("pcm", 16000), True, BACK_CHANNEL, b"L16/16000"),
        (None, True, BACK_CHANNEL, None),
        (AudioFormat("pcmu", 8000), True, {}, None),
        (AudioFormat("pcmu", 8000), False, BACK_CHANNEL, None),
        (AudioFormat("aac", 16000, 1, b"\x14\x08"), True, BACK_CHANNEL, None),
    ],
)
async def test_a_way_to_the_speaker_is_offered_to_who_asks_where_there_is_one(
    rig: Rig, audio: AudioFormat | None, talk: bool, headers: dict[str, Any], offered: bytes | None
) -> None:
    rig.camera.info = CameraInfo(Framing.CC51, two_way=talk)
    rig.channel.hub.remember(replace(KNOWN, audio=audio, talk=talk))
    async with Viewer(rig.url) as viewer:
        media = (await viewer.ask("DESCRIBE", **headers)).body.split(b"m=")[1:]
    spoken = [text for text in media if b"a=sendonly\r\na=control:talk" in text]
    assert len(spoken) == (offered is not None)
    assert all(offered is not None and offered in text for text in spoken)


async def test_who_was_told_otherwise_than_is_known_by_now_makes_no_noise(rig: Rig) -> None:
    """Readers are not sent away all the time: until then one of them speaks as it was told."""
    async with Viewer(rig.url) as viewer:
        await talking(rig, viewer, AudioFormat("pcmu", 8000))
        rig.camera.talk_codec, rig.camera.talk_rate = Codec.PCM, 16000
        rig.channel.hub._renewed_at = rig.clock.monotonic()
        rig.camera.say(bytes(640), codec=Codec.PCM, rate=16000)
        viewer.writer.write(rtp(b"abc"))
        await rig.advance(0)
        assert rig.channel.hub.sinks, "not sent away yet"
        assert rig.camera.talks == 1
        assert not rig.camera.heard


# Cameras whose sound is off.

SOUNDLESS = CameraInfo(Framing.CC51, two_way=True, audio=False)


async def told(rig: Rig) -> bytes:
    """Return what somebody is told who wants to talk."""
    async with Viewer(rig.url) as viewer:
        return (await viewer.ask("DESCRIBE", **BACK_CHANNEL)).body


async def test_a_camera_whose_sound_is_off_is_heard_once_and_can_be_talked_to(rig: Rig) -> None:
    rig.camera.hidden = Codec.PCM, 16000
    rig.channel.hub.want_sound(False)
    await rig.live()
    assert b"m=audio" not in await told(rig), "nothing is guessed"
    await rig.advance(SOUND_WITHIN)
    assert rig.camera.asked == 1
    body = await told(rig)
    assert b"L16/16000" in body
    assert body.count(b"m=audio") == 1, "its own sound is not described"
    rig.camera.hang_up()
    await rig.advance(30)
    await rig.live()
    await rig.advance(SOUND_WITHIN)
    assert b"L16/16000" in await told(rig)
    assert rig.camera.asked == 1


@pytest.mark.parametrize(
    ("info", "known", "times"),
    [
        (SOUNDLESS, None, 1),
        (replace(SOUNDLESS, two_way=False), None, 0),
        (replace(SOUNDLESS, battery=80), None, 0),
        (SOUNDLESS, AudioFormat("pcma", 8000), 0),
    ],
)
async def test_only_who_has_a_speaker_and_was_never_heard_is_asked_and_once(
    rig: Rig, info: CameraInfo, known: AudioFormat | None, times: int
) -> None:
    rig.camera.info = info
    rig.channel.hub.remember(Formats(spoken=known))
    await rig.live()
    await rig.advance(SOUND_WITHIN / 2)
    assert rig.camera.asked == 0, "sound that is on comes by itself"
    await rig.advance(4 * SOUND_WITHIN)
    assert rig.camera.asked == times


async def test_sound_that_comes_by_itself_is_not_asked_for(rig: Rig) -> None:
    await rig.live()
    rig.camera.say(bytes(160), codec=Codec.PCMU, rate=8000)
    await rig.advance(4 * SOUND_WITHIN)
    assert rig.camera.asked == 0
