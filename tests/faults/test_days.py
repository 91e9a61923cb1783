"""Days in which the vendor fails in every way there is, while somebody watches a camera."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from homeassistant.core import HomeAssistant

from dev.simulator import Simulator
from tests.ha.line_rig import DAY, HOUR
from tests.ha.rigging import Home
from tests.ha.troubles import LASTING, QUICK, Trouble
from tests.ha.vigil import CAMERAS, OURS, Vigil, vigil

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.parametrize("simulator", [CAMERAS], indirect=True),
]

Record = Callable[[str, object], None]
DOWN = [one for one in QUICK if one.stands == "offline"]
"""Troubles that are no answer at all, each as good as another."""


@pytest.fixture
async def watched(hass: HomeAssistant, home: Home, simulator: Simulator) -> AsyncIterator[Vigil]:
    """Run a house with an account in which somebody watches a camera."""
    async with vigil(hass, home, simulator) as made:
        yield made


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Return the chance of this run, which its seed repeats."""
    seed = request.config.getoption("--hypothesis-seed") or random.randrange(1 << 32)
    print(f"seed {seed}")
    return random.Random(seed)


async def test_a_day_in_which_each_answer_is_bad_in_another_way(
    watched: Vigil, chance: random.Random, record_property: Record
) -> None:
    """It is one outage: few calls, one word when it begins and one when it is over."""
    async with watched.see(1, "a day of failures of all kinds", record_property):
        await a_day(watched, chance)


async def a_day(watched: Vigil, chance: random.Random) -> None:
    """Spoil each answer in another way for a day, and have all be well then."""
    passed, kinds = 0.0, Counter[str]()
    asked = Calls(watched)
    while passed < DAY:
        trouble = chance.choice(DOWN)
        kinds[trouble.kind] += 1
        await trouble.begin(watched.house)
        passed += await watched.call()
        watched.check()
        asked.count()
        await trouble.end(watched.house)
        assert passed < HOUR or watched.stands == "offline"
    print(f"{asked.made} calls in {passed / HOUR:.1f} hours of {len(kinds)} kinds of bad answers")
    assert asked.made <= 150
    assert len(kinds) > len({one.kind for one in DOWN}) / 2
    await watched.until_well(5 * HOUR)
    told = [one.getMessage() for one in watched.heard.records if one.name.startswith(OURS)]
    assert [line.split(" (")[0] for line in told if line.startswith("The line to the vendor")] == [
        "The line to the vendor is offline",
        "The line to the vendor is online again",
    ]


@pytest.mark.parametrize("trouble", LASTING, ids=str)
async def test_a_vendor_that_does_not_come_to_an_end_is_cut_short(
    watched: Vigil, trouble: Trouble, record_property: Record
) -> None:
    """Each call takes its 15 seconds and not more; nobody else waits for it."""
    async with watched.see(trouble.row, f"does not come to an end: {trouble.kind}", record_property):
        await without_end(watched, trouble)


async def without_end(watched: Vigil, trouble: Trouble) -> None:
    """Have calls that last, and then all be well."""
    await trouble.begin(watched.house)
    for _ in range(3):
        await watched.call(patience=25)
        watched.check()
    assert (watched.stands, watched.why) == (trouble.stands, trouble.why)
    newest = watched.house.entry.runtime_data.account.calls[-3:]
    print(f"calls of {', '.join(f'{call.duration_ms / 1000:.1f} s' for call in newest)}")
    assert all(14_000 < call.duration_ms < 16_500 for call in newest)
    await trouble.end(watched.house)
    await watched.until_well(5 * HOUR)


class Calls:
    """Counts what was asked of the vendor, answered or not."""

    def __init__(self, watched: Vigil) -> None:
        """Begin now."""
        self._watched = watched
        self._seen: set[float] = set()
        self.made = 0
        self.count()
        self.made = 0

    def count(self) -> None:
        """Count what is new."""
        new = {call.at for call in self._watched.house.entry.runtime_data.account.calls} - self._seen
        self._seen |= new
        self.made += len(new)
