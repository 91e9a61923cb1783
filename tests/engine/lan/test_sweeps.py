"""Neighbours are asked seldom, yet whoever was kept from an answer soon gets to ask them again."""

import asyncio
from dataclasses import replace

import pytest

from dev.simulator import Camera
from engine.lan import Finder, LanError
from engine.lan.finder import SWEEP_AGAIN, SWEEP_EVERY
from engine.model import Secret

from ...support.clock import FakeClock
from .finding import AFTER, NETWORKS, cameras, finder, moved, spec

NOBODY = "127.9.9.200"


async def result(searches: Finder, clock: FakeClock, camera: Camera) -> str:
    """Search to the end; raises LanError."""
    search = asyncio.create_task(searches.find(moved(camera), NETWORKS))
    while not search.done():
        await clock.advance(0.01)
    return search.result()


async def break_off(searches: Finder, clock: FakeClock, camera: Camera) -> None:
    """Search, and break it off in the middle of the sweep."""
    search = asyncio.create_task(searches.find(moved(camera), NETWORKS))
    while not camera.counters.discoveries:
        await clock.advance(0.01)
    search.cancel()
    await asyncio.gather(search, return_exceptions=True)


async def test_neighbours_are_asked_once_in_ten_minutes() -> None:
    """By whichever search for the same camera; suggestions may be tried at any time."""
    clock = FakeClock()
    searches = finder(clock=clock)
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


async def test_a_search_that_is_broken_off_has_asked_nobody() -> None:
    """Say by a reload just then: the next one finds the camera, and not only ten minutes later."""
    clock = FakeClock()
    searches = finder(clock=clock)
    async with cameras(spec("porch", AFTER)) as (camera,):
        await break_off(searches, clock, camera)
        await clock.advance(SWEEP_AGAIN)
        assert await result(searches, clock, camera) == AFTER


async def test_a_sweep_that_is_broken_off_is_not_begun_again_at_once() -> None:
    """Whoever reloads again and again would have the whole network asked each time."""
    clock = FakeClock()
    searches = finder(clock=clock)
    async with cameras(spec("porch", AFTER)) as (camera,):
        await break_off(searches, clock, camera)
        before = camera.counters.discoveries
        with pytest.raises(LanError):
            await result(searches, clock, camera)
        assert camera.counters.discoveries == before


async def test_a_search_that_ends_before_it_comes_to_the_sweep_keeps_no_other_from_it() -> None:
    """It was still asking whoever was suggested: the neighbours have heard nothing of it."""
    clock = FakeClock()
    searches = finder(clock=clock)
    async with cameras(spec("porch", AFTER)) as (camera,):
        search = asyncio.create_task(searches.find(moved(camera), NETWORKS, hints=[NOBODY]))
        await clock.advance(0.1)
        search.cancel()
        await asyncio.gather(search, return_exceptions=True)
        assert camera.counters.discoveries == 0
        assert await result(searches, clock, camera) == AFTER


async def test_a_camera_that_was_found_may_move_again() -> None:
    """That is another search, and the neighbours are asked in it at once."""
    clock = FakeClock()
    searches = finder(clock=clock)
    async with cameras(spec("porch", AFTER)) as (camera,):
        for _ in range(2):
            assert await result(searches, clock, camera) == AFTER
