"""What the scenario about controls says of a picture, and that it knows when it is cut off."""

import asyncio
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from dev.demo.controls.eyes import Image, bright, colourful, framed, moved
from dev.simulator import Picture, Scene
from dev.simulator.coding import VideoFrame
from dev.simulator.darkroom import Reel
from dev.simulator.look import Look
from tests.support.programs import program

ROOT = Path(__file__).parents[2]
LIMIT = 20.0
SMALL = Picture(width=320, height=180, seconds=4, scene=Scene.PORCH)


async def seen(look: Look) -> Image:
    """Return what a camera of that look shows, as small as a page gives it."""
    reel = Reel(SMALL, look, 0)
    frame: VideoFrame | None = None
    async with asyncio.timeout(LIMIT):
        while (frame := reel.at(0)) is None:
            await asyncio.sleep(0.01)
    await asyncio.gather(reel.close(), return_exceptions=True)
    decoder = av.CodecContext.create("h264", "r")
    (picture,) = [*decoder.decode(av.Packet(frame.payload)), *decoder.decode(None)]
    return picture.reformat(width=96, height=54, format="rgb24").to_ndarray().astype(np.float64)


async def test_each_deed_is_seen_in_a_picture_and_no_other_is() -> None:
    """Turned, lit, without colours, with the siren: each by its own measure."""
    usual = await seen(Look())
    assert moved(usual, usual) == 0
    assert colourful(usual) > 20
    assert not framed(usual)
    turned = await seen(Look(shift_x=0.875))
    assert moved(usual, turned) == pytest.approx(-0.125, abs=0.02)
    assert bright(turned) == pytest.approx(bright(usual), abs=4)
    lit = await seen(Look(lift=30))
    assert bright(lit) > bright(usual) + 12
    assert moved(usual, lit) == pytest.approx(0, abs=0.02)
    assert colourful(await seen(Look(grey=True))) < 8
    assert framed(await seen(Look(alarm=True)))


async def test_who_is_cut_off_finds_no_way_out_and_reaches_itself() -> None:
    """Neither interface nor route nor name; the machine the tests run on has at least a route to itself."""
    code = (
        "import socket\n"
        "from dev.demo.controls.alone import cut_off, ways_out\n"
        "cut_off()\n"
        "with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "    socket.create_connection(server.getsockname(), 2).close()\n"
        "print(ways_out())\n"
    )
    async with program(sys.executable, "-c", code, cwd=ROOT) as process:
        assert process.stdout
        async with asyncio.timeout(LIMIT):
            assert await process.stdout.readline() == b"[]\n"
