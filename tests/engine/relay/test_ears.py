"""What was heard of a camera outlives its sessions in the relay, and is nobody else's."""

from typing import Any

import pytest

from dev.simulator import Audio, Camera, CameraSpec, Simulator
from engine.child import Answer
from engine.model import parse_wyze_link
from engine.relay.formats import Formats
from engine.relay.messages import Feed, Learned, SetCamera, SetNetworks, Speak
from tests.engine.relay.test_child import KEY, LOOPBACK, TOKEN, Rig, child, until
from tests.support.tones import listen, tone

DEN, ATTIC = CameraSpec("den", audio=Audio.PCM), CameraSpec("attic", audio=Audio.PCMA)


def held(camera: Camera, *, audio: bool) -> SetCamera:
    return SetCamera(KEY, TOKEN, parse_wyze_link(camera.link), True, audio, "", Formats(), False, "")


async def said(rig: Rig, number: int) -> Any:
    """Say a tone, and return what came of it."""
    rig.pipe.send(Speak(number, KEY, number))
    rig.pipe.send(Feed(number + 1, number, tone(1000, 0.3)))
    rig.pipe.send(Feed(number + 2, number, b""))
    await until(lambda: any(getattr(one, "id", 0) == number for one in rig.heard))
    return next(one for one in rig.heard if getattr(one, "id", 0) == number)


async def test_a_camera_that_was_heard_is_spoken_to_without_its_sound_and_another_one_is_heard_anew() -> None:
    async with Simulator([DEN, ATTIC]) as simulator, child() as rig:
        den, attic = simulator.cameras.values()
        rig.pipe.send(SetNetworks(LOOPBACK))
        rig.pipe.send(held(den, audio=True))
        await until(lambda: any(isinstance(one, Learned) and one.formats.audio for one in rig.heard))
        rig.pipe.send(held(den, audio=False))
        await until(lambda: den.counters.logins == 2)
        sent = den.counters.audio_sent
        assert await said(rig, 10) == Answer(10)
        assert listen(bytes(den.speaker.heard), Audio.PCM)[0] == pytest.approx(1000, abs=10)
        assert den.counters.audio_sent == sent, "it was not asked for any"

        rig.pipe.send(held(attic, audio=False))
        await until(lambda: attic.counters.logins == 1)
        assert await said(rig, 20) == Answer(20)
        assert listen(bytes(attic.speaker.heard), Audio.PCMA)[0] == pytest.approx(1000, abs=10)
