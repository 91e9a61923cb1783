"""Stills of one camera are made one at a time, and whoever gives up leaves the thread its mark."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from engine.model import EngineError
from engine.watch.board import SLOTS, Mark
from engine.watch.stills import Stills

SLOT, BROKEN = 3, b"broken"


class Encoder:
    """Takes as long as the test wants."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.names: list[str] = []

    def __call__(self, frame: Any) -> bytes:
        """Wait, then give what the frame is."""
        self.names.append(threading.current_thread().name)
        assert self.go_on.wait(10)
        if frame == BROKEN:
            raise ValueError
        return bytes(frame)


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def test_however_many_ask_one_is_made_under_the_cameras_mark() -> None:
    memory, encoder = bytearray(2 * SLOTS), Encoder()
    stills = Stills(Mark(memory, SLOT), encoder)
    first = asyncio.create_task(stills.get(b"one", 1.0))  # type: ignore[arg-type]
    await until(lambda: encoder.names)
    second = asyncio.create_task(stills.get(b"two", 2.0))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    assert memory[SLOTS + SLOT], "the thread goes on, though who asked first has given up"
    encoder.go_on.set()
    assert (await second).jpeg == b"one"
    assert encoder.names == [f"camera {SLOT}"]
    assert not any(memory)
    assert "camera" not in str([thread.name for thread in threading.enumerate()])
    assert (await stills.get(b"two", 2.0)).jpeg == b"two"  # type: ignore[arg-type]
    assert (await stills.get(b"two", 2.0)).taken_at == 2.0  # type: ignore[arg-type]
    assert len(encoder.names) == 2, "one that is there already is not made again"


async def test_one_that_cannot_be_made_is_no_picture_and_no_end() -> None:
    memory, encoder = bytearray(2 * SLOTS), Encoder()
    encoder.go_on.set()
    stills = Stills(Mark(memory, SLOT), encoder)
    with pytest.raises(EngineError) as caught:
        await stills.get(BROKEN, 1.0)  # type: ignore[arg-type]
    assert caught.value.reason == "no_picture"
    assert not any(memory)
    assert (await stills.get(b"two", 2.0)).jpeg == b"two"  # type: ignore[arg-type]
