"""Calls to a simulated camera, by a clock that the test moves: the camera itself goes by real time."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dev.simulator import Camera, CameraSpec, Simulator
from engine.child import unpack
from engine.model import parse_wyze_link
from engine.relay.calls import Calls
from engine.relay.gate import Gate
from engine.relay.messages import Call
from engine.relay.states import Called
from tests.support.clock import FakeClock
from tests.support.relay import arrived

KEY = "ab" * 16
NETWORKS = ("127.9.8.0/24",)
ASK, TELL = 10040, 10042
ON, AUTO = b"\x01", b"\x03"
HOST = "127.9.8.40"


@dataclass
class Rig:
    """Calls to one simulated camera."""

    camera: Camera
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.gate = Gate(self.clock)
        self.calls = Calls(self.clock, self.gate, random.Random(1))
        self.credentials = parse_wyze_link(self.camera.link)

    @property
    def dials(self) -> int:
        return self.camera.counters.dials

    async def say(self, code: int = ASK, payload: bytes = b"", **other: Any) -> Called:
        """Send a command, within real seconds."""
        values = {"key": KEY, "credentials": self.credentials, "networks": NETWORKS, "within": 5.0, **other}
        async with asyncio.timeout(20):
            answer = await self.calls.call(Call(id=1, code=code, payload=payload, **values))
        called: Called = unpack(json.loads(answer), Called)
        return called

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and the camera hear what was sent at its end."""
        await self.clock.advance(seconds)
        await arrived()

    async def heard(self) -> None:
        """Wait until the camera was heard at this moment of the clock: its pictures come by real time."""
        (line,) = self.calls._lines.values()
        session = await line._opened
        assert session is not None
        await until(lambda: session.heard_at == self.clock.monotonic())

    async def left(self) -> None:
        """Wait until the camera is left."""
        await until(lambda: not self.camera.sessions)


async def until(true: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def calls(**spec: Any) -> AsyncIterator[Rig]:
    async with Simulator([CameraSpec("porch", host=HOST, **spec)]) as simulator:
        rig = Rig(simulator.cameras["porch"])
        try:
            yield rig
        finally:
            await rig.calls.close()
            await rig.gate.close()
            await rig.left()
