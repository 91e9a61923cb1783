"""Streams that are garbled or cut off: the worker reads on, or is back at once; others' watch goes on."""

import time
from contextlib import AsyncExitStack

from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene
from engine.model import WatchMode, new_camera_key
from engine.watch import WatchPhase, WatchSettings
from tests.support.fuzzing import Fuzz, Mutator
from tests.support.relay import relay_of
from tests.support.streaming import simulated
from tests.support.watching import Spoiler, running_worker, until

PACKETS = 150
"""Thousandths of all mutants of a run."""
READERS = 8
BACK_WITHIN = 2.0


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


async def test_what_is_garbled_costs_a_restart_at_most(fuzz: Fuzz) -> None:
    picture = Picture(scene=Scene.YARD, seconds=8, gop=15)
    specs = [CameraSpec("yard", Framing.CC51, audio=Audio.PCMU, picture=picture), CameraSpec("well")]
    well = new_camera_key()
    key = new_camera_key()
    async with AsyncExitStack() as stack:
        cameras = await stack.enter_async_context(simulated(specs))
        relay = await stack.enter_async_context(relay_of(cameras, {"yard": key, "well": well}))
        down: list[float] = []
        gone: list[float] = []

        def on_worker(state: object) -> None:
            if getattr(state, "phase", "") == "backoff":
                gone.append(time.monotonic())
            elif getattr(state, "phase", "") == "ready" and gone:
                down.append(time.monotonic() - gone.pop())

        worker, heard = await stack.enter_async_context(running_worker(on_worker=on_worker))
        await worker.add(well, relay.url(well, watch=True), WatchSettings(WatchMode.FULL))
        garblers = []
        for number in range(READERS):
            garbler = Garbler(f"{fuzz.seed} {number}")
            garblers.append(garbler)
            spoiler = await stack.enter_async_context(Spoiler(relay.url(key, watch=True), garbler))
            mode = WatchMode.FULL if number % 2 else WatchMode.KEY
            await worker.add(new_camera_key(), spoiler.url, WatchSettings(mode))
        wanted = fuzz.total * PACKETS // 1000
        await until(lambda: sum(one.garbled for one in garblers) >= wanted, 30 + wanted / 20)
        await until(lambda: worker.states[well].phase is WatchPhase.WATCHING, 20)
        print(f"{sum(one.garbled for one in garblers)} garbled packets, {len(down)} restarts {down}")
        assert not gone
        assert all(seconds < BACK_WITHIN for seconds in down)
        still = await worker.still(well)
        assert still.jpeg.startswith(b"\xff\xd8")
        assert {state.phase for key_, state in heard.states if key_ == well} >= {WatchPhase.WATCHING}
