"""Which clips are of which day, where days have 23 hours, or 25, or begin at another hour than elsewhere."""

import random
from collections.abc import Iterator

import pytest

from homeassistant.util import dt as dt_util

from custom_components.wyze_local.clip_titles import bounds, by_day, clip_day
from custom_components.wyze_local.engine.model import ClipName

AUTUMN, SPRING = 1_793_000_000.0, 1_774_700_000.0
"""Some days before the clocks change, in 2026."""
HAVANA = 1_794_000_000.0
"""There it happens at midnight."""


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/Havana", "Asia/Kathmandu", "Pacific/Apia"])
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Be somewhere."""
    before, there = dt_util.get_default_time_zone(), dt_util.get_time_zone(request.param)
    assert there is not None
    dt_util.set_default_time_zone(there)
    yield request.param
    dt_util.set_default_time_zone(before)


@pytest.mark.parametrize("around", [AUTUMN, SPRING, HAVANA])
def test_each_clip_is_on_the_day_that_opens_it(zone: str, around: float) -> None:
    """Every one is counted once, on the day whose bounds hold it."""
    rng = random.Random(f"{zone}{around}")
    names = [ClipName.new(around + rng.uniform(0, 12 * 86400)) for _ in range(2000)]
    found = list(by_day(names))
    assert [day for day, _ in found] == sorted({clip_day(name) for name in names}, reverse=True)
    assert sorted(name for _, clips in found for name in clips) == sorted(names)
    for day, clips in found:
        since, until = bounds(day)
        assert clips == sorted(clips, key=lambda name: name.at)
        assert all(since <= name.at.timestamp() < until and clip_day(name) == day for name in clips)
