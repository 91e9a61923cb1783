"""A camera is found where it went, whoever else answers; the search ends, and has its limits."""

import asyncio
import socket
import time
import tracemalloc
from collections.abc import Iterable

import pytest

from dev.simulator import Framing
from engine.lan import LanError, Proof, Prover, Reason
from engine.lan.finder import SEARCH_WITHIN
from engine.lan.framing_cc51 import FramerCC51
from engine.lan.hearing import AT_ONCE, URGENT, Hearing
from engine.lan.keys import Keys
from engine.model import CameraNetworks, Clock, Credentials

from ...support.clock import FakeClock, settle
from .finding import AFTER, BEFORE, NETWORKS, Turns, cameras, finder, moved, spec


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


async def test_it_is_found_behind_however_many_who_answer_first() -> None:
    """Newer cameras answer anybody's search; most of the proofs wait among all other dials."""
    turns = Turns()
    crowd = [spec(f"other {number}", f"127.9.9.{number}") for number in range(41, 91)]
    async with cameras(spec("porch", "127.9.9.95"), *crowd) as (camera, *_):
        assert await finder(turns).find(moved(camera), NETWORKS) == "127.9.9.95"
    assert turns.taken > 4 * AT_ONCE
    assert turns.urgent == URGENT


async def test_who_is_known_to_be_somebody_else_is_left_in_peace() -> None:
    """Neither asked nor tried, though they were suggested."""
    crowd = [spec(f"other {number}", f"127.9.9.{number}") for number in range(41, 51)]
    taken = [one.host for one in crowd]
    async with cameras(spec("porch", AFTER), *crowd) as (camera, *others):
        assert await finder().find(moved(camera), NETWORKS, hints=taken, taken=taken) == AFTER
        assert not any(one.counters.discoveries or one.counters.dials for one in others)


class Refused(Prover):
    """Takes its time to say that somebody is not the camera."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock=clock)
        self.clock = clock
        self.tried: list[str] = []
        self.now = self.most = 0

    async def prove(self, credentials: Credentials, networks: CameraNetworks) -> Proof:
        """Refuse after five seconds."""
        self.tried.append(credentials.address.reveal())
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.clock.sleep(5)
        finally:
            self.now -= 1
        raise LanError(Reason.NO_ANSWER, "nobody")


async def test_a_flood_of_forged_answers_costs_a_bounded_time() -> None:
    """One who hears the search answers it under thousands of addresses."""
    clock, turns = FakeClock(), Turns()
    prover, suggested = Refused(clock), "127.9.9.200"
    everywhere = CameraNetworks.parse(["127.9.0.0/16"])
    async with cameras(spec("porch", suggested)) as (camera,):
        wanted = moved(camera)
        answer = FramerCC51(Keys(wanted)).search()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as liar:
            liar.bind(("127.9.9.41", wanted.port))
            liar.settimeout(5)
            began = clock.monotonic()
            search = asyncio.create_task(
                finder(turns, clock, prover).find(wanted, everywhere, hints=["127.9.9.41", suggested])
            )
            await clock.advance(0.01)
            _, searcher = liar.recvfrom(2048)
            for number in range(3000):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forged:
                    forged.bind((f"127.9.{number // 250}.{number % 250 + 1}", 0))
                    forged.sendto(answer, searcher)
                await asyncio.sleep(0)
        while not search.done():
            await clock.advance(0.1)
        with pytest.raises(LanError) as caught:
            search.result()
    assert caught.value.reason == "no_answer"
    assert clock.monotonic() - began <= SEARCH_WITHIN + 1
    assert prover.most == AT_ONCE
    assert suggested in prover.tried[: 2 * AT_ONCE]
    assert AT_ONCE * 10 < len(prover.tried) <= AT_ONCE * (SEARCH_WITHIN / 5 + 1)
    assert len(set(prover.tried)) == len(prover.tried)


async def test_the_camera_networks_are_the_limit_of_every_search() -> None:
    """It is there and would prove itself; a hint, and an answer from there, change nothing."""
    async with cameras(spec("porch", AFTER)) as (camera,):
        with pytest.raises(LanError):
            await finder().find(moved(camera), CameraNetworks.parse(["127.9.9.32/29"]), hints=[AFTER])
        assert camera.counters.discoveries == 0


async def test_it_stops_at_once_when_told() -> None:
    """It has not come far by then, and comes no further."""
    clock = FakeClock()
    async with cameras(spec("porch", "127.9.9.90")) as (camera,):
        wanted = moved(camera)
        search = asyncio.create_task(finder(clock=clock).find(wanted, NETWORKS))
        await clock.advance(0.5)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
        await clock.advance(60)
        assert camera.counters.discoveries == 0
        # One that nobody stops comes there.
        assert await finder().find(wanted, NETWORKS) == "127.9.9.90"


class Stuck(Prover):
    """Never comes to an end."""

    async def prove(self, credentials: Credentials, networks: CameraNetworks) -> Proof:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_proof_that_hangs_ends_with_the_search() -> None:
    async with cameras(spec("porch", AFTER)) as (camera,):
        search = asyncio.create_task(finder(prover=Stuck()).find(moved(camera), NETWORKS, hints=[AFTER]))
        async with asyncio.timeout(5):
            while not camera.counters.discoveries:
                await asyncio.sleep(0.01)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "candidate"]


async def test_who_was_suggested_is_heard_before_all_who_wait() -> None:
    """However late it answers."""
    tried: list[str] = []
    places = asyncio.Semaphore(0)

    async def prove(address: str, _urgent: bool) -> bool:
        tried.append(address)
        await places.acquire()
        return False

    hearing = Hearing(prove, {"10.0.9.9"}, 1)
    for number in range(200):
        hearing.note(f"10.0.1.{number}")
    hearing.note("10.0.9.9")
    for _ in range(2):
        places.release()
        await settle()
    await hearing.close()
    assert tried.index("10.0.9.9") == AT_ONCE


async def test_however_many_answer_few_are_remembered() -> None:
    """What is remembered of those who wait would otherwise grow for as long as somebody forges answers."""

    async def prove(_address: str, _urgent: bool) -> bool:
        await asyncio.Event().wait()
        return False

    hearing = Hearing(prove, (), 1)
    tracemalloc.start()
    try:
        for number in range(20_000):
            hearing.note(f"10.0.{number // 250}.{number % 250}")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        await hearing.close()
    assert kept < 200_000
