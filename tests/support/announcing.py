"""Something that is announced through a played camera, as fast as the test lets time pass."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from engine.model import EngineError
from engine.relay.speech import PIECE, Speech
from tests.support.relay import Rig, arrived
from tests.support.streaming import family, is_alive, until

FFMPEG = shutil.which("ffmpeg") or ""
RATE = 8000
STEP = PIECE / RATE
"""Seconds of a piece."""


def coders() -> set[int]:
    """Return the living ffmpegs of this process."""
    found = family(os.getpid()) - {os.getpid()}
    return {pid for pid in found if is_alive(pid) and "ffmpeg" in command(pid)}


def command(pid: int) -> str:
    """Return how a process was started; nothing when there is none any more."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


class Announcement:
    """Something that is said from now on."""

    def __init__(self, rig: Rig, file: bytes, ffmpeg: str = FFMPEG) -> None:
        self.rig = rig
        self._before = len(rig.camera.heard)
        self.speech = Speech(ffmpeg, rig.clock)
        self.task = asyncio.create_task(rig.channel.speak(self.speech))
        self.feeding = asyncio.create_task(self._feed(file))

    async def _feed(self, file: bytes) -> None:
        for start in range(0, len(file), 4096):
            await self.speech.feed(file[start : start + 4096])
        await self.speech.feed(b"")

    async def begins(self) -> None:
        """Wait until it is heard; ffmpeg takes its own time."""
        async with asyncio.timeout(10):
            while len(self.rig.camera.heard) == self._before:
                await self.rig.advance(0)

    async def coded(self) -> None:
        """Wait until ffmpeg has made all of it, and ended: from then on the clock alone counts."""
        await until(lambda: not coders())
        await arrived()

    async def ends(self) -> float:
        """Let time pass until it is over; returns how much."""
        began = self.rig.clock.monotonic()
        async with asyncio.timeout(20):
            # ffmpeg starts by real time, in which that of the test would pass much faster.
            while len(self.rig.camera.heard) == self._before and not self.task.done():
                await self.rig.advance(0)
            while not self.task.done():
                await self.rig.advance(STEP / 2)
        self.feeding.cancel()
        return self.rig.clock.monotonic() - began

    async def fails(self) -> str:
        """Return the reason why it was not said, all of it."""
        with pytest.raises(EngineError) as caught:
            async with asyncio.timeout(10):
                await self.task
        self.feeding.cancel()
        return caught.value.reason

    async def stop(self) -> None:
        """Give up."""
        self.feeding.cancel()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
