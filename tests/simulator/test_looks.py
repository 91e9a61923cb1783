"""What a camera is told shows in its pictures: soon, from a key frame on, with no number missing."""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from dev.simulator import Audio, CameraSpec, Framing, Light, Picture, Scene, Simulator, Video, footage
from dev.simulator.barcode import LINE_HEIGHT, decode_frame_number
from dev.simulator.coding import VideoFrame
from dev.simulator.lens import Lens
from dev.simulator.look import USUAL, Look, look_of
from dev.simulator.settings import Settings

from .viewer import Viewer, media

LIMIT = 20.0
SEEN_WITHIN = 15.0
"""Seconds; on a quiet machine it is 0.2 to 0.4, on a crowded one there may be no key frame for some time."""

type Image = npt.NDArray[np.uint8]


@dataclass
class Stage:
    """A lens that runs, and every picture it showed."""

    picture: Picture
    lens: Lens = field(init=False)
    shown: list[tuple[int, VideoFrame]] = field(default_factory=list)
    frames: tuple[VideoFrame, ...] = ()

    async def open(self) -> None:
        """Run the lens."""
        self.frames = await footage.load_video(self.picture)
        parts = self.picture.walk_from, self.picture.somebody_from
        reel = footage.Footage(self.frames, self.picture.fps, None, *parts)
        self.lens = Lens(self.picture, reel, lambda *frame: self.shown.append(frame), lambda _: None)
        self.lens.start(mid_gop=False)

    async def close(self) -> None:
        """Stop it."""
        self.lens.stop()
        await self.lens.closed()

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait for something."""
        async with asyncio.timeout(LIMIT):
            while not met():
                await asyncio.sleep(0.01)

    async def change(self, look: Look) -> int:
        """Change the look; return the index of a frame that shows it, which must come in time."""
        seen, asked = len(self.shown), time.monotonic()
        self.lens.show(look)
        await self.until(lambda: any(f.key and n % self.picture.gop for n, f in self.shown[seen:]))
        assert time.monotonic() - asked < SEEN_WITHIN
        # Until no more key frames come than usual, so that the next change shows by those of its own.
        enough = len(self.shown) + self.picture.fps * 3 // 2
        await self.until(lambda: len(self.shown) > enough)
        return len(self.shown) - 1

    def images(self) -> list[Image]:
        """Return what a decoder makes of all that was shown."""
        decoder = av.CodecContext.create("h264" if self.picture.video is Video.H264 else "hevc", "r")
        packets = [av.Packet(frame.payload) for _, frame in self.shown]
        decoded = [frame for packet in (*packets, None) for frame in decoder.decode(packet)]
        return [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in decoded]


def colourful(image: Image) -> float:
    """Return how far the colours are from grey, beneath the number."""
    part = image[int(len(image) * 0.2) : int(len(image) * 0.8)].astype(float)
    return float((part.max(2) - part.min(2)).mean())


def blue_below(image: Image) -> bool:
    """Return whether the sky is where the ground should be."""
    part = image[int(len(image) * 0.7) : int(len(image) * 0.82)].reshape(-1, 3).mean(0)
    return bool(part[2] > part[1])


def programs_of_ours() -> str:
    """Return the ids of the programs that this process runs."""
    return "".join(path.read_text() for path in Path("/proc/self/task").glob("*/children"))


def bright(image: Image) -> float:
    """Return how bright it is, beneath the number."""
    return float(image[int(len(image) * 0.2) : int(len(image) * 0.8)].mean())


@pytest.mark.parametrize("video", Video)
async def test_the_pictures_change_soon_and_no_number_is_missing(video: Video) -> None:
    """Each change comes in time and whole; in the end the usual pictures are back, the very same ones."""
    stage = Stage(Picture(video, scene=Scene.PORCH, seconds=8))
    await stage.open()
    try:
        await stage.until(lambda: len(stage.shown) > 5)
        grey = await stage.change(Look(grey=True))
        lit = await stage.change(Look(lift=45, flip_vertical=True))
        stage.lens.show(USUAL)
        await stage.until(lambda: stage.shown[-1][1] is stage.frames[stage.shown[-1][0]])
    finally:
        await stage.close()
    numbers = [number for number, _ in stage.shown]
    assert all((b - a) % len(stage.frames) == 1 for a, b in itertools.pairwise(numbers))
    images = stage.images()
    assert [decode_frame_number(image) for image in images] == numbers
    assert colourful(images[0]) > 30
    assert colourful(images[grey]) < 4
    assert bright(images[lit]) > bright(images[0]) + 25
    assert blue_below(images[lit])
    assert colourful(images[-1]) > 30
    assert not blue_below(images[-1])


async def test_a_camera_told_while_nobody_looks_begins_with_the_right_picture() -> None:
    """Its first frame is a key frame that shows the state; what it has shown it goes on from."""
    stage = Stage(Picture(scene=Scene.YARD, seconds=4))
    await stage.open()
    try:
        await stage.until(lambda: len(stage.shown) > 3)
        stage.lens.stop()
        seen = len(stage.shown)
        stage.lens.show(Look(grey=True))
        assert not programs_of_ours()
        stage.lens.start(mid_gop=False)
        # At once: a fast ffmpeg is through with its few seconds before three pictures are shown.
        await stage.until(lambda: bool(programs_of_ours()))
        await stage.until(lambda: len(stage.shown) > seen + 3)
        stage.lens.walk(1.0)
        await stage.until(lambda: stage.shown[-1][0] > stage.picture.somebody_from)
        stage.lens.stop()
        await stage.lens.closed()
        assert not programs_of_ours()
    finally:
        await stage.close()
    assert stage.shown[seen][1].key
    images = stage.images()
    numbers = [number for number, _ in stage.shown]
    assert [decode_frame_number(image, LINE_HEIGHT) for image in images] == numbers
    assert max(colourful(image) for image in images[seen:]) < 4


async def test_without_ffmpeg_the_usual_pictures_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever runs the simulator is told why the picture does not follow."""
    stage = Stage(Picture(scene=Scene.YARD, seconds=4))
    await stage.open()
    try:
        monkeypatch.setenv("PATH", str(tmp_path))
        stage.lens.show(Look(grey=True))
        await stage.until(lambda: "do not follow" in caplog.text)
        seen = len(stage.shown)
        await stage.until(lambda: len(stage.shown) > seen + 3)
        stage.lens.stop()
        stage.lens.start(mid_gop=False)
        await stage.until(lambda: len(stage.shown) > seen + 9)
    finally:
        await stage.close()
    assert all(frame is stage.frames[number] for number, frame in stage.shown)


