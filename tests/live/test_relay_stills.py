"""A still that cannot be had: go2rtc would wait on and on, and the relay dial as if somebody watched."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from dev.simulator import CameraSpec, Picture, Simulator, Video
from dev.simulator.camera import Camera
from engine.model import new_camera_key, parse_wyze_link
from engine.relay import Phase, Relay
from engine.stream import StillFailure, StreamServer
from tests.support import streaming
from tests.support.relay import running_relay
from tests.support.streaming import new_token, running, until, watching

pytestmark = pytest.mark.live

KEY = new_camera_key()


class Home(NamedTuple):
    """A camera, its relay, and the go2rtc that reads it."""

    camera: Camera
    relay: Relay
    server: StreamServer

    async def crowd(self) -> int:
        """Return how many watch at go2rtc, under whatever name."""
        found = await self.server._ready().api.streams()
        return sum(len(stream.consumers) + stream.running for stream in found.values())


@contextlib.asynccontextmanager
async def known_camera(video: Video) -> AsyncIterator[Home]:
    """Have a camera that nobody looks at, and of which it is known how it codes its pictures."""
    streaming.allow_loopback()
    spec = CameraSpec("porch", picture=Picture(gop=15, video=video))
    async with Simulator([spec]) as simulator, running_relay() as relay, running() as server:
        home = Home(simulator.cameras["porch"], relay, server)
        await relay.add(KEY, parse_wyze_link(home.camera.link), new_token())
        await server.add("porch", new_token(), relay.url(KEY))
        assert await server.still("porch")
        await until(lambda: relay.states[KEY].phase is Phase.IDLE)
        yield home


async def is_over(home: Home) -> None:
    """Have nobody wait for the picture any more, and the camera be left alone."""
    await until(lambda: home.relay.states[KEY].phase is Phase.IDLE, 40)
    assert home.relay.states[KEY].readers == 0
    assert await home.crowd() == 0


@pytest.mark.parametrize("video", [Video.H264, Video.H265])
async def test_of_a_camera_that_was_just_switched_off(video: Video) -> None:
    async with known_camera(video) as home:
        home.camera.reboot(600)
        with pytest.raises(StillFailure):
            await home.server.still("porch")
        await is_over(home)
        home.camera.resume()
        assert await home.server.still("porch")


@pytest.mark.parametrize("video", [Video.H264, Video.H265])
async def test_of_a_camera_that_lets_us_in_and_shows_nothing(video: Video) -> None:
    """No picture is none: what ends the waiting is never taken for one."""
    async with known_camera(video) as home:
        home.camera.freeze()
        began = asyncio.get_running_loop().time()
        with pytest.raises(StillFailure) as caught:
            await home.server.still("porch", timeout=30)
        took = asyncio.get_running_loop().time() - began
        print(f"{caught.value.reason} after {took:.1f} s")
        assert took < 15
        await is_over(home)
        home.camera.resume()
        assert await home.server.still("porch")


async def test_who_watches_meanwhile_sees_the_camera_again() -> None:
    async with known_camera(Video.H264) as home, watching(home.server.restream_url("porch")) as frames:
        await frames.readline()
        home.camera.reboot(600)
        await until(lambda: home.relay.states[KEY].phase is Phase.LOST, 30)
        with pytest.raises(StillFailure):
            await home.server.still("porch")
        home.camera.resume()
        async with asyncio.timeout(20):
            while home.relay.states[KEY].phase is not Phase.LIVE:
                await frames.readline()
            assert await frames.readline()
        assert await home.server.still("porch")
