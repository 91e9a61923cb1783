"""Each way in which the vendor can fail or lie: nothing happens to a camera, and hardly anything is asked.

Which test shows which line of the list of faults is told in tests/faults/README.md.
"""

from collections.abc import AsyncIterator, Callable
from itertools import groupby

import pytest

from homeassistant.core import HomeAssistant

from dev.simulator import Simulator

from .line_rig import HOUR
from .rigging import Home
from .troubles import QUICK, Trouble
from .vigil import CAMERAS, Vigil, vigil

pytestmark = pytest.mark.parametrize("simulator", [CAMERAS], indirect=True)

ROWS = {row: list(some) for row, some in groupby(QUICK, lambda one: one.row)}
WHAT = {
    1: "takes no connection, or cuts it",
    2: "fails: 5xx, code 1000",
    4: "answers without measure",
    5: "answers with something else",
    6: "answers with somebody else's account",
    7: "mixes up devices, keys, caches",
    11: "has no name, or another one's certificate",
    12: "wants to be left alone",
}


@pytest.fixture
async def watched(hass: HomeAssistant, home: Home, simulator: Simulator) -> AsyncIterator[Vigil]:
    """Run a house with an account in which somebody watches a camera."""
    async with vigil(hass, home, simulator) as made:
        yield made


@pytest.mark.parametrize("row", ROWS)
async def test_no_camera_is_touched_and_all_is_well_afterwards(
    watched: Vigil, row: int, record_property: Callable[[str, object], None]
) -> None:
    """For each trouble: as long as it lasts, and on the way back."""
    async with watched.see(row, WHAT[row], record_property):
        for trouble in ROWS[row]:
            await through(watched, trouble)


async def through(watched: Vigil, trouble: Trouble) -> None:
    """Have a trouble for as long as it takes to be known and two tries more, and then none."""
    cloud = watched.house.cloud
    warned, before = len(watched.warnings("line to the vendor")), len(cloud.calls())
    await trouble.begin(watched.house)
    seen = set()
    for _ in range(6):
        await watched.call()
        watched.check()
        seen.add((watched.stands, watched.why))
    if trouble.stands is not None:
        assert (trouble.stands, trouble.why) in seen, (trouble, seen)
    assert len(cloud.calls()) - before <= 8, "a call each time, and another where a person's is judged"
    told = watched.warnings("line to the vendor")[warned:]
    assert len(told) == 1 or trouble.stands != "offline", told
    await trouble.end(watched.house)
    passed = await watched.until_well(5 * HOUR)
    for _ in range(2):
        await watched.call()
    watched.check()
    print(f"{trouble}: {passed / 60:.0f} minutes back, {len(cloud.calls()) - before} calls")
