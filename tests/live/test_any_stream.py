"""A stream of any make through the real go2rtc into a real browser: one connection, and back by itself."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dev.home.browser import Browser
from dev.simulator import CameraSpec, Picture, Simulator
from engine.model import StreamAddress
from engine.stream import StreamServer, direct_source
from tests.support import streaming
from tests.support.foreign import PASSWORD, USER, Door, ForeignServer, foreign_server
from tests.support.streaming import decode, new_token, running, until, watching
from tests.support.tab import watch

pytestmark = pytest.mark.live


@pytest.fixture
async def foreign(tmp_path: Path) -> AsyncIterator[ForeignServer]:
    streaming.allow_loopback()
    async with (
        Simulator([CameraSpec("porch", picture=Picture(gop=15))]) as simulator,
        foreign_server(tmp_path, simulator.cameras["porch"].link) as server,
    ):
        yield server


@pytest.fixture
async def door(foreign: ForeignServer) -> AsyncIterator[Door]:
    async with Door(foreign.rtsp_port) as opened:
        yield opened


async def add(server: StreamServer, url: str) -> None:
    address = StreamAddress.parse(url, user=USER, password=PASSWORD)
    await server.add("yard", new_token(), direct_source(address), shared=True)


async def test_browsers_and_programs_share_one_connection(door: Door) -> None:
    """Whoever comes later sees a picture too. Only for sound that comes later go2rtc connects anew, once."""
    async with running() as server, Browser() as browser:
        await add(server, door.url)
        first, second = [await watch(browser, server, "yard") for _ in range(2)]
        print(f"the first tab moved after {await first.moves():.2f} s, then the second")
        await second.moves()
        assert await decode(server.restream_url("yard"), frames=10) == 10
        assert (await server.still("yard")).startswith(b"\xff\xd8")
        assert door.visitors <= 2
        assert door.inside == 1
        assert await first.moves() < 5, "nobody was left behind"


async def test_the_same_tab_sees_it_again_after_an_absence(door: Door) -> None:
    """Nobody touches anything: go2rtc comes back to the server and takes along whoever watches."""
    async with running() as server, Browser() as browser:
        await add(server, door.url)
        tab = await watch(browser, server, "yard")
        await tab.moves()
        await door.shut()
        async with watching(server.restream_url("yard")) as program:
            await server.heal("yard")
            await door.open()
            assert await tab.moves(seconds=10) < 10
            async with asyncio.timeout(10):
                await program.readline()
        await until(lambda: door.inside <= 1)
