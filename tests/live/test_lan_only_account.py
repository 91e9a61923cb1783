"""LAN only of a signed-in account: from then on no packet goes to the vendor, and no name is looked up.

Home Assistant, stream server and relay run in a network namespace; everything that leaves it is recorded. The
vendor's cloud is real enough to be signed in to; it has a name, and an address in the rest of the world.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from custom_components.wyze_local.engine.cloud import Hosts
from custom_components.wyze_local.engine.model import DEFAULT_PORT, parse_wyze_link
from dev.home.cloud import HASTY, told
from dev.simulator.cloud import Device, FakeCloud, User
from dev.simulator.cloud.authority import NAME
from tests.live.test_lan_only import ARP, UDP, AtHome, at_home, camera, strangers
from tests.support.namespaces import ANYWHERE, CAMERAS, DNS, Record, Sent, Town, leading_to, recording, town

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]

PASSWORD = "correct horse"
PORT = str(DEFAULT_PORT)
"""Where a camera of an account listens: its list tells no port."""
MARK = Sent(CAMERAS, UDP, 9)
SECONDS = 12
"""How long nothing must come: longer than the waits of a system that repeats a packet, or a question."""
ACCOUNT, SWITCH, PICTURE = "sensor.a_e_account", "switch.a_e_lan_only", "camera.porch"


@dataclass
class Life:
    """A home with an account, and what is seen of it from outside."""

    place: Town
    seen: Record
    cloud: FakeCloud
    file: Path
    folder: Path
    user: User

    @property
    def typed(self) -> dict[str, str]:
        """What the person types to sign in."""
        key = self.user.key
        return {
            "email": self.user.email, "password": PASSWORD, "key_id": key.key_id, "api_key": key.api_key,
        }  # fmt: skip

    def home(self) -> AbstractAsyncContextManager[AtHome]:
        """Run Home Assistant."""
        return at_home(self.place, self.folder, HASTY, env={**os.environ, **told(self.file)})

    async def up_to_now(self) -> None:
        """Wait until everything that was sent before this is in the record."""
        self.seen.discard(MARK)
        say = f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('{MARK.to}', {MARK.port}))"
        async with self.place.python(self.place.home, "-c", say) as saying:
            await saying.wait()
        await until(lambda: MARK in self.seen)

    async def forget(self) -> None:
        """Begin the record anew."""
        await self.up_to_now()
        self.seen.forget()

    async def nothing_for(self, seconds: float = SECONDS) -> None:
        """See that nobody is asked for so long, and was not since the record began."""
        await asyncio.sleep(seconds)
        await self.up_to_now()
        assert self.seen.names == set()
        assert {sent for sent in strangers(self.seen) if sent.protocol != ARP} == set()

    def dead(self, word: str) -> None:
        """Let the vendor's address be nobody's (`del`), or the vendor's again (`add`)."""
        self.place.ip(self.place.rest, "address", word, f"{ANYWHERE}/32", "dev", "wire")


async def until(holds: Callable[[], object], seconds: float = 45) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def life(folder: Path) -> AsyncIterator[Life]:
    """Make all of it; the account has one camera."""
    with town(f"{ANYWHERE}/32") as place, recording(place) as seen:
        async with FakeCloud() as cloud, camera(place, "porch", CAMERAS, "--port", PORT) as link:
            way = parse_wyze_link(link)
            known = {key: getattr(way, key).reveal() for key in ("mac", "enr", "uid")}
            device = Device(known["mac"], known["enr"], known["uid"], way.model, "Porch", ip=CAMERAS)
            user = cloud.add_user("ann@example.org", PASSWORD, devices=[device])
            file = folder / "cloud.json"
            hosts = cloud.hosts(NAME)
            await asyncio.to_thread(file.write_text, json.dumps({"hosts": hosts, "ca": str(cloud.ca_path)}))
            async with leading_to(place, ANYWHERE, {urlsplit(origin).port or 0 for origin in hosts.values()}):
                yield Life(place, seen, cloud, file, folder / "config", user)


