"""Home Assistant starts while the vendor is away, mute or lying: the cameras come up from the vault."""

import asyncio
import contextlib
import json
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant, callback

from dev.home import ApiError, HomeAssistantRig
from dev.home.cloud import hasty as lead_to_cloud, told
from dev.ports import free_port
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device, FakeCloud, User

pytestmark = [pytest.mark.live, pytest.mark.alone, pytest.mark.timeout(500)]

DOMAIN = "wyze_local"
PASSWORD = "correct horse"
PORT = 32761
"""Where the vendor's list has all cameras listen: it tells no port."""
ACCOUNT = "sensor.a_e_account"
_FILE = "NOTED"


def prepare(hass: HomeAssistant) -> None:
    """Lead the integration to the fake cloud, with little patience, and note when its entry stands how."""
    from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED
    from homeassistant.helpers.dispatcher import async_dispatcher_connect

    lead_to_cloud(hass)
    noted = os.open(os.environ[_FILE], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    @callback
    def note(_: Any, entry: Any) -> None:
        if entry.domain == DOMAIN:
            os.write(noted, json.dumps([entry.state.value, time.monotonic()]).encode() + b"\n")

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, note)


@dataclass
class Start:
    """One start of Home Assistant."""

    begun: float
    """When the set-up of the entry began, by the machine's steady clock."""
    loaded: float
    """After so many seconds it was loaded."""

    @property
    def passed(self) -> float:
        """Seconds since the set-up of the entry began."""
        return time.monotonic() - self.begun


@dataclass
class Place:
    """A house, its vendor, and its Home Assistant."""

    home: HomeAssistantRig
    cloud: FakeCloud
    user: User
    noted: Path

    async def sign_in(self) -> None:
        """Set the account up with all cameras that there are, as a person does."""
        client = self.home.client
        flow = await client.flow(DOMAIN)
        await flow.choose("vendor")
        await flow.submit(networks=["127.0.0.0/8"], stream_server={"webrtc_port": free_port()})
        key = self.user.key
        await flow.submit(email=self.user.email, password=PASSWORD, key_id=key.key_id, api_key=key.api_key)
        assert flow.step == "cameras", flow.result
        (field,) = [one for one in flow.result["data_schema"] if one["name"] == "cameras"]
        offered = [one["value"] for one in field["selector"]["select"]["options"]]
        await flow.submit(cameras=offered)
        await flow.submit()
        assert flow.result["type"] == "create_entry", flow.result
        await client.wait_for_state(ACCOUNT, "signed_in", limit=60)

    async def restart(self) -> Start:
        """Start Home Assistant anew."""
        await asyncio.to_thread(self.noted.write_text, "")
        await self.home.restart()
        lines = (await asyncio.to_thread(self.noted.read_text)).splitlines()
        states = dict(reversed([json.loads(line) for line in lines]))
        begun = states["setup_in_progress"]
        return Start(begun, states["loaded"] - begun)

    async def still(self, name: str) -> None:
        """Wait for a picture of a camera."""
        while True:
            with contextlib.suppress(ApiError):
                if len(await self.home.client.rest("GET", f"/api/camera_proxy/camera.{name}")) > 2000:
                    return
            await asyncio.sleep(0.2)

    async def stream(self, name: str) -> None:
        """Begin to watch a camera, and wait until video has come."""
        client = self.home.client
        while True:
            with contextlib.suppress(ApiError):
                master = (await client.command("camera/stream", entity_id=f"camera.{name}"))["url"]
                media = (await self._text(master)).split()[-1]
                playlist = f"{master.rpartition('/')[0]}/{media}"
                while "#EXTINF" not in await self._text(playlist):
                    await asyncio.sleep(0.2)
                return
            await asyncio.sleep(0.2)

    async def _text(self, url: str) -> str:
        return bytes(await self.home.client.rest("GET", url)).decode()


def own_host() -> str:
    """Return an address of this machine that is nobody else's."""
    chance = random.SystemRandom()
    return f"127.{chance.randint(1, 250)}.{chance.randint(1, 250)}.{chance.randint(2, 250)}"


