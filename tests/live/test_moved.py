"""A camera that moves while it is watched is found, proven and streaming again: without a cloud.

Home Assistant, stream server and relay run on one machine, cameras and whoever took their place on others; no
name is answered, and no vendor reached.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.live.test_lan_only import AtHome, at_home
from tests.support.hosts import ANY, Host, host
from tests.support.namespaces import recording, town

pytestmark = pytest.mark.live

BEFORE, AFTER = "10.214.1.61", "10.214.1.187"
NETWORK = "10.214.1.0/24"
LIMIT = 30.0


@asynccontextmanager
async def camera_on(where: Host, name: str, address: str, *more: str) -> AsyncIterator[str]:
    """Run a camera on a machine; gives its link."""
    words = ["-m", "dev.simulator", "--camera", name, "--host", ANY, "--port", "32761", *more, "--json"]
    async with where.town.python(where.namespace, *words, stdout=asyncio.subprocess.PIPE) as process:
        async with asyncio.timeout(60):
            (found,) = json.loads(await process.stdout.readline())["cameras"]
        yield str(found["link"]).replace(ANY, address)


async def until_it_streams_again(home: AtHome, since: float) -> float:
    """Return how long after a moment new pictures came."""
    await home.ask("state", "sensor.porch_connection", "stalled", "no_answer", "not_here", "wrong_key")
    last = await home.ask("segment")
    async with asyncio.timeout(90):
        while await home.ask("segment") <= last:
            await asyncio.sleep(0.2)
    return time.monotonic() - since


async def test_a_camera_that_moves_while_it_is_watched_streams_again(tmp_path: Path) -> None:
    with town() as place, recording(place) as seen, host(place, "cam", BEFORE) as there:
        seen.answering = False
        async with camera_on(there, "porch", BEFORE) as link, at_home(place, tmp_path / "config") as home:
            await home.ask("set_up", NETWORK)
            assert await home.ask("add", "Porch", link, 1) == []
            await home.ask("state", "sensor.porch_connection", "ready")
            await home.ask("follow", "camera.porch")
            await home.ask("state", "sensor.porch_connection", "live")
            there.move(AFTER)
            seconds = await until_it_streams_again(home, time.monotonic())
            print(f"found, proven and streaming again after {seconds:.1f} s")
            assert seconds <= LIMIT
