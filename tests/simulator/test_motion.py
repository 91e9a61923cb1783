"""Motion on demand: a picture that stands still, in which somebody walks when told to."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import av
import numpy as np
import pytest

from dev.simulator import Audio, Camera, CameraSpec, Framing, Picture, Scene, Simulator, footage
from dev.simulator.barcode import LINE_HEIGHT, decode_frame_number
from dev.simulator.control import Control

from .viewer import Viewer, media

YARD = Picture(scene=Scene.YARD, seconds=8, gop=15)
SPLIT, COMING = 60, 7
LIMIT = 20.0


@pytest.fixture
async def yard() -> AsyncIterator[Camera]:
    """Run a camera that looks at the yard, with somebody who looks at its pictures."""
    spec = CameraSpec("yard", Framing.CC51, audio=Audio.NONE, picture=YARD)
    async with Simulator([spec]) as simulator:
        camera = simulator.cameras["yard"]
        async with Viewer(camera.credentials, Framing.CC51) as viewer:
            await viewer.dial()
            async with asyncio.TaskGroup() as tasks:
                looking = tasks.create_task(media(viewer, LIMIT * 3))
                yield camera
                looking.cancel()


async def until_ended(camera: Camera, walks: int) -> None:
    """Wait until so many walks are over."""
    async with asyncio.timeout(LIMIT):
        while len(camera.walks) < walks or camera.walks[-1].ended is None:
            await asyncio.sleep(0.05)


async def test_nothing_moves_until_somebody_is_sent(yard: Camera) -> None:
    """The yard stays empty beyond its loop; a walk begins soon, not at a key frame, and ends in time."""
    async with asyncio.timeout(LIMIT):
        while yard.counters.frames_sent < SPLIT + 5:
            await asyncio.sleep(0.05)
    assert {entry.frame for entry in yard.sent()} == set(range(SPLIT))
    assert not yard.walks
    asked = yard.sent()[-1]
    yard.motion(1.0)
    await until_ended(yard, 1)
    (walk,) = yard.walks
    assert walk.ended
    assert walk.began.sequence <= asked.sequence + COMING + 2
    assert (walk.began.frame, walk.began.key) == (SPLIT + COMING, False)
    assert (walk.ended.frame, walk.ended.key) == (0, True)
    assert walk.ended.sequence - walk.began.sequence == 15


async def test_a_machine_that_stands_still_shows_all_of_a_walk(yard: Camera) -> None:
    """What should have come meanwhile comes late: whoever looks at key frames only has one with somebody."""
    yard.motion(1.0)
    async with asyncio.timeout(LIMIT):
        while not yard.walks:
            await asyncio.sleep(0.01)
    over = time.monotonic() + 1.2
    while time.monotonic() < over:
        # Nobody is served meanwhile.
        time.sleep(0.05)
    await until_ended(yard, 1)
    (walk,) = yard.walks
    assert walk.ended
    assert walk.ended.sequence - walk.began.sequence == 15


async def test_a_walk_longer_than_its_footage_goes_on(yard: Camera) -> None:
    """Somebody comes back as often as it takes, and that is one walk."""
    yard.motion(6.0)
    await until_ended(yard, 1)
    (walk,) = yard.walks
    assert walk.ended
    assert walk.ended.sequence - walk.began.sequence == 6 * 15
    walked = [entry.frame for entry in yard.sent() if walk.began.sequence <= entry.sequence]
    assert walked.count(SPLIT + COMING) == 2


async def test_other_programs_send_somebody_and_learn_when(yard: Camera) -> None:
    """The control API takes the order and tells which frames showed somebody, on every process's clock."""
    control = Control({"yard": yard})
    port = await control.start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            before = time.monotonic_ns()
            async with client.post("/cameras/yard/motion", json={"seconds": 0.5}) as answer:
                assert answer.status == 200
            await until_ended(yard, 1)
            async with client.get("/cameras/yard/walks") as answer:
                (walk,) = (await answer.json())["walks"]
    finally:
        await control.stop()
    assert before < walk["began"]["monotonic_ns"] < walk["ended"]["monotonic_ns"] < time.monotonic_ns()
    assert walk["began"]["frame"] == SPLIT + COMING


async def test_other_scenes_have_nobody_to_send() -> None:
    """Who asks for motion where there is none is told."""
    async with Simulator([CameraSpec("porch")]) as simulator:
        with pytest.raises(ValueError, match="yard"):
            simulator.cameras["porch"].motion()


async def test_the_pictures_are_what_they_say() -> None:
    """Shrunk for a detector the empty yard is noise only, somebody is large, and each has its number."""
    frames = await footage.load_video(YARD)
    decoder = av.CodecContext.create("h264", "r")
    pictures = [picture for frame in frames for picture in decoder.decode(av.Packet(frame.payload))]
    pictures += decoder.decode(None)
    numbers = [decode_frame_number(p.to_ndarray(format="gray"), LINE_HEIGHT) for p in pictures]
    assert numbers == list(range(len(frames)))
    small = [p.reformat(width=160, height=88, format="gray").to_ndarray().astype(int)[2:] for p in pictures]
    changed = [int(np.count_nonzero(abs(p - small[SPLIT - 1]) > 15)) for p in small]
    assert max(changed[: SPLIT + COMING]) < 20
    assert min(changed[SPLIT + COMING + 5 : SPLIT + COMING + 43]) > 150
