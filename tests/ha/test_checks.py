"""The checks of idle cameras: gentle while all is well, sooner after a failure, never a storm."""

import asyncio
import itertools
import random
from collections.abc import Awaitable

import pytest

from custom_components.wyze_local.checks import Checks
from tests.support.clock import FakeClock, settle


class Watcher:
    """Takes the checks and writes down when they came."""

    def __init__(self) -> None:
        """Start with cameras that answer."""
        self.clock = FakeClock()
        self.times: dict[str, list[float]] = {}
        self.away: set[str] = set()
        self.busy: set[str] = set()
        self.running = 0
        self.most = 0
        self.takes = 0.0
        self.checks = Checks(
            self.check,
            wanted=lambda camera_key: camera_key not in self.busy,
            clock=self.clock,
            rng=random.Random(7),
            spawn=self.spawn,
        )

    async def check(self, camera_key: str) -> None:
        """Check one camera."""
        self.times.setdefault(camera_key, []).append(self.clock.monotonic())
        self.running += 1
        self.most = max(self.most, self.running)
        if self.takes:
            await self.clock.sleep(self.takes)
        self.running -= 1
        (self.checks.failed if camera_key in self.away else self.checks.answered)(camera_key)

    @staticmethod
    def spawn(work: Awaitable[None]) -> asyncio.Task[None]:
        """Run in the background."""
        return asyncio.ensure_future(work)  # type: ignore[arg-type, return-value]


@pytest.fixture
async def watcher() -> Watcher:
    """Return a watcher; its loop is started by the test."""
    return Watcher()


async def run(watcher: Watcher, seconds: float) -> None:
    """Let the checks run for a while."""
    loop = asyncio.ensure_future(watcher.checks.run())
    await watcher.clock.advance(seconds)
    loop.cancel()
    await settle()


async def test_health_is_one_check_in_five_minutes(watcher: Watcher) -> None:
    """Idle cameras that answer are asked about twelve times an hour, not in step."""
    for number in range(10):
        watcher.checks.add(f"cam{number}")
    await run(watcher, 3 * 3600)
    for times in watcher.times.values():
        assert 3 * 10 < len(times) < 3 * 15
    second_checks = [times[1] for times in watcher.times.values()]
    assert max(second_checks) - min(second_checks) > 20


async def test_a_camera_that_is_away_is_asked_ever_less_often(watcher: Watcher) -> None:
    """After a failure the next looks come soon, then back off to once in five minutes."""
    watcher.checks.add("away")
    watcher.away.add("away")
    await run(watcher, 2 * 3600)
    times = watcher.times["away"]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert 11 < gaps[0] < 20
    assert 20 < gaps[1] < 40
    assert all(235 < gap < 365 for gap in gaps[6:])


async def test_never_a_storm(watcher: Watcher) -> None:
    """Fifty cameras at once: at most 2.5 starts per second, at most four at a time."""
    watcher.takes = 5.0
    for number in range(50):
        watcher.checks.add(f"cam{number}")
    await run(watcher, 120)
    starts = sorted(times[0] for times in watcher.times.values())
    assert len(starts) == 50
    assert all(later - earlier >= 0.39 for earlier, later in itertools.pairwise(starts))
    assert watcher.most <= 4


async def test_watched_cameras_are_left_alone(watcher: Watcher) -> None:
    """What streams is not asked; it is when it stops."""
    watcher.checks.add("porch")
    watcher.busy.add("porch")
    await run(watcher, 600)
    assert not watcher.times
    watcher.busy.clear()
    await run(watcher, 6)
    assert len(watcher.times["porch"]) == 1


async def test_a_removed_camera_is_asked_no_more(watcher: Watcher) -> None:
    """Removal ends the checks."""
    watcher.checks.add("porch")
    await run(watcher, 5)
    watcher.checks.remove("porch")
    watcher.checks.soon("porch")
    await run(watcher, 3600)
    assert len(watcher.times["porch"]) == 1
