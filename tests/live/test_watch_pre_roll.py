# mypy: disable-error-code="import-not-found"
"""What came before the motion, however late that is noticed: real camera, relay and worker."""

import io
from pathlib import Path

import av
import pytest

from dev.demo.events.tape import look
from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene
from dev.simulator.barcode import LINE_HEIGHT, decode_frame_number
from engine.model import ClipFinished, ClipSettings, WatchMode
from engine.watch import MotionBegan, WatchPhase, WatchSettings
from tests.support.relay import relay_of
from tests.support.streaming import simulated
from tests.support.watching import running_worker, until

KEY = "ab" * 16
YARD = Picture(scene=Scene.YARD, seconds=16, gop=60)
PRE_ROLL = 4.0


@pytest.mark.parametrize("mode", [WatchMode.FULL, WatchMode.KEY])
async def test_the_pre_roll_lies_before_the_first_picture_with_somebody(
    mode: WatchMode, tmp_path: Path
) -> None:
    """By key frames motion is noticed late, of which the clip knows; the still at once shows who came."""
    spec = CameraSpec("yard", Framing.CC51, audio=Audio.NONE, picture=YARD)
    async with (
        simulated([spec]) as cameras,
        relay_of(cameras, {"yard": KEY}) as relay,
        running_worker() as (worker, heard),
    ):
        camera = cameras.cameras["yard"]
        clips = ClipSettings(tmp_path, pre_roll=PRE_ROLL, post_roll=1.0)
        await worker.add(KEY, relay.url(KEY, watch=True), WatchSettings(mode, clips=clips))
        await until(lambda: worker.states[KEY].phase is WatchPhase.WATCHING, 30)
        seen = camera.counters.frames_sent
        await until(lambda: camera.counters.frames_sent > seen + 15 * (PRE_ROLL + 8), 40)
        # Of its key frames one has somebody in it, after two of these seconds.
        camera.motion(5.5)
        await until(lambda: heard.of(MotionBegan), 30)
        still = await worker.still(KEY)
        await until(lambda: heard.of(ClipFinished), 60)
    (file,) = tmp_path.rglob("*.mp4")
    tape = look(file.read_bytes(), YARD.somebody_from)
    (began,) = heard.of(MotionBegan)
    late = began.at - camera.walks[0].began.wall
    print(f"noticed after {late:.2f} s; {tape.before_s} s before it are in the clip")
    with av.open(io.BytesIO(still.jpeg), "r") as picture:
        (shown,) = picture.decode(video=0)
    number = decode_frame_number(shown.to_ndarray(format="gray"), LINE_HEIGHT)
    assert number is not None
    assert number >= YARD.somebody_from, "the picture of the event is of before it"
    assert tape.unreadable == 0
    assert tape.before_s is not None
    assert tape.before_s >= PRE_ROLL
    assert tape.before_s <= PRE_ROLL + 2 * YARD.gop / YARD.fps + 1.0
