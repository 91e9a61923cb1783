"""What ends unasked comes back: at once, then ever more patiently; and nothing outlives its owner."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from engine.stream import ServerPhase, ServerState, StartFailed, StreamServerError, Version
from engine.stream.supervisor import Supervisor
from tests.support.clock import FakeClock, settle


class Child:
    """Something to keep running, that ends when the test says so."""

    version = Version(1, 9, 14)

    def __init__(self, rtsp_port: int) -> None:
        self.rtsp_port = rtsp_port
        self.end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.stopped = False
        self.filled = False

    async def ended(self) -> str:
        return await self.end

    async def stop(self) -> None:
        await asyncio.sleep(0)
        self.stopped = True


@dataclass
class Rig:
    clock: FakeClock = field(default_factory=FakeClock)
    children: list[Child] = field(default_factory=list)
    states: list[ServerState] = field(default_factory=list)
    fail: StreamServerError | Exception | None = None
    fail_restore: StreamServerError | None = None
    tries: list[float] = field(default_factory=list)
    ports: list[int | None] = field(default_factory=list)
    hang: bool = False

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(
            self.launch,
            self.restore,
            clock=self.clock,
            rng=random.Random(1),
            on_state=self.states.append,
            last_lines=lambda count: ("last line",) * min(count, 1),
        )

    async def launch(self, rtsp_port: int | None) -> Child:
        self.tries.append(self.clock.monotonic())
        self.ports.append(rtsp_port)
        await asyncio.sleep(0)
        if self.hang:
            await asyncio.Event().wait()
        if self.fail is not None:
            raise self.fail
        self.children.append(Child(rtsp_port or 50_000))
        return self.children[-1]

    async def restore(self, child: Child) -> None:
        assert self.supervisor.child is None, "nobody may see it before it is filled"
        await asyncio.sleep(0)
        if self.fail_restore is not None:
            raise self.fail_restore
        child.filled = True

    async def crash(self, reason: str = "exited") -> None:
        self.children[-1].end.set_result(reason)
        await settle()

    @property
    def phases(self) -> list[ServerPhase]:
        return [state.phase for state in self.states]


@pytest.fixture
async def rig() -> Rig:
    made = Rig()
    await made.supervisor.start()
    return made


async def test_a_start_that_fails_is_the_callers_to_know(rig: Rig) -> None:
    await rig.supervisor.stop()
    rig.fail = StartFailed("no", reason="not_ready")
    with pytest.raises(StartFailed):
        await rig.supervisor.start()
    assert rig.supervisor.state.phase is ServerPhase.STOPPED
    assert rig.supervisor.state.reason == "not_ready"
    await rig.clock.advance(1000)
    assert len(rig.tries) == 2


async def test_the_first_restart_comes_at_once_with_everything_put_back(rig: Rig) -> None:
    await rig.crash()
    assert rig.tries == [1000.0, 1000.0]
    assert rig.supervisor.child is rig.children[1]
    assert rig.children[0].stopped
    assert rig.children[1].filled
    assert rig.ports[1] == rig.children[0].rtsp_port, "restream URLs stay valid"
    assert rig.supervisor.state == ServerState(ServerPhase.READY, version="1.9.14", restarts=1)
    assert ServerPhase.BACKOFF in rig.phases
    await rig.supervisor.stop()


async def test_while_it_is_down_nobody_is_given_the_dead_one(rig: Rig) -> None:
    rig.fail = StartFailed()
    await rig.crash("hung")
    assert rig.supervisor.child is None
    assert rig.supervisor.state.reason in {"hung", "not_ready"}
    assert rig.supervisor.state.last_lines == ("last line",)
    await rig.supervisor.stop()


async def test_a_crash_loop_is_reported_and_goes_on_being_tried_once_a_minute(rig: Rig) -> None:
    rig.fail = StartFailed("no", reason="exited")
    await rig.crash()
    await rig.clock.advance(60)
    assert rig.supervisor.state.phase is ServerPhase.FAILED
    assert rig.supervisor.state.last_lines == ("last line",)
    gaps = [after - before for before, after in zip(rig.tries, rig.tries[1:], strict=False)]
    assert gaps[0] == 0.0
    for gap, expected in zip(gaps[1:4], (1, 2, 4), strict=True):
        assert 0.8 * expected <= gap <= 1.2 * expected
    before = len(rig.tries)
    await rig.clock.advance(3600)
    assert 60 <= len(rig.tries) - before <= 75
    assert rig.phases.count(ServerPhase.FAILED) == 1, "the person is told once"
    rig.fail = None
    await rig.clock.advance(61)
    assert rig.phases[-1] is ServerPhase.READY
    await rig.supervisor.stop()


async def test_one_that_crashes_right_after_each_start_is_in_a_loop_too(rig: Rig) -> None:
    for _ in range(5):
        await rig.crash()
        await rig.clock.advance(60)
    assert ServerPhase.FAILED in rig.phases
    await rig.supervisor.stop()


async def test_after_five_minutes_of_health_a_crash_counts_as_the_first(rig: Rig) -> None:
    for _ in range(8):
        await rig.clock.advance(301)
        await rig.crash()
        assert rig.supervisor.state.phase is ServerPhase.READY, "back without any wait"
    assert ServerPhase.FAILED not in rig.phases
    await rig.supervisor.stop()


@pytest.mark.parametrize("mistake", [RuntimeError("a bug"), OSError("no memory")])
async def test_supervision_survives_its_own_mistakes(rig: Rig, mistake: Exception) -> None:
    rig.fail = mistake
    await rig.crash()
    assert rig.supervisor.state.reason == "server_fault"
    rig.fail = None
    await rig.clock.advance(5)
    assert rig.supervisor.state.phase is ServerPhase.READY
    await rig.supervisor.stop()


async def test_one_that_cannot_be_filled_is_not_kept(rig: Rig) -> None:
    rig.fail_restore = StreamServerError("no")
    await rig.crash()
    assert rig.children[1].stopped
    assert rig.supervisor.child is None
    await rig.supervisor.stop()


@pytest.mark.parametrize("moment", ["ready", "waiting", "launching"])
async def test_stopping_at_any_moment_leaves_nothing(rig: Rig, moment: str) -> None:
    if moment == "waiting":
        rig.fail = StartFailed()
        await rig.crash()
    elif moment == "launching":
        rig.hang = True
        await rig.crash()
    await rig.supervisor.stop()
    tries = len(rig.tries)
    await rig.clock.advance(10_000)
    assert len(rig.tries) == tries
    assert all(child.stopped for child in rig.children)
    assert rig.supervisor.state.phase is ServerPhase.STOPPED
    assert len(asyncio.all_tasks()) == 1


async def test_supervision_survives_who_hears_of_it(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """A mistake of whoever takes the news must not be the end of go2rtc."""

    def mistaken(_state: ServerState) -> None:
        raise RuntimeError("a bug")

    rig.supervisor._on_state = mistaken
    await rig.crash()
    assert rig.supervisor.state.phase is ServerPhase.READY
    assert rig.supervisor.child is rig.children[1]
    await rig.supervisor.stop()
    assert "could not be taken" in caplog.text