@contextmanager
def silent(hosts: list[str]) -> Iterator[None]:
    """Have somebody at these addresses who hears everything and says nothing."""
    with contextlib.ExitStack() as stack:
        for host in hosts:
            stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)).bind((host, PORT))
        yield


@asynccontextmanager
async def place(folder: Path, answering: int, mute: int = 0) -> AsyncIterator[Place]:
    """Run a house in which so many cameras answer and so many do not, with its account signed in."""
    specs = [CameraSpec(f"cam{number}", host=own_host(), port=PORT) for number in range(answering)]
    dead = [own_host() for _ in range(mute)]
    noted = folder / "noted"
    async with AsyncExitStack() as stack:
        stack.enter_context(silent(dead))
        simulator = await stack.enter_async_context(Simulator(specs))
        cloud = await stack.enter_async_context(FakeCloud())
        devices = [Device.of_camera(one) for one in simulator.cameras.values()]
        devices += [Device.of_spec(CameraSpec(f"mute{n}"), host) for n, host in enumerate(dead)]
        user = cloud.add_user(password=PASSWORD, devices=devices)
        home = HomeAssistantRig(
            folder / "config",
            prepare="tests.live.test_cold_start:prepare",
            environment=told(cloud.file) | {_FILE: str(noted)},
        )
        await stack.enter_async_context(home)
        here = Place(home, cloud, user, noted)
        await here.sign_in()
        yield here


async def test_fifty_cameras_come_up_while_the_vendor_is_mute(tmp_path: Path) -> None:
    """Of those that answer, one is seen soon and ten a little later; forty that are silent hold none up."""
    async with place(tmp_path, answering=10, mute=40) as here:
        here.cloud.fault("hang")
        start = await here.restart()
        print(f"50 cameras: loaded {start.loaded:.2f} s after the set-up began")
        assert start.loaded <= 5
        async with asyncio.timeout(60 - start.passed):
            await here.still("cam0")
            first = start.passed
            await asyncio.gather(*(here.stream(f"cam{number}") for number in range(10)))
        print(f"50 cameras: first picture after {first:.1f} s, ten streams after {start.passed:.1f} s")
        assert first <= 20


async def test_a_small_house_comes_up_whatever_the_vendor_does(tmp_path: Path) -> None:
    """Mute, refusing, and answering with somebody else's cameras: two cameras, nothing new, nothing lost."""
    async with place(tmp_path, answering=2) as here:
        cloud = here.cloud
        before = await known(here)
        cloud.add_user("eve@example.net", devices=[Device.of_spec(CameraSpec("theirs"), own_host())])
        troubles: dict[str, dict[str, Any]] = {
            "hang": {}, "refuses": {}, "wrong_account": {"other": "eve@example.net"},
        }  # fmt: skip
        for kind, options in troubles.items():
            if kind == "refuses":
                await cloud.refuse()
            else:
                cloud.fault(kind, **options)
            start = await here.restart()
            async with asyncio.timeout(20 - start.passed):
                await here.still("cam0")
                one = start.passed
            async with asyncio.timeout(60 - start.passed):
                await asyncio.gather(*(here.stream(f"cam{number}") for number in range(2)))
                both = start.passed
            print(f"{kind}: loaded {start.loaded:.2f} s, a picture {one:.1f} s, two streams {both:.1f} s")
            assert start.loaded <= 5
            word = "unfamiliar" if kind == "wrong_account" else "offline"
            await here.home.client.wait_for_state(ACCOUNT, word, limit=60)
            # What a camera has it is asked for when it can be; nothing that was there is gone.
            now = await known(here)
            assert set(before) <= set(now)
            assert cameras_in(now) == cameras_in(before)
            await cloud.resume()


async def known(here: Place) -> list[str]:
    """Return the entities of the integration."""
    registry = await here.home.client.command("config/entity_registry/list")
    return sorted(str(one["entity_id"]) for one in registry if one["platform"] == DOMAIN)


def cameras_in(entities: list[str]) -> list[str]:
    """Return the cameras among entities."""
    return [one for one in entities if one.startswith("camera.")]
