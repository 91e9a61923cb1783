"""Streams that are garbled, cut off, and fatal: whoever is not to blame is watched again within two seconds.

No packet is known that crashes the video library of today, so what one would do is done to the thread that
has a garbled camera's video in hand: it makes a fault, it is killed in the midst of it, or nothing of the
process answers any more.
"""

import os
import signal
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene
from engine.child import ChildPhase, ChildState, process as process_module
from engine.model import WatchMode, new_camera_key
from engine.watch import WatchPhase, WatchSettings, WatchState, WatchWorker
from tests.support.crashing import crash, stop_at_work
from tests.support.fuzzing import Fuzz, Mutator
from tests.support.relay import relay_of
from tests.support.streaming import simulated
from tests.support.watching import Spoiler, running_worker, until

PACKETS = 150
"""Thousandths of all mutants of a run."""
WELL = tuple(new_camera_key() for _ in range(3))
"""Cameras that send what they should; they have the first slots."""
GARBLED = tuple(new_camera_key() for _ in range(8))
BACK_WITHIN = 2.0
WATCHED = (WatchPhase.WARMING, WatchPhase.WATCHING)


class Garbler:
    """Spoils packets by chance, and cuts a stream off now and then."""

    def __init__(self, seed: str) -> None:
        self._mutator = Mutator(seed, limit=60000)
        self._corpus: list[bytes] = []
        self.garbled = 0

    def __call__(self, packet: bytes) -> bytes | None:
        self._corpus = [*self._corpus[-15:], packet]
        chance = self._mutator.chance.random()
        if chance < 0.0002:
            return None
        if chance < 0.5:
            self.garbled += 1
            return self._mutator.any(self._corpus)
        return packet


@dataclass
class Judge:
    """Measures from the end of each process until all cameras that are well are watched again."""

    ends: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    _gone: float | None = None
    _missing: set[str] = field(default_factory=set)

    def worker(self, state: ChildState) -> None:
        if state.phase in (ChildPhase.BACKOFF, ChildPhase.FAILED) and self._gone is None:
            self.ends.append(state.reason)
            self._gone, self._missing = time.monotonic(), set(WELL)

    def camera(self, key: str, state: WatchState) -> None:
        if state.reason == "crashes":
            self.held.add(key)
        if self._gone is not None and state.phase in WATCHED:
            self._missing.discard(key)
            if not self._missing:
                self.took.append(time.monotonic() - self._gone)
                self._gone = None

    @property
    def done(self) -> bool:
        return self._gone is None


async def end_over(worker: WatchWorker, slot: int, kind: int) -> None:
    """End the process over the video of one camera."""
    pid, board = worker.pid, worker._board
    assert pid is not None
    assert board is not None
    if kind == 0:
        crash(pid, slot)
        return
    await stop_at_work(pid, board.accused, slot, range(len(WELL)))
    if kind == 1:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.alone
async def test_what_is_garbled_or_fatal_costs_the_others_two_seconds_at_most(
    fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "PING_EVERY", 1.0)
    picture = Picture(scene=Scene.YARD, seconds=8, gop=15)
    specs = [CameraSpec("yard", Framing.CC51, audio=Audio.PCMU, picture=picture)]
    names = [f"well{number}" for number in range(len(WELL))]
    specs += [CameraSpec(name, Framing.CC51, audio=Audio.NONE, picture=picture) for name in names]
    yard, judge, garblers = new_camera_key(), Judge(), [Garbler(f"{fuzz.seed} {key}") for key in GARBLED]
    wanted = fuzz.total * PACKETS // 1000

    def garbled() -> int:
        return sum(one.garbled for one in garblers)

    async with AsyncExitStack() as stack:
        cameras = await stack.enter_async_context(simulated(specs))
        keys = {"yard": yard, **dict(zip(names, WELL, strict=True))}
        relay = await stack.enter_async_context(relay_of(cameras, keys))
        worker, _ = await stack.enter_async_context(
            running_worker(on_worker=judge.worker, on_state=judge.camera)
        )
        for key in WELL:
            await worker.add(key, relay.url(key, watch=True), WatchSettings(WatchMode.FULL))
        await until(lambda: all(worker.states[key].phase in WATCHED for key in WELL))
        for number, key in enumerate(GARBLED):
            spoiler = Spoiler(relay.url(yard, watch=True), garblers[number])
            await stack.enter_async_context(spoiler)
            mode = WatchMode.FULL if number % 2 else WatchMode.KEY
            await worker.add(key, spoiler.url, WatchSettings(mode))
        ways = min(len(GARBLED), max(3, wanted // 10_000))
        for number in range(ways):
            # Each time another one of them, and each time in another way.
            await until(lambda: garbled() >= wanted * (number + 1) // (ways + 1), 60 + wanted / 20)  # noqa: B023
            await until(lambda: judge.done, 20)
            ends = len(judge.ends)
            await end_over(worker, len(WELL) + number, number % 3)
            await until(lambda: len(judge.ends) > ends and judge.done, 30)  # noqa: B023
        await until(lambda: garbled() >= wanted, 60 + wanted / 20)
        await until(lambda: all(worker.states[key].phase is WatchPhase.WATCHING for key in WELL))
        figures = ", ".join(f"{seconds:.2f} s" for seconds in judge.took)
        print(
            f"{garbled()} garbled packets; {len(judge.ends)} ends {judge.ends}, watched again after {figures}"
        )
        assert len(judge.ends) >= ways
        assert {"exited", "hung"} <= set(judge.ends)
        assert len(judge.took) == len(judge.ends)
        assert all(seconds <= BACK_WITHIN for seconds in judge.took)
        assert judge.held
        assert judge.held.isdisjoint(WELL)
        assert (await worker.still(WELL[0])).jpeg.startswith(b"\xff\xd8")
