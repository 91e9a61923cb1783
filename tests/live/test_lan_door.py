"""Other machines read restreams only with user and password, and only when the person lets them."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dev.ports import free_port
from engine.model import Secret
from engine.stream import LanDoor, PortTaken
from tests.support.streaming import make_server

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
HOME, OTHER = "10.213.7.1", "10.213.7.2"
PORT = 18557
USER, PASSWORD = "viewer", "0f" * 16

# Everything of ours, in a network namespace that plays the machine on which Home Assistant runs.
AT_HOME = """
import asyncio, json, sys
sys.path[:0] = sys.argv[2:]
from dev.simulator import CameraSpec, Simulator
from engine.model import Secret
from engine.stream import LanDoor
from tests.support.streaming import new_token, running, source_of

async def main():
    lan = LanDoor(18557, Secret("viewer"), Secret("0f" * 16)) if sys.argv[1] == "open" else None
    async with Simulator([CameraSpec("porch")]) as simulator, running(lan=lan) as server:
        await server.add("porch", new_token(), source_of(simulator.cameras["porch"].link))
        print(json.dumps(server.restream_url("porch").reveal()), flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@dataclass
class Machines:
    """Two machines with a cable between them."""

    home: str
    other: str

    async def decode(self, url: str, *, at: str) -> int:
        """Return how many of five frames a program on a machine gets."""
        return await asyncio.to_thread(self._decode, url, at)

    def _decode(self, url: str, at: str) -> int:
        command = ["ip", "netns", "exec", at, "ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-timeout"]
        command += ["5000000", "-i", url, "-an", "-frames:v", "5", "-f", "framecrc", "-"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, check=False, capture_output=True, timeout=30)
            return sum(line[:1] != b"#" for line in done.stdout.splitlines())
        return 0


@pytest.fixture
def machines() -> Iterator[Machines]:
    """Make the two machines."""
    made = Machines(f"wl-home-{os.getpid()}", f"wl-other-{os.getpid()}")

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    try:
        for name in (made.home, made.other):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip(
            "-n",
            made.home,
            "link",
            "add",
            "wire",
            "type",
            "veth",
            "peer",
            "name",
            "wire",
            "netns",
            made.other,
        )
        for name, address in ((made.home, HOME), (made.other, OTHER)):
            ip("-n", name, "address", "add", f"{address}/24", "dev", "wire")
            ip("-n", name, "link", "set", "wire", "up")
        yield made
    finally:
        for name in (made.home, made.other):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


@contextlib.asynccontextmanager
async def at_home(machines: Machines, door: str) -> AsyncIterator[str]:
    """Run everything of ours at home; gives the restream's address there."""
    paths = [str(ROOT), str(ROOT / "custom_components" / "wyze_local")]
    process = await asyncio.create_subprocess_exec(
        "ip", "netns", "exec", machines.home, sys.executable, "-c", AT_HOME, door, *paths,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        yield json.loads(line)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(20):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def test_another_machine_needs_user_and_password(machines: Machines) -> None:
    async with at_home(machines, "open") as url:
        name = url.rpartition("/")[2]
        assert url == f"rtsp://127.0.0.1:{PORT}/{name}"
        there = f"{HOME}:{PORT}/{name}"
        assert await machines.decode(f"rtsp://{USER}:{PASSWORD}@{there}", at=machines.other) == 5
        assert await machines.decode(f"rtsp://{there}", at=machines.other) == 0
        assert await machines.decode(f"rtsp://{USER}:wrong@{there}", at=machines.other) == 0
        # The name is a credential too: user and password alone open nothing.
        guessed = f"rtsp://{USER}:{PASSWORD}@{HOME}:{PORT}/porch"
        assert await machines.decode(guessed, at=machines.other) == 0
        # On this machine the name is enough, as it is without the door.
        assert await machines.decode(url, at=machines.home) == 5


async def test_unless_it_is_opened_the_door_is_shut(machines: Machines) -> None:
    async with at_home(machines, "shut") as url:
        assert await machines.decode(url, at=machines.home) == 5
        there = url.replace("127.0.0.1", f"{USER}:{PASSWORD}@{HOME}")
        assert await machines.decode(there, at=machines.other) == 0


async def test_a_port_for_other_machines_that_is_taken_is_said_so() -> None:
    port = free_port()
    taken = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", port)
    async with taken:
        server = await make_server(lan=LanDoor(port, Secret(USER), Secret(PASSWORD)))
        with pytest.raises(PortTaken) as caught:
            await server.start()
    assert (caught.value.listener, caught.value.port) == ("lan", port)
