"""A camera is found where it went, whoever else answers; the search ends, and has its limits."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from dev.simulator import Camera, CameraSpec, Framing, Simulator
from engine.lan import Finder, LanError, Proof, Prover
from engine.lan.finder import MAX_CANDIDATES, SWEEP_EVERY
from engine.model import CameraNetworks, Credentials, Secret, SystemClock

from ...support.clock import FakeClock

NETWORKS = CameraNetworks.parse(["127.9.9.0/24"])
BEFORE, AFTER = "127.9.9.40", "127.9.9.52"
UID = "W" * 20


def spec(name: str, host: str, port: int = 0, **more: object) -> CameraSpec:
    """Return a camera that answers to the same id, whatever its key is."""
    return CameraSpec(name, host=host, port=port, uid=UID, checks_mac=False, **more)  # type: ignore[arg-type]


def moved(camera: Camera) -> Credentials:
    """Return what was known of a camera before it moved."""
    found = camera.credentials
    return Credentials.parse(
        address=BEFORE, port=found.port, uid=found.uid, enr=found.enr, mac=found.mac, model=found.model
    )


class Turns:
    """Counts the turns that were taken at the gate."""

    def __init__(self) -> None:
        self.taken = 0

    async def __call__(self) -> None:
        self.taken += 1


def finder(turns: Turns | None = None) -> Finder:
    """Return a finder by the real clock."""
    clock = SystemClock()
    return Finder(clock, turns or Turns(), Prover(clock=clock))


@asynccontextmanager
async def cameras(*specs: CameraSpec) -> AsyncIterator[list[Camera]]:
    """Run cameras that all have the port of the first."""
    async with Simulator(specs[:1]) as first:
        port = first.cameras[specs[0].name].credentials.port
        async with Simulator([replace(one, port=port) for one in specs[1:]]) as others:
            yield [*first.cameras.values(), *others.cameras.values()]


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("hints", [(), (AFTER,)])
async def test_it_is_found_where_it_went(framing: Framing, hints: Iterable[str]) -> None:
    """By a hint, or among the neighbours of its last address; one handshake is all that it costs."""
    turns = Turns()
    async with cameras(spec("porch", AFTER, framing=framing)) as (camera,):
        assert await finder(turns).find(moved(camera), NETWORKS, hints=hints) == AFTER
        assert camera.counters.handshakes == turns.taken == 1
        assert not camera.sessions


async def test_who_answers_without_the_key_is_not_taken_for_it() -> None:
    """Though they answer first: one that refuses the handshake, and one that stays silent in it."""
    liar, mute, known = spec("liar", "127.9.9.41"), spec("mute", "127.9.9.39"), spec("known", BEFORE)
    async with cameras(spec("porch", AFTER), liar, mute, known) as (camera, first, second, third):
        second.speak_no_dtls()
        began = time.monotonic()
        assert await finder().find(moved(camera), NETWORKS, hints=["127.9.9.39", "127.9.9.41"]) == AFTER
        print(f"found after {time.monotonic() - began:.1f} s")
        assert time.monotonic() - began < 4
        assert first.counters.failed_handshakes == 1
        assert first.counters.handshakes == second.counters.handshakes == 0
        # Whoever is at the last address was asked already, by everybody who dials it.
        assert third.counters.discoveries == third.counters.dials == 0


async def test_many_who_answer_cost_a_bounded_number_of_proofs() -> None:
    turns = Turns()
    crowd = [spec(f"liar {number}", f"127.9.9.{number}") for number in range(60, 90)]
    async with cameras(*crowd) as (camera, *_):
        # A key that none of them has.
        wanted = replace(moved(camera), enr=Secret("0123456789abcdef"))
        with pytest.raises(LanError) as caught:
            await finder(turns).find(wanted, NETWORKS)
    assert caught.value.reason == "no_answer"
    assert turns.taken == MAX_CANDIDATES


async def test_the_camera_networks_are_the_limit_of_every_search() -> None:
    """It is there and would prove itself; a hint, and an answer from there, change nothing."""
    async with cameras(spec("porch", AFTER)) as (camera,):
        with pytest.raises(LanError):
            await finder().find(moved(camera), CameraNetworks.parse(["127.9.9.32/29"]), hints=[AFTER])
        assert camera.counters.discoveries == 0


async def test_it_stops_at_once_when_told() -> None:
    """It has not come far by then, and comes no further."""
    clock = FakeClock()
    async with cameras(spec("porch", "127.9.9.250")) as (camera,):
        wanted = moved(camera)
        search = asyncio.create_task(Finder(clock, Turns(), Prover()).find(wanted, NETWORKS))
        await clock.advance(1)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
        await clock.advance(60)
        assert camera.counters.discoveries == 0
        # One that nobody stops comes there.
        assert await finder().find(wanted, NETWORKS) == "127.9.9.250"


async def test_neighbours_are_asked_once_in_ten_minutes() -> None:
    """By whichever search for the same camera; suggestions may be tried at any time."""
    clock = FakeClock()
    searches = Finder(clock, Turns(), Prover())
    async with cameras(spec("porch", AFTER)) as (camera,):
        wanted = replace(moved(camera), enr=Secret("0123456789abcdef"))

        async def is_asked(*hints: str) -> bool:
            """Tell whether a search comes to the camera, which answers and has another key."""
            before = camera.counters.discoveries
            search = asyncio.create_task(searches.find(wanted, NETWORKS, hints=hints))
            while not search.done():
                await clock.advance(0.01)
            with pytest.raises(LanError):
                search.result()
            return camera.counters.discoveries > before

        assert await is_asked()
        assert not await is_asked()
        assert await is_asked(AFTER)
        await clock.advance(SWEEP_EVERY)
        assert await is_asked()


class Stuck(Prover):
    """Never comes to an end."""

    async def prove(self, credentials: Credentials, networks: CameraNetworks) -> Proof:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_proof_that_hangs_ends_with_the_search() -> None:
    clock = SystemClock()
    async with cameras(spec("porch", AFTER)) as (camera,):
        search = asyncio.create_task(
            Finder(clock, Turns(), Stuck()).find(moved(camera), NETWORKS, hints=[AFTER])
        )
        async with asyncio.timeout(5):
            while not camera.counters.discoveries:
                await asyncio.sleep(0.01)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "candidate"]
