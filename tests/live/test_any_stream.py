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
from engine.stream import DialFailure, StreamServer, direct_source
from tests.support import streaming
from tests.support.foreign import PASSWORD, STREAM, USER, Door, ForeignServer, foreign_server
from tests.support.streaming import decode, new_token, running, until, watching
from tests.support.tab import watch
from tests.support.tls import behind_tls

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


@pytest.mark.alone
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


@pytest.mark.alone
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


@pytest.mark.parametrize("kind", ["rtsps", "https"])
async def test_under_tls_too(foreign: ForeignServer, door: Door, kind: str) -> None:
    """Cameras sign their certificates themselves, and go2rtc takes any of an address: docs/security.md."""
    plain, path = (
        (door.port, STREAM) if kind == "rtsps" else (foreign.http_port, f"api/stream.ts?src={STREAM}")
    )
    async with running() as server, behind_tls(plain) as port:
        await add(server, f"{kind}://127.0.0.1:{port}/{path}")
        assert await decode(server.restream_url("yard"), frames=10) == 10


async def test_a_wrong_password_under_tls_gets_nothing(door: Door) -> None:
    """The same words as without: the door refused, and no picture came."""
    async with running() as server, behind_tls(door.port) as port:
        address = StreamAddress.parse(f"rtsps://127.0.0.1:{port}/{STREAM}", user=USER, password="wrong")
        with pytest.raises(DialFailure) as caught:
            await server.dial(direct_source(address), timeout=10.0)
        assert caught.value.reason == "wrong_key"
        assert door.refused


async def test_by_onvif(tmp_path: Path) -> None:
    """go2rtc asks the device's service where its stream is, and plays that."""
    streaming.allow_loopback()
    async with Simulator([CameraSpec("porch", picture=Picture(gop=15))]) as simulator:
        device = ForeignServer(tmp_path, simulator.cameras["porch"].link, asks=False)
        await device.start()
        try:
            async with running() as server:
                # It has several profiles, in no order.
                url = f"onvif://127.0.0.1:{device.http_port}/?subtype={STREAM}"
                address = StreamAddress.parse(url, user="", password="")
                await server.add("yard", new_token(), direct_source(address), shared=True)
                assert await decode(server.restream_url("yard"), frames=10) == 10
        finally:
            await device.stop()
