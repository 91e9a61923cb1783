"""What cameras have is remembered over restarts, and forgotten with them; a damaged record is one record."""

from typing import Any

import pytest

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import flush_store

from custom_components.wyze_local.control_memory import ControlMemory, Remembered, async_get_control_memory
from custom_components.wyze_local.engine.control import Feature

from .control_rig import NO_LAMP, Able, fresh
from .rigging import wait_for

__all__ = ["fresh"]

FILE = "wyze_local.controls"


@pytest.mark.parametrize(
    "odd",
    [
        {"firmware": "1", "features": [["siren"]]},
        {"firmware": "1", "features": [{}, "siren"]},
        {"firmware": 1, "features": ["siren"]},
        {"firmware": "1", "features": "siren"},
        {"features": []},
        ["siren"],
        None,
    ],
)
async def test_an_odd_record_costs_no_other(
    hass: HomeAssistant, hass_storage: dict[str, Any], odd: Any
) -> None:
    """And of a record by a later version what is known here is kept."""
    good = {"firmware": "4.52", "features": ["siren", "jet_engine"]}
    hass_storage[FILE] = {"version": 1, "key": FILE, "data": {"odd": odd, "good": good}}
    memory = ControlMemory(hass)
    await memory.async_load()
    assert memory.get("odd") is None
    assert memory.get("good") == Remembered("4.52", frozenset({Feature.SIREN}))


@pytest.mark.parametrize("content", [[], ["siren"], "siren", 7])
async def test_a_file_that_makes_no_sense_is_as_none(
    hass: HomeAssistant, hass_storage: dict[str, Any], content: Any
) -> None:
    hass_storage[FILE] = {"version": 1, "key": FILE, "data": content}
    memory = ControlMemory(hass)
    await memory.async_load()
    memory.async_keep("porch", Remembered("1", frozenset()))
    assert memory.get("porch") is not None


@pytest.mark.parametrize("simulator", [[NO_LAMP]], indirect=True)
async def test_its_entities_are_there_while_it_is_off(fresh: Able, hass_storage: dict[str, Any]) -> None:
    """After a restart, too; they say that nobody knows how it stands, and go with the camera."""
    hass, entry, key = fresh.hass, fresh.home.entry, fresh.key
    assert fresh.state("siren.porch_siren") == "off"
    fresh.camera.stop()
    assert await hass.config_entries.async_unload(entry.entry_id)
    memory = async_get_control_memory(hass)
    await flush_store(memory._store)
    assert key in hass_storage[FILE]["data"]
    # What a restart leaves of it is the file.
    memory._known = None
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: fresh.state("siren.porch_siren") == STATE_UNAVAILABLE)
    assert not fresh.controls.of(key).values
    assert hass.config_entries.async_remove_subentry(entry, next(iter(entry.subentries)))
    await hass.async_block_till_done()
    await wait_for(lambda: memory.get(key) is None)
    assert er.async_get(hass).async_get("siren.porch_siren") is None
    assert FILE not in hass_storage
