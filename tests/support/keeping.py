"""A keeper of one camera's session, by a clock that the test moves, with a camera that the test plays."""

import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from engine.relay.gate import Gate
from engine.relay.hub import Hub
from engine.relay.keeper import Keeper
from engine.relay.states import Phase
from tests.support import footage
from tests.support.clock import FakeClock, settle
from tests.support.relay import PlayedCamera

KEY, *LATER = footage.video("h264")


@dataclass
class Rig:
    """The keeper and all around it; several may share clock and gate."""

    clock: FakeClock = field(default_factory=FakeClock)
    states: list[tuple[Phase, str]] = field(default_factory=list)

    gate: Gate | None = None

    def __post_init__(self) -> None:
        """Make what was not given."""
        self.gate = self.gate or Gate(self.clock)
        self.camera = PlayedCamera(self.clock)
        self.hub = Hub(self.clock, lambda _: None)
        self.keeper = Keeper(
            self.camera.open,
            self.hub,
            clock=self.clock,
            rng=random.Random(1),
            gate=self.gate,
            on_state=lambda phase, reason: self.states.append((phase, reason)),
        )

    async def watch(self) -> None:
        """Look, until the end."""
        self.keeper.readers(1)
        await settle()

    async def pictures(self, seconds: float, fps: float = 15, *, key: bool = True) -> None:
        """Let the camera show pictures for some time, beginning with a key frame."""
        for number in range(round(seconds * fps)):
            first = key and number == 0
            if self.camera.session is not None:
                self.camera.show((KEY if first else LATER[0]).data, key=first)
            await self.clock.advance(1 / fps)

    async def close(self) -> None:
        """End it."""
        await self.keeper.close()
        assert self.gate is not None
        await self.gate.close()
        assert self.camera.session is None, "whatever happens, no session is left"

    @property
    def pauses(self) -> list[float]:
        """Seconds between its dials."""
        dials = self.camera.dials
        return [later - sooner for sooner, later in itertools.pairwise(dials)]


@asynccontextmanager
async def keeping() -> AsyncIterator[Rig]:
    """Run a keeper; whatever happens, no session is left."""
    made = Rig()
    made.keeper.start()
    await settle()
    yield made
    await made.close()
