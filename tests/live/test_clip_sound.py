# mypy: disable-error-code="import-not-found"
"""Sound in clips, from a camera's own packets through relay and worker to what a browser is given."""

from pathlib import Path

import av
import pytest

from dev.simulator import Audio, CameraSpec, Framing, Picture
from engine.model import ClipFinished, ClipSettings, Sound, WatchMode
from engine.watch import WatchPhase, WatchSettings
from tests.support.relay import relay_of
from tests.support.streaming import simulated
from tests.support.watching import running_worker, until

KEY = "ab" * 16
SHORT = Picture(gop=15)


@pytest.mark.parametrize(
    ("audio", "becomes", "codec"),
    [
        (Audio.PCMU, Sound.ENCODED, "aac"),
        (Audio.PCM, Sound.ENCODED, "aac"),
        (Audio.AAC, Sound.AAC, "aac"),
    ],
)
async def test_sound_is_in_the_clip_and_with_its_picture(
    audio: Audio, becomes: Sound, codec: str, tmp_path: Path
) -> None:
    spec = CameraSpec("porch", Framing.CC51, audio=audio, picture=SHORT)
    async with (
        simulated([spec]) as cameras,
        relay_of(cameras, {"porch": KEY}) as relay,
        running_worker() as (worker, heard),
    ):
        clips = ClipSettings(tmp_path, pre_roll=2.0)
        settings = WatchSettings(WatchMode.KEY, clips=clips, keep_motion=False)
        await worker.add(KEY, relay.url(KEY), settings)
        await until(lambda: worker.states[KEY].phase is WatchPhase.WATCHING, 30)
        clip_id = await worker.record(KEY, 5.0, 2.0)
        await until(lambda: heard.of(ClipFinished), 60)
    (finished,) = heard.of(ClipFinished)
    assert (finished.clip_id, finished.audio) == (clip_id, becomes)
    (file,) = tmp_path.rglob("*.mp4")
    with av.open(str(file)) as clip:
        video, sound = clip.streams.video[0], clip.streams.audio[0]
        assert sound.codec_context.name == codec
        lengths = [
            float(((stream.start_time or 0) + (stream.duration or 0)) * (stream.time_base or 0))
            for stream in (video, sound)
        ]
        print(f"picture {lengths[0]:.2f} s, sound {lengths[1]:.2f} s")
        assert lengths[0] >= 6.5
        assert abs(lengths[0] - lengths[1]) < 0.4
        heard_samples = sum(frame.samples for frame in clip.decode(sound))
    with av.open(str(file)) as clip:
        pictures = sum(packet.size > 0 for packet in clip.demux(clip.streams.video[0]))
    # A camera on a machine that stood still has sent neither for that time.
    assert heard_samples / sound.sample_rate > pictures / SHORT.fps - 1.0, "sound has no holes"
