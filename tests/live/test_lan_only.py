"""A local view contacts nobody but the camera, and troubles of the network have their words.

Home Assistant, stream server and relay run in a network namespace; everything that leaves it is recorded.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.namespaces import ANYWHERE, CAMERAS, DNS, GATEWAY, HOME, Sent, Town, recording, town

pytestmark = pytest.mark.live

UDP, IGMP, ARP = 17, 2, 0x0806
MDNS = "224.0.0.251"
MULTICAST_ROUTERS = "224.0.0.22"
LINK = ("ff02:", "fe80:")
"""What an address begins with that no router passes on."""

PIPES = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}


@dataclass
class AtHome:
    """Home Assistant on its machine."""

    process: asyncio.subprocess.Process

    async def ask(self, *words: Any) -> Any:
        """Ask for something and return the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words).encode() + b"\n")
        return await self.answer()

    async def answer(self) -> Any:
        """Return the next answer."""
        assert self.process.stdout is not None
        async with asyncio.timeout(100):
            return json.loads(await self.process.stdout.readline())


@asynccontextmanager
async def at_home(place: Town, folder: Path, *prepare: str, **options: Any) -> AsyncIterator[AtHome]:
    """Run Home Assistant."""
    words = ["-m", "tests.support.at_home", str(folder), *prepare]
    async with place.python(place.home, *words, **PIPES, **options) as process:
        home = AtHome(process)
        await home.answer()
        yield home
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(30):
            await process.wait()


@asynccontextmanager
async def camera(place: Town, name: str, host: str, *more: str) -> AsyncIterator[str]:
    """Run a camera; gives its link."""
    words = ["-m", "dev.simulator", "--camera", name, "--host", host, *more, "--json"]
    async with place.python(place.rest, *words, stdout=asyncio.subprocess.PIPE) as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            (found,) = json.loads(await process.stdout.readline())["cameras"]
        yield str(found["link"])


def strangers(seen: set[Sent]) -> set[Sent]:
    """Return what was sent to anybody but the camera, and to more than neighbours by multicast."""
    harmless = {Sent(MDNS, UDP, 5353), Sent(MULTICAST_ROUTERS, IGMP), Sent(HOME, ARP)}
    return {sent for sent in seen - harmless if sent.to != CAMERAS and not sent.to.startswith(LINK)}


async def test_a_local_view_contacts_nobody_but_the_camera(tmp_path: Path) -> None:
    with town() as place, recording(place) as seen:
        async with camera(place, "porch", CAMERAS) as link, at_home(place, tmp_path / "config") as home:
            await home.ask("set_up", f"{CAMERAS}/24")
            assert await home.ask("add", "Porch", link, 1) == []
            await home.ask("state", "sensor.porch_connection", "ready")
            found = await home.ask("view", "camera.porch")
            print(found)
            assert found["still"] > 2000
            assert found["config"] == {"configuration": {}}
            assert found["webrtc"] == "answer"
            assert found["segments"] > 0
        assert strangers(seen) == set()
        assert any((sent.to, sent.protocol) == (CAMERAS, UDP) for sent in seen)
        # The recorder is not deaf: whoever does ask is heard.
        asking = "import socket; s = socket.create_connection(('stun.example', 3478), 1)"
        async with place.python(place.home, "-c", asking, stderr=asyncio.subprocess.DEVNULL) as other:
            await other.wait()
        assert {Sent(DNS, UDP, 53), Sent(GATEWAY, ARP), Sent(ANYWHERE, 6, 3478)} <= strangers(seen)


VANISHING, BLOCKED, ROUTED = "10.214.1.3", "10.214.1.4", "10.214.9.5"
"""Cameras that answer at first: two neighbours, and one behind a router."""

NOBODY, SILENT_NETWORK, NO_ROUTE = "10.214.1.77", "10.214.8.5", "10.214.7.5"
"""Addresses where there never was a camera: next door, behind a router, and where no way leads."""


async def test_each_trouble_of_the_network_has_its_word(tmp_path: Path) -> None:
    """What is told of a neighbour, of a network behind a router, and of this machine's own firewall."""
    hosts = {"vanishing": VANISHING, "blocked": BLOCKED, "routed": ROUTED}
    async with AsyncExitStack() as stack:
        place = stack.enter_context(town(*(f"{host}/24" for host in hosts.values())))
        place.ip(place.home, "route", "add", "unreachable", f"{NO_ROUTE}/32")
        links = {name: await stack.enter_async_context(camera(place, name, hosts[name])) for name in hosts}
        home = await stack.enter_async_context(at_home(place, tmp_path / "config"))
        await home.ask("set_up", "10.214.0.0/16")
        absent = {
            NOBODY: ("dial_no_answer", "unproven"),
            SILENT_NETWORK: ("dial_unreachable", "unreachable"),
            NO_ROUTE: ("dial_unreachable", "unreachable"),
        }
        for number, (address, (error, word)) in enumerate(absent.items()):
            link = links["routed"].replace(ROUTED, address).replace("mac=02", f"mac=0{number + 4}")
            assert await home.ask("add", f"absent {number}", link, 3) == [{"base": error}] * 2
            await home.ask("state", f"sensor.absent_{number}_connection", word)
        for name in hosts:
            assert await home.ask("add", name, links[name], 1) == []
            await home.ask("state", f"sensor.{name}_connection", "ready")
        place.ip(place.rest, "address", "del", f"{VANISHING}/24", "dev", "wire")
        place.ip(place.rest, "address", "del", f"{ROUTED}/24", "dev", "wire")
        place.ip(place.home, "neigh", "flush", "dev", "wire")
        place.ip(place.home, "route", "add", "prohibit", f"{BLOCKED}/32")
        for name, word in {"blocked": "blocked", "vanishing": "no_answer", "routed": "no_answer"}.items():
            await home.ask("look", f"camera.{name}")
            await home.ask("state", f"sensor.{name}_connection", word)
