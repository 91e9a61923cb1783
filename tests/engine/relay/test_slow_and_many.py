"""Cameras that are slow are not called dead; ones that show nothing are counted; many are dialled in turn."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from engine.lan import Reason
from engine.relay.gate import PASSES, WINDOW, Gate
from engine.relay.keeper import FIRST_PICTURE
from engine.relay.pauses import STALL, STALL_SLOW
from engine.relay.states import Phase
from tests.support.clock import FakeClock, settle
from tests.support.keeping import KEY, LATER, Rig, keeping

LIVE = [(Phase.CONNECTING, ""), (Phase.LIVE, "")]
MANY = 50
LIMIT = 60.0
"""Seconds after which all of them are back."""


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with keeping() as made:
        yield made


@pytest.mark.parametrize("fps", [1, 0.3])
async def test_an_hour_of_a_slow_camera_is_no_stall(rig: Rig, fps: float) -> None:
    """Two pictures in a row may even be lost on their way, now and then."""
    chance = random.Random(4)
    await rig.watch()
    lost = 0
    for number in range(round(3600 * fps)):
        lost = lost + 1 if number > 9 and chance.random() < 0.1 and lost < 2 else 0
        if not lost:
            rig.camera.show((LATER[0] if number % 4 else KEY).data, key=number % 4 == 0)
        await rig.clock.advance((1 + chance.uniform(-0.1, 0.1)) / fps)
    assert rig.states == LIVE
    assert len(rig.camera.dials) == 1


async def stalls_after(rig: Rig) -> float:
    """Return how long after its last picture a camera counts as stalled."""
    last = rig.hub.last_picture
    assert last is not None
    while rig.keeper.phase is Phase.LIVE:
        await rig.clock.advance(0.1)
    return rig.clock.monotonic() - last


async def test_how_soon_a_camera_counts_as_dead_follows_its_pace(rig: Rig) -> None:
    await rig.watch()
    await rig.pictures(20, fps=15)
    assert await stalls_after(rig) == pytest.approx(STALL, abs=0.2)
    await rig.clock.advance(1)
    await rig.pictures(40, fps=0.5)
    assert await stalls_after(rig) == pytest.approx(8, abs=0.3)
    await rig.clock.advance(2)
    await rig.pictures(80, fps=0.21)
    assert await stalls_after(rig) == pytest.approx(STALL_SLOW, abs=0.3)


async def test_a_camera_that_lets_in_and_shows_nothing_is_counted(rig: Rig) -> None:
    await rig.watch()
    await rig.pictures(11)
    await rig.clock.advance(STALL + 0.1)
    assert (rig.keeper.phase, rig.keeper.barren) == (Phase.STALLED, 0), "it had shown something"
    told = len(rig.states)
    await rig.clock.advance(2 * FIRST_PICTURE + 4)
    assert rig.keeper.barren == 2
    assert len(rig.states) == told + 2, "each time is told, though the state stays"
    await rig.clock.advance(3)
    await rig.pictures(1)
    assert (rig.keeper.phase, rig.keeper.barren) == (Phase.LIVE, 0)


class Town:
    """Fifty cameras that are watched, behind one gate."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.gate = Gate(self.clock)
        self.rigs = [Rig(self.clock, gate=self.gate) for _ in range(MANY)]
        self.proofs: list[float] = []

    async def show(self, seconds: float) -> None:
        """Let all that can show pictures."""
        for _ in range(round(seconds / 0.5)):
            for rig in self.rigs:
                if rig.camera.session is not None:
                    rig.camera.show(KEY.data, key=True)
            await self.clock.advance(0.5)

    async def prove(self) -> None:
        """Let a camera prove itself, as somebody adds it meanwhile."""
        await self.gate.enter(urgent=True)
        self.proofs.append(self.clock.monotonic())

    def handshakes(self, since: float) -> list[float]:
        dials = [dial for rig in self.rigs for dial in rig.camera.dials]
        return sorted(dial for dial in [*dials, *self.proofs] if dial >= since)


@pytest.mark.parametrize("how", [Reason.HUNG_UP, Reason.PORT_CLOSED])
@pytest.mark.parametrize("away", [0.0, 20.0, 300.0])
async def test_fifty_lost_at_once_are_back_within_a_minute(how: Reason, away: float) -> None:
    """Each failing dial takes five seconds, as those to a camera that is silent do; proofs count as well."""
    town = Town()
    for number, rig in enumerate(town.rigs):
        rig.keeper._pauses._rng.seed(number)
        rig.keeper.start()
        rig.keeper.readers(1)
    await settle()
    await town.show(25)
    assert all(rig.keeper.phase is Phase.LIVE for rig in town.rigs)
    lost = town.clock.monotonic()
    for rig in town.rigs:
        rig.camera.refusal, rig.camera.patience = Reason.NO_ANSWER, 5.0
        rig.camera.hang_up(how)
    await settle()
    await town.show(away)
    back = town.clock.monotonic()
    for rig in town.rigs:
        rig.camera.refusal, rig.camera.patience = None, 0.0
    proofs = [asyncio.create_task(town.prove()) for _ in range(5)]
    while not all(rig.keeper.phase is Phase.LIVE for rig in town.rigs):
        await town.show(0.5)
        assert town.clock.monotonic() - back < LIMIT
    await asyncio.gather(*proofs)
    took = town.clock.monotonic() - back
    handshakes = town.handshakes(lost)
    rate = (len(handshakes) - 1) / (handshakes[-1] - handshakes[0])
    print(
        f"away {away:.0f} s: all back after {took:.1f} s, {len(handshakes)} handshakes, {rate:.2f} per second"
    )
    assert rate <= 2.5
    for first, later in zip(handshakes, handshakes[PASSES:], strict=False):
        assert later - first >= WINDOW - 1e-6
    for rig in town.rigs:
        await rig.close()
