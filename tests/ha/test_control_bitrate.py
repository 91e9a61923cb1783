"""A person's bitrate stands: log-ins ask for a size of the picture, and for its usual one."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.control_memory import Bitrate, ControlMemory, async_get_control_memory
from custom_components.wyze_local.engine.control import Feature
from custom_components.wyze_local.engine.lan import Resolution, usual_bitrate

from .control_table import SET_PICTURE, Table, TableCamera, laid

HD, SD = usual_bitrate(Resolution.HD), usual_bitrate(Resolution.SD)
MINE = 90


@pytest.fixture
async def table(hass: HomeAssistant) -> AsyncIterator[Table]:
    """Lay a table with a camera that somebody looks at, and whose bitrate somebody set."""
    async with laid(hass, porch=TableCamera(live=True, quality="sd", bitrate=SD)) as found:
        found.controls.async_start()
        await found.pause(5)
        await found.controls.async_set("porch", Feature.BITRATE, MINE)
        yield found


def told(camera: TableCamera) -> int:
    """Return how often it was told a bitrate."""
    return sum(code == SET_PICTURE for code, _ in camera.said)


async def test_after_a_log_in_it_is_told_again(hass: HomeAssistant, table: Table) -> None:
    camera = table.cameras["porch"]
    await table.pause(120)
    assert (camera.bitrate, told(camera)) == (MINE, 1)
    camera.bitrate = SD
    await table.pause(62)
    assert (camera.bitrate, told(camera)) == (MINE, 2)
    assert table.controls.of("porch").values[Feature.BITRATE] == MINE
    known = async_get_control_memory(hass).get("porch")
    assert known is not None
    assert known.bitrate == Bitrate("sd", MINE)


async def test_what_was_set_elsewhere_or_for_another_size_stands(table: Table) -> None:
    camera = table.cameras["porch"]
    camera.bitrate = 120
    await table.pause(62)
    assert camera.bitrate == 120
    camera.quality, camera.bitrate = "hd", HD
    await table.pause(62)
    assert camera.bitrate == HD


async def test_a_camera_that_takes_it_no_more_is_not_told_for_ever(table: Table) -> None:
    camera = table.cameras["porch"]
    camera.bitrate, camera.obeys = SD, False
    for _ in range(6):
        await table.pause(62)
    assert told(camera) == 2


@pytest.mark.parametrize(
    ("kept", "known"),
    [
        ({"quality": "sd", "rate": 90}, Bitrate("sd", 90)),
        ({"quality": "sd", "rate": "90"}, None),
        ({"quality": "", "rate": 90}, None),
        ({"quality": [], "rate": 90}, None),
        ({"rate": True, "quality": "hd"}, None),
        ([], None),
    ],
)
async def test_it_is_remembered_over_restarts(
    hass: HomeAssistant, hass_storage: dict[str, Any], kept: Any, known: Bitrate | None
) -> None:
    """What makes no sense is as if never set, and costs nothing else."""
    name = "wyze_local.controls"
    data = {"porch": {"firmware": "1", "features": ["bitrate"], "bitrate": kept}}
    hass_storage[name] = {"version": 1, "key": name, "data": data}
    memory = ControlMemory(hass)
    await memory.async_load()
    found = memory.get("porch")
    assert found is not None
    assert (found.features, found.bitrate) == (frozenset({Feature.BITRATE}), known)
    if known is not None:
        assert memory._content() == data
