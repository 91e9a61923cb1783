"""Looks through very many clips on a slow drive: patience with what comes further, none with what hangs."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from custom_components.wyze_local.clip_threads import ClipThreads
from custom_components.wyze_local.engine.library import Library
from custom_components.wyze_local.engine.model import ClipName

KEY = "0a1b2c" + "0" * 26


@pytest.fixture
async def threads() -> AsyncIterator[ClipThreads]:
    """Have threads for a folder."""
    made = ClipThreads()
    yield made
    await asyncio.to_thread(made.shut_down)


async def test_a_look_that_comes_further_is_waited_for(threads: ClipThreads) -> None:
    """However long it takes altogether; one that comes to nothing any more is not."""
    steps, hangs, through = 0, threading.Event(), threading.Event()

    def progress() -> int:
        # It comes further whenever somebody asks, however rarely its own thread gets to run.
        nonlocal steps
        steps += 1
        if steps == 8:
            through.set()
        return steps

    try:
        assert await threads.async_look(through.wait, progress, 0.1)
        with pytest.raises(TimeoutError):
            await threads.async_look(hangs.wait, lambda: 0, 0.2)
    finally:
        through.set()
        hangs.set()


async def test_a_look_says_how_far_it_is(tmp_path: Path) -> None:
    """By the days of all cameras that it has been through."""
    library = Library(tmp_path)
    folder = library.camera_folder(KEY, "Porch")
    for at in (0.0, 86_400.0, 172_800.0):
        (folder / ClipName.new(1_790_000_000.0 + at).day).mkdir()
    assert library.scan() == 0
    assert library.leftovers.days == 3
