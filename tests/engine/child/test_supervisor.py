"""A process is started again whatever goes wrong with it, and never twice."""

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.child import ChildPhase, ChildProcess, ChildState, Supervisor
from engine.model import SystemClock
from engine.watch.board import Board
from engine.watch.messages import WATCH, GetStill
from tests.support.streaming import allow_loopback, until


def running() -> set[int]:
    """Return the processes of the kind that were started here."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        for pid in task.joinpath("children").read_text().split():
            if b"\0watch\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(int(pid))
    return found


class Rig:
    """A supervised process, and mistakes in what it is used by."""

    def __init__(self) -> None:
        self.states: list[ChildState] = []
        self.faults = 0
        """How often what fills a new process still fails."""
        self.mistakes = 0
        """How often what hears a process still fails."""
        self.excused = False
        """Whether an end is somebody's doing who will not be there the next time."""
        self.heard: list[Any] = []
        self.board = Board()
        self.supervisor = Supervisor(
            WATCH,
            clock=SystemClock(),
            rng=random.Random(1),
            hear=self.hear,
            restore=self.restore,
            ended=lambda: None,
            on_state=self.states.append,
            excuse=lambda: self.excused,
        )

    async def start(self) -> None:
        await self.supervisor.start(self.board.fileno())

    def restore(self, _process: ChildProcess) -> None:
        if self.faults:
            self.faults -= 1
            raise LookupError

    def hear(self, message: Any) -> None:
        if self.mistakes:
            self.mistakes -= 1
            raise LookupError
        self.heard.append(message)


@asynccontextmanager
async def supervised() -> AsyncIterator[Rig]:
    allow_loopback()
    rig = Rig()
    try:
        yield rig
    finally:
        await rig.supervisor.stop()
        rig.board.close()
        assert not running()


async def test_a_process_that_cannot_be_given_what_it_needs_is_not_left_behind() -> None:
    async with supervised() as rig:
        rig.faults = 1
        with pytest.raises(LookupError):
            await rig.start()
        assert not running()
        assert rig.supervisor.process is None
        assert rig.supervisor.state.phase is ChildPhase.STOPPED
        await rig.start()
        assert rig.supervisor.process is not None
        assert running() == {rig.supervisor.process.pid}
        rig.faults = 1
        rig.supervisor.process.kill()
        await until(lambda: rig.supervisor.state == ChildState(ChildPhase.READY, "", 2), 30)
        assert running() == {rig.supervisor.process.pid}


async def test_a_process_that_says_what_nobody_can_take_is_replaced() -> None:
    async with supervised() as rig:
        await rig.start()
        process = rig.supervisor.process
        assert process is not None
        rig.mistakes = 1
        ask_still(process)
        await until(lambda: ChildState(ChildPhase.READY, "", 1) in rig.states, 30)
        assert rig.supervisor.process is not process
        assert any(state.reason == "protocol" for state in rig.states)


async def test_an_end_that_is_excused_costs_no_patience() -> None:
    """The next one comes at once, every time; the first that has no excuse still counts as the first."""
    async with supervised() as rig:
        await rig.start()
        rig.excused = True
        started = time.monotonic()
        for number in range(1, 7):
            assert rig.supervisor.process is not None
            rig.supervisor.process.kill()
            back = ChildState(ChildPhase.READY, "", number)
            await until(lambda back=back: rig.supervisor.state == back)  # type: ignore[misc]
        took = time.monotonic() - started
        print(f"six restarts took {took:.1f} s")
        assert took < 1 + 2 + 4 + 8 + 16, "no pause but what a start takes"
        assert ChildPhase.FAILED not in {state.phase for state in rig.states}


def ask_still(process: ChildProcess) -> None:
    """Have it say something: there is no such camera."""
    process.pipe.send(GetStill(1, "ab" * 16))
