"""What lives in the relay's process, in this one: when it dials, when it lets readers in."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.child import Answer, Pipe, Ready, Stop
from engine.model import Credentials, Secret, SystemClock
from engine.model.networks import MAX_NETWORKS
from engine.relay.asking import listen_on_loopback
from engine.relay.checking import check
from engine.relay.child import Child
from engine.relay.formats import Formats
from engine.relay.gate import PASSES, Gate
from engine.relay.messages import (
    FROM_PARENT,
    FROM_RELAY,
    Check,
    Prove,
    Serve,
    SetCamera,
    SetNetworks,
    State,
    Turn,
)
from engine.relay.states import Phase
from tests.support.clock import FakeClock
from tests.support.relay import arrived
from tests.support.streaming import allow_loopback

KEY, TOKEN = "ab" * 16, Secret("0123456789abcdef" * 2)
LOOPBACK = ("127.0.0.0/8",)


class Deaf:
    """A socket in a camera's place, that hears and never answers."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", 0))
        self.callers: set[int] = set()
        """The ports that somebody called from."""

    def listen(self) -> set[int]:
        while True:
            try:
                self.callers.add(self.socket.recvfrom(4096)[1][1])
            except BlockingIOError:
                return self.callers

    def credentials(self) -> Credentials:
        port = self.socket.getsockname()[1]
        return Credentials.parse(
            address="127.0.0.1",
            port=port,
            uid="ABCDEFGHIJKLMNOPQRST",
            enr="0123456789abcdef",
            mac="AABBCCDDEEFF",
        )


class Rig:
    """A child with a pipe to the test."""

    def __init__(self, pipe: Pipe, listener: socket.socket, deaf: Deaf) -> None:
        self.pipe, self.listener, self.deaf = pipe, listener, deaf
        self.heard: list[Any] = []

    async def hear(self) -> None:
        while (message := await self.pipe.receive()) is not None:
            self.heard.append(message)

    def camera(self, *, wanted: bool) -> SetCamera:
        return SetCamera(KEY, TOKEN, self.deaf.credentials(), wanted, True, "", Formats(), wanted, "")


@asynccontextmanager
async def child(clock: Any = None) -> AsyncIterator[Rig]:
    allow_loopback()
    ours, theirs = socket.socketpair()
    pipe, other = await Pipe.over(ours, FROM_RELAY), await Pipe.over(theirs, FROM_PARENT)
    with listen_on_loopback(0) as listener:
        rig = Rig(pipe, listener, Deaf())
        serving = asyncio.create_task(Child(other, clock or SystemClock(), random.Random(1)).serve(listener))
        hearing = asyncio.create_task(rig.hear())
        try:
            await until(lambda: Ready() in rig.heard)
            yield rig
        finally:
            pipe.send(Stop())
            async with asyncio.timeout(20):
                await serving
            other.close()
            await hearing
            pipe.close()
            rig.deaf.socket.close()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


async def test_no_camera_is_dialled_before_it_was_said_where_cameras_may_be() -> None:
    async with child() as rig:
        rig.pipe.send(rig.camera(wanted=True))
        await until(
            lambda: any(
                isinstance(said, State)
                and said.state.phase is Phase.REFUSED
                and said.state.reason == "outside"
                for said in rig.heard
            )
        )
        await arrived()
        assert rig.deaf.listen() == set()
        rig.pipe.send(SetNetworks(LOOPBACK))
        await until(rig.deaf.listen)


async def test_several_entries_may_each_name_all_the_networks_that_one_may() -> None:
    """The relay gets them together, and ends for none of them."""
    many = tuple(f"10.{number}.{number}.0/24" for number in range(3 * MAX_NETWORKS))
    async with child() as rig:
        rig.pipe.send(SetNetworks((*many, *LOOPBACK)))
        rig.pipe.send(rig.camera(wanted=True))
        await until(rig.deaf.listen)


async def test_no_reader_is_let_in_before_everything_is_there() -> None:
    """Sooner, it would hear of no such camera, and go for good."""
    async with child() as rig:
        reader, writer = await asyncio.open_connection(*rig.listener.getsockname()[:2])
        writer.write(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        answer = asyncio.ensure_future(reader.readline())
        rig.pipe.send(SetNetworks(LOOPBACK))
        rig.pipe.send(rig.camera(wanted=False))
        await until(lambda: any(isinstance(said, State) for said in rig.heard))
        await arrived()
        assert not answer.done()
        rig.pipe.send(Serve())
        async with asyncio.timeout(20):
            assert await answer == b"RTSP/1.0 200 OK\r\n"
        writer.close()


async def test_proofs_pass_the_gate_too() -> None:
    async with child(FakeClock()) as rig:
        for number in range(PASSES + 4):
            rig.pipe.send(Prove(number, rig.deaf.credentials(), LOOPBACK, look=False, greet=False))
        await until(lambda: len(rig.deaf.listen()) >= PASSES)
        await arrived()
        assert len(rig.deaf.listen()) == PASSES


async def test_checks_pass_the_gate_too() -> None:
    class Shut(Exception):
        """The gate lets nobody through."""

    async def enter(*, urgent: bool) -> None:
        raise Shut

    allow_loopback()
    deaf, gate, channels = Deaf(), SimpleNamespace(enter=enter), SimpleNamespace(by_key={})
    message = Check(1, KEY, deaf.credentials(), LOOPBACK, 1)
    checking: Any = check(
        message, clock=SystemClock(), gate=cast("Gate", gate), channels=cast("Any", channels)
    )
    with closing(deaf.socket):
        with pytest.raises(Shut):
            await asyncio.wait_for(checking, 5)
        assert deaf.listen() == set()


async def test_what_go2rtc_is_made_to_dial_takes_turns_with_the_relay() -> None:
    """Both together pass the one gate: whoever came first has the places, the next one waits."""
    async with child(FakeClock()) as rig:
        for number in range(PASSES):
            rig.pipe.send(Turn(number, ""))
        await until(lambda: sum(isinstance(said, Answer) for said in rig.heard) == PASSES)
        rig.pipe.send(Prove(PASSES, rig.deaf.credentials(), LOOPBACK, look=False, greet=False))
        rig.pipe.send(Turn(PASSES + 1, ""))
        await arrived()
        assert rig.deaf.listen() == set()
        assert sum(isinstance(said, Answer) for said in rig.heard) == PASSES