async def test_when_ffmpeg_dies_the_usual_pictures_go_on(caplog: pytest.LogCaptureFixture) -> None:
    """From a key frame on, as soon as there is nothing else to show."""
    stage = Stage(Picture(scene=Scene.PORCH, fps=30))
    await stage.open()
    try:
        await stage.change(Look(grey=True))
        (program,) = programs_of_ours().split()
        os.kill(int(program), signal.SIGKILL)
        seen = len(stage.shown)
        await stage.until(lambda: stage.shown[-1][1] is stage.frames[stage.shown[-1][0]])
    finally:
        await stage.close()
    assert "do not follow" in caplog.text
    assert next(frame for number, frame in stage.shown[seen:] if frame is stage.frames[number]).key


async def test_a_command_changes_what_a_viewer_gets() -> None:
    """From the command to a key frame that was not due, in pictures with their sound and numbers as ever."""
    spec = CameraSpec("porch", Framing.CC51, audio=Audio.NONE, picture=Picture(seconds=4))
    async with Simulator([spec]) as simulator:
        camera = simulator.cameras["porch"]
        async with Viewer(camera.credentials, Framing.CC51) as viewer:
            await viewer.dial()
            await media(viewer, 0.3)
            assert await viewer.ask(10042, b"\1")
            asked = camera.sent()[-1].sequence
            async with asyncio.timeout(LIMIT):
                while not any(sent.key and sent.frame % 30 for sent in camera.sent(asked)):
                    await media(viewer, 0.05)
        frames = [sent.frame for sent in camera.sent()]
        assert all((b - a) % 60 == 1 for a, b in itertools.pairwise(frames))


def test_what_each_setting_does_to_the_picture() -> None:
    """A camera from its box has the usual pictures; each setting that shows makes others."""
    assert look_of(Settings(), Light.DAY) == USUAL
    switches = [
        "status_light",
        "flip_horizontal",
        "flip_vertical",
        "time_stamp",
        "logo",
        "siren",
        "spotlight",
        "floodlight",
    ]
    looks = {look_of(Settings(**{name: 3 - getattr(Settings(), name)}), Light.DAY) for name in switches}
    looks |= {look_of(Settings(pan=20), Light.DAY), look_of(Settings(tilt=20), Light.DAY), USUAL}
    assert len(looks) == len(switches) + 3
    assert look_of(Settings(bitrate=60, resolution=2, motion_detection=2), Light.DAY) == USUAL


@pytest.mark.parametrize(
    ("light", "night_vision", "threshold", "grey"),
    [
        (Light.DAY, 3, 1, False),
        (Light.DUSK, 3, 1, True),
        (Light.DUSK, 3, 2, False),
        (Light.DARK, 3, 2, True),
        (Light.DARK, 2, 1, False),
        (Light.DAY, 1, 1, True),
    ],
)
def test_when_a_camera_sees_night(light: Light, night_vision: int, threshold: int, grey: bool) -> None:
    """Always, never, or by how light it is; by the near lamp less is to be seen."""
    settings = Settings(night_vision=night_vision, night_threshold=threshold)
    look = look_of(settings, light)
    assert look.grey is grey
    settings.ir_led = 2
    assert (look_of(settings, light).gain < look.gain) is grey
    if light is Light.DARK and not grey:
        assert look.gain < 20
