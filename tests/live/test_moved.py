"""A camera that moves while it is watched is found, proven and streaming again: without a cloud.

Home Assistant, stream server and relay run on one machine, cameras and whoever took their place on others; no
name is answered, and no vendor reached. What is searched for is counted on the wire.
"""

import asyncio
import ipaddress
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.live.test_lan_only import PIPES, UDP, AtHome, at_home
from tests.support.hosts import ANY, Host, host, listening
from tests.support.namespaces import Town, recording, town

pytestmark = pytest.mark.live

BEFORE, AFTER, AGAIN, THIRD = "10.214.1.61", "10.214.1.187", "10.214.1.171", "10.214.1.90"
NETWORK = "10.214.1.0/24"
PORT = 32761
LIMIT = 30.0
RATE = 200
LOST = ("stalled", "no_answer", "not_here", "wrong_key", "no_dtls")


@asynccontextmanager
async def camera_on(where: Host, *words: str) -> AsyncIterator[str]:
    """Run a camera on a machine; gives its link."""
    more = ["-m", "dev.simulator", "--host", ANY, "--port", "32761", "--json", "--camera", ",".join(words)]
    async with where.town.python(where.namespace, *more, stdout=asyncio.subprocess.PIPE) as process:
        async with asyncio.timeout(60):
            (found,) = json.loads(await process.stdout.readline())["cameras"]
        yield str(found["link"]).replace(ANY, BEFORE)


@asynccontextmanager
async def liar_on(place: Town, name: str, address: str, link: str) -> AsyncIterator[Any]:
    """Run a device that answers every search for the camera, and has another key."""
    uid = parse_qs(urlsplit(link).query)["uid"][0]
    with host(place, name, address) as where:
        async with place.python(where.namespace, "-m", "tests.support.liar", uid, **PIPES) as process:
            async with asyncio.timeout(60):
                assert json.loads(await process.stdout.readline()) == "ready"
            yield process


async def counts(liar: Any) -> int:
    """Return how often somebody tried a key at a liar."""
    liar.stdin.write(b"\n")
    async with asyncio.timeout(20):
        return int(json.loads(await liar.stdout.readline()))


@asynccontextmanager
async def somebody_watching(place: Town, folder: Path, link: str, network: str) -> AsyncIterator[AtHome]:
    """Have somebody watch the camera."""
    async with at_home(place, folder) as home:
        await home.ask("set_up", network)
        assert await home.ask("add", "Porch", link, 1) == []
        await home.ask("state", "sensor.porch_connection", "ready")
        await home.ask("follow", "camera.porch")
        await home.ask("state", "sensor.porch_connection", "live")
        yield home


async def until_it_streams_again(home: AtHome, since: float) -> float:
    """Return how long after a moment new pictures came."""
    await home.ask("state", "sensor.porch_connection", *LOST)
    last = await home.ask("segment")
    async with asyncio.timeout(90):
        while await home.ask("segment") <= last:
            await asyncio.sleep(0.2)
    return time.monotonic() - since


async def test_a_camera_that_moves_while_it_is_watched_streams_again(tmp_path: Path) -> None:
    """Whoever has its old address, and whoever answers every search, has another key and is not taken for it.

    The second time it hears no broadcast, as behind many an access point, and is found one by one.
    """
    with town() as place, recording(place) as seen, host(place, "cam", BEFORE) as there:
        seen.answering = False
        async with camera_on(there, "porch") as link, liar_on(place, "liar", THIRD, link) as liar:
            async with somebody_watching(place, tmp_path / "config", link, NETWORK) as home:
                there.move(AFTER)
                async with liar_on(place, "other", BEFORE, link) as other:
                    seconds = await until_it_streams_again(home, time.monotonic())
                    print(f"found by broadcast and streaming again after {seconds:.1f} s")
                    assert seconds <= LIMIT
                    await home.ask("state", "sensor.porch_connection", "live")
                    there.move(AGAIN, hears_broadcasts=False)
                    seconds = await until_it_streams_again(home, time.monotonic())
                    print(f"found by a sweep and streaming again after {seconds:.1f} s")
                    assert seconds <= LIMIT
                    assert await counts(other) > 0
            assert await counts(liar) > 0
        assert seen.names == set()
        spoken_to = {sent.to for sent in seen if sent.protocol == UDP and sent.port == PORT}
        assert all(ipaddress.IPv4Address(one) in ipaddress.IPv4Network(NETWORK) for one in spoken_to)


SEARCHES = """
import asyncio, json, random, sys, time
sys.path.insert(0, sys.argv[1])
from engine.lan import Finder, LanError, Prover
from engine.model import CameraNetworks, Credentials, SystemClock
networks = CameraNetworks.parse(sys.argv[3:])
async def turn(urgent): pass
async def main():
    finder = Finder(SystemClock(), random.Random(7), turn, Prover())
    async def search(letter, within=60):
        way = Credentials.parse(address=sys.argv[2], uid=letter * 20, enr="k" * 16, mac="0" * 12)
        try:
            async with asyncio.timeout(within):
                await finder.find(way, networks, attached=["10.214.1.0/24"], hints=["192.0.2.1"])
        except LanError, TimeoutError:
            pass
    await asyncio.gather(*map(search, "ABC"))
    await asyncio.sleep(2)
    began = time.time()
    await search("D", within=0.2)
    print(json.dumps([began, time.time()]), flush=True)
    await asyncio.sleep(2)
asyncio.run(main())
"""


async def test_a_sweep_stays_inside_and_below_its_rate_and_stops_when_told() -> None:
    """Three searches at once, and one that is given up, as the wire saw them."""
    hall = Path(__file__).parents[2] / "custom_components" / "wyze_local"
    inside = ("10.214.1.32/27", "10.214.1.160/28")
    # Whoever is asked must be somebody, or the wire sees no more than questions for hardware addresses.
    everybody = [f"10.214.1.{number}/24" for number in range(3, 254)]
    with town(*everybody) as place, listening(place) as heard:
        words = ("-c", SEARCHES, str(hall), BEFORE, *inside)
        async with place.python(place.home, *words, stdout=asyncio.subprocess.PIPE) as process:
            async with asyncio.timeout(60):
                began, ended = json.loads(await process.stdout.readline())
                await process.wait()
        sent = [one for one in heard() if one.port == PORT]
    hosts = [ipaddress.IPv4Address(one.to) for one in sent]
    assert all(any(one in ipaddress.IPv4Network(two) for two in inside) for one in hosts)
    # All there are but the last address itself, by both framings, for three cameras.
    whole = [one for one in sent if one.at < began]
    assert len(whole) == 3 * 2 * (32 + 16 - 1)
    assert {one.to for one in whole} == {str(one) for two in inside for one in ipaddress.IPv4Network(two)} - {
        BEFORE
    }
    busiest = max(sum(one.at <= two.at < one.at + 1 for two in sent) for one in sent)
    given_up = [one.at for one in sent if one.at >= began]
    print(f"at most {busiest} datagrams in a second; a search that was given up sent {len(given_up)}")
    assert busiest <= RATE
    assert 0 < len(given_up) < 2 * 47
    assert max(given_up) <= ended