async def use_everything(home: AtHome, entry_id: str) -> None:
    """Do all that a person can do with what there is, but switch LAN only off."""
    await home.ask("state", ACCOUNT, "lan_only")
    await home.ask("state", PICTURE, "idle")
    found = await home.ask("view", PICTURE)
    assert (found["still"] > 2000, found["webrtc"], found["segments"] > 0) == (True, "answer", True)
    for entity_id in await home.ask("entities"):
        await home.ask("call", "homeassistant", "update_entity", {"entity_id": entity_id})
        match entity_id.partition(".")[0]:
            case "button":
                await home.ask("call", "button", "press", {"entity_id": entity_id})
            case "switch" if entity_id != SWITCH:
                for _ in range(2):
                    await home.ask("call", "switch", "toggle", {"entity_id": entity_id})
            case "select":
                await home.ask("call", "select", "select_next", {"entity_id": entity_id})
                await home.ask("call", "select", "select_previous", {"entity_id": entity_id})
    for way in ("account", "key"):
        assert (await home.ask("reconfigure", entry_id, way))["step_id"] == "lan_only"
    assert (await home.ask("reconfigure", entry_id, "key", "lan_only_stays"))["reason"] == "lan_only"


async def turn(home: AtHome, to: str) -> None:
    """Turn the switch; it is done when this returns."""
    assert await home.ask("call", "switch", f"turn_{to}", {"entity_id": SWITCH})


async def ask(home: AtHome) -> None:
    """Have the account ask for its list, as a person may, and do not wait for the answer."""
    await home.ask("begin", "homeassistant", "update_entity", {"entity_id": ACCOUNT})


async def test_no_packet_and_no_name_once_it_is_on(tmp_path: Path) -> None:
    """In the middle of a call that hangs, for good, over restarts in front of a dead vendor and a liar."""
    async with life(tmp_path) as one, one.home() as home:
        entry_id = await home.ask("sign_in", f"{CAMERAS}/24", one.typed)
        await home.ask("state", ACCOUNT, "signed_in")
        await home.ask("state", PICTURE, "idle")
        assert one.seen.names == {NAME}
        assert {Sent(DNS, UDP, 53)} < strangers(one.seen)
        lists, hanging = len(one.cloud.calls("devices")), one.cloud.fault("hang", "devices")
        await ask(home)
        await until(lambda: len(one.cloud.calls("devices")) > lists)
        await turn(home, "on")
        await one.forget()
        one.cloud.faults.clear(hanging)
        await use_everything(home, entry_id)
        await one.nothing_for()

        one.dead("del")
        await home.ask("restart")
        await use_everything(home, entry_id)
        await one.nothing_for()

        one.dead("add")
        one.cloud.fault("broken")
        await home.ask("restart")
        await use_everything(home, entry_id)
        await one.nothing_for()

        one.cloud.faults.clear()
        calls = len(one.cloud.calls())
        await turn(home, "off")
        await home.ask("state", ACCOUNT, "signed_in")
        assert len(one.cloud.calls()) > calls
        await one.up_to_now()
        assert one.seen.names == {NAME}, "the vendor's own names are nobody's but in earnest"
        assert not {urlsplit(origin).hostname for origin in asdict(Hosts()).values()} & one.seen.names


@pytest.mark.parametrize("trouble", ["no name", "no way", "no answer"])
async def test_nothing_is_repeated_that_was_on_its_way(tmp_path: Path, trouble: str) -> None:
    """No question for a name, no knock at an address where nobody is, no farewell to the dead."""
    async with life(tmp_path) as one, one.home() as home:
        await home.ask("sign_in", f"{CAMERAS}/24", one.typed)
        await home.ask("state", ACCOUNT, "signed_in")
        await one.forget()
        lists = len(one.cloud.calls("devices"))
        match trouble:
            case "no name":
                one.seen.answering = False
            case "no way":
                one.dead("del")
            case "no answer":
                one.cloud.fault("hang", "devices")
        await ask(home)
        if trouble == "no answer":
            await until(lambda: len(one.cloud.calls("devices")) > lists)
            one.dead("del")
        knocked_at = {"no name": DNS}.get(trouble, ANYWHERE)
        await until(lambda: any(sent.to == knocked_at for sent in one.seen))
        await turn(home, "on")
        await one.forget()
        await one.nothing_for()
        one.seen.answering = True
        one.cloud.faults.clear()
        if trouble != "no name":
            one.dead("add")
        await turn(home, "off")
        await home.ask("state", ACCOUNT, "signed_in")
