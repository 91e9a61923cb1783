"""Talk-back: sound from a client of the relay to a camera's speaker."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from engine.lan import CameraInfo, Codec, Framing
from engine.relay.formats import AudioFormat, Formats, VideoFormat
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
    rig.camera.talk_codec = Codec.PCM
    async with Viewer(rig.url) as viewer:
        await talking(rig, viewer, AudioFormat("pcm", 16000))
        viewer.writer.write(rtp(b"\1\2\3\4\5"))
        await rig.advance(0)
        assert bytes(rig.camera.heard) == b"\2\1\4\3"


async def test_sound_that_the_camera_would_take_for_noise_is_dropped(rig: Rig) -> None:
    rig.camera.talk_codec = Codec.PCM
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
        (None, True, BACK_CHANNEL, b"PCMU/8000"),
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
