"""Whoever looks comes first, also at a camera that has one session only and is just asked how it stands.

Whether go2rtc brings the picture, beside which we ask on a session of our own, or the relay itself.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from dev.simulator import Ability, CameraSpec, Simulator, Stubborn
from engine.catalog import ModelControls
from engine.control import CameraControl, ControlError, Survey
from engine.lan import LanSession
from engine.model import CameraNetworks, EngineError
from engine.relay.calling import ROOM
from engine.relay.calls import PATIENCE
from tests.support.clock import settle
from tests.support.relay import relay_of
from tests.support.rtsp import Viewer, next_packets

from .calls_rig import KEY, NETWORKS, Rig, calls, until


@dataclass
class Sender:
    """What a round speaks through."""

    rig: Rig

    async def command(self, code: int, payload: bytes, timeout: float) -> bytes:
        """Say it; raises EngineError."""
        called = await self.rig.say(code, payload, within=timeout)
        if called.reason:
            raise EngineError(reason=called.reason)
        return called.payload


@asynccontextmanager
async def a_round(rig: Rig) -> AsyncIterator[asyncio.Task[Survey]]:
    """Have everything asked that there is, and wait until the camera is in the middle of it."""
    control = CameraControl(Sender(rig), rig.clock, ModelControls())
    before = rig.camera.counters.commands
    asking = asyncio.create_task(control.ask(control.conceivable))
    try:
        await until(lambda: rig.camera.counters.commands > before + 3)
        yield asking
    finally:
        asking.cancel()


async def make_room(rig: Rig) -> None:
    """Say that go2rtc is about to dial."""
    async with asyncio.timeout(5):
        await rig.calls.make_room(KEY)


@asynccontextmanager
async def a_look(rig: Rig) -> AsyncIterator[LanSession]:
    """Open a session as go2rtc does, by itself; raises LanError."""
    async with asyncio.timeout(5):
        session = await LanSession.open(
            rig.credentials,
            clock=rig.clock,
            on_frame=lambda _: None,
            on_end=lambda _: None,
            networks=CameraNetworks.parse(NETWORKS),
        )
    try:
        yield session
    finally:
        await session.close()


async def test_a_round_makes_room_for_who_looks() -> None:
    """At the first try; what is left of the round is asked another time."""
    async with calls(session_limit=1) as rig:
        rig.camera.slow(0.05)
        async with a_round(rig) as asking:
            await make_room(rig)
            async with a_look(rig) as viewer:
                assert rig.camera.counters.refused == 0
                await rig.pass_time(ROOM)
                with pytest.raises(ControlError) as raised:
                    await asking
                assert raised.value.cause in {"busy", "refused"}
                assert len(rig.camera.sessions) == 1
                assert viewer.ended is None


async def test_a_round_goes_on_where_there_is_room_for_both() -> None:
    async with calls(model="HL_PANP", abilities=frozenset(Ability)) as rig:
        rig.camera.slow(0.05)
        async with a_round(rig) as asking:
            await make_room(rig)
            async with a_look(rig):
                assert not asking.done()
                await rig.pass_time(ROOM)
                survey = await asking
                assert survey.complete
                assert survey.values


async def test_who_looks_at_another_camera_holds_up_nothing_said_to_this_one() -> None:
    """Nor is its session left; where nobody knows which camera is dialled, each gives way."""
    async with calls() as rig:
        await rig.say()
        began = rig.clock.monotonic()
        await rig.calls.make_room("cd" * 16)
        assert not (await rig.say()).reason
        assert (rig.dials, rig.clock.monotonic()) == (1, began)
        await rig.calls.make_room("")
        await rig.left()
        saying = asyncio.create_task(rig.say())
        await settle()
        assert rig.dials == 1
        await rig.pass_time(ROOM)
        assert not (await saying).reason
        assert rig.dials == 2


async def test_who_looks_does_not_wait_for_an_answer_that_never_comes() -> None:
    """A command that the camera does not know costs seconds, and they are not those of who looks."""
    async with calls() as rig:
        await rig.say()
        rig.camera.disobey(Stubborn.SILENT)
        saying = asyncio.create_task(rig.say(within=4.0))
        commands = rig.camera.counters.commands
        await until(lambda: rig.camera.counters.commands > commands)
        making = asyncio.create_task(rig.calls.make_room(KEY))
        await rig.pass_time(PATIENCE)
        async with asyncio.timeout(5):
            await making
        assert not saying.done()
        assert (await saying).reason == "timeout"
        await rig.left()


async def test_what_the_relay_holds_is_asked_on_the_session_that_brings_the_picture() -> None:
    spec = CameraSpec("porch", session_limit=1)
    async with Simulator([spec]) as simulator, relay_of(simulator, {"porch": KEY}) as relay:
        camera = simulator.cameras["porch"]
        camera.slow(0.05)

        async def ask() -> None:
            while True:
                await relay.command(KEY, 10040)

        asking = asyncio.create_task(ask())
        await until(lambda: camera.counters.commands > 3)
        async with asyncio.timeout(10), Viewer(relay.url(KEY).reveal()) as viewer:
            await viewer.play()
            assert len(await next_packets(viewer, 5)) == 5
        assert not asking.done()
        asking.cancel()
        assert (camera.counters.dials, camera.counters.refused) == (1, 0)
