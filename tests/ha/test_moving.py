"""A camera moves from one entry to another: ids and picture stay, and it is in exactly one at any time."""

import asyncio
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.wyze_local.engine.model import EngineError
from custom_components.wyze_local.entry_vault import EntryVault
from custom_components.wyze_local.moving import MoveError, async_move_camera
from dev.simulator import CameraSpec, Simulator

from .account_rig import account_entry
from .rigging import DOMAIN, Home, saw, view, wait_for


async def both(hass: HomeAssistant, home: Home, simulator: Simulator) -> tuple[Any, Any, str]:
    """Set up the porch as a local camera and an account without cameras; return both and the camera's key."""
    local = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    account = await account_entry(hass, [])
    assert await hass.config_entries.async_setup(account.entry_id)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    return local, account, subentry.data["camera_key"]


def registered(hass: HomeAssistant, entry: Any) -> tuple[set[str], set[str]]:
    """Return the ids of an entry's entities and cameras' devices."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {one.entity_id for one in entities}, {one.device_id or "" for one in entities}


async def test_there_and_back(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """Who watches sees both moves as nothing, on one camera connection; every id and setting stays."""
    local, account, key = await both(hass, home, simulator)
    camera = simulator.cameras["porch"]
    await home.enable("switch.porch_sound")
    er.async_get(hass).async_update_entity("camera.porch", new_entity_id="camera.front_door")
    await hass.services.async_call("switch", "turn_off", {"entity_id": "switch.porch_sound"}, blocking=True)
    await hass.async_block_till_done()
    # The last that comes, once the camera has said that it has one.
    await wait_for(lambda: home.state("media_player.porch_speaker") == "idle")
    entities, devices = registered(hass, local)
    viewer = await view(local.runtime_data.coordinator.server.restream_url(key).reveal(), frames=240)
    await wait_for(lambda: home.state("camera.front_door") == "streaming", 15)
    dials = camera.counters.dials
    token = local.runtime_data.vault.records[key].token

    await async_move_camera(hass, local, key, account)
    assert (set(account.data["cameras"]), dict(local.subentries)) == ({key}, {})
    await wait_for(lambda: home.state("camera.front_door") == "streaming", 15)
    await hass.async_block_till_done()
    assert registered(hass, account) == (entities, devices)
    assert registered(hass, local) == (set(), set())
    assert home.state("switch.porch_sound") == "off"
    assert account.runtime_data.vault.records[key].token == token
    assert not local.runtime_data.vault.records

    await async_move_camera(hass, account, key, local)
    await wait_for(lambda: home.state("camera.front_door") == "streaming", 15)
    await hass.async_block_till_done()
    assert registered(hass, local) == (entities, devices)
    assert home.state("switch.porch_sound") == "off"
    assert [one.unique_id for one in local.subentries.values()] == [
        one.data["mac_hash"] for one in local.subentries.values()
    ]
    async with asyncio.timeout(40):
        assert await saw(viewer) == 240
    assert camera.counters.dials == dials
    assert await hass.config_entries.async_reload(local.entry_id)
    await wait_for(lambda: home.state("camera.front_door") == "idle")


@pytest.mark.parametrize("step", ["vault", "entries", "entities"])
async def test_whenever_the_power_fails(
    hass: HomeAssistant, home: Home, simulator: Simulator, step: str
) -> None:
    """What was written so far is read by the next start, which finds the camera once and under its ids."""
    local, account, key = await both(hass, home, simulator)
    # The last that comes, once the camera has said that it has one.
    await wait_for(lambda: home.state("media_player.porch_speaker") == "idle")
    entities, devices = registered(hass, local)
    record = local.runtime_data.vault.records[key]
    (subentry,) = local.subentries.values()
    for entry in (local, account):
        assert await hass.config_entries.async_unload(entry.entry_id)
    # The new vault is written first …
    vault = EntryVault(hass, account.data["vault_id"])
    await vault.async_put(record)
    owner = local
    if step != "vault":
        # … then both entries, in one file; the registries may have been written or not.
        owner = account
        kept = {key: {"name": "Porch", **subentry.data}}
        hass.config_entries.async_update_entry(account, data={**account.data, "cameras": kept})
        if step == "entities":
            for entity_id in entities:
                er.async_get(hass).async_update_entity(
                    entity_id, config_entry_id=account.entry_id, config_subentry_id=None
                )
        object.__setattr__(local, "subentries", type(local.subentries)({}))
    for entry in (account, local):
        assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    await hass.async_block_till_done()
    assert registered(hass, owner) == (entities, devices)
    other = account if owner is local else local
    assert registered(hass, other) == (set(), set())
    assert set(owner.runtime_data.vault.records) == {key}
    assert not other.runtime_data.vault.records, "its keys are in one vault only"


async def test_what_cannot_move_stays(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """Without an entry that runs, without keys, or without the camera: a word why, and nothing changed."""
    local, account, key = await both(hass, home, simulator)
    with pytest.raises(MoveError, check=lambda err: err.reason == "gone"):
        await async_move_camera(hass, account, key, local)
    assert await hass.config_entries.async_unload(account.entry_id)
    with pytest.raises(EngineError, check=lambda err: err.reason == "not_loaded"):
        await async_move_camera(hass, local, key, account)
    assert await hass.config_entries.async_setup(account.entry_id)
    await local.runtime_data.vault.async_drop(key)
    with pytest.raises(MoveError, check=lambda err: err.reason == "no_keys"):
        await async_move_camera(hass, local, key, account)
    assert home.state("camera.porch") == "idle"
    assert len(local.subentries) == 1


@pytest.mark.parametrize("simulator", [[CameraSpec("porch", host="127.0.0.7")]], indirect=True)
async def test_its_network_comes_along(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """Where the person allowed cameras at one entry, the moved one is allowed at the other."""
    local, account, key = await both(hass, home, simulator)
    hass.config_entries.async_update_entry(account, options={"networks": ["192.0.2.0/24"]})
    await hass.async_block_till_done()
    await async_move_camera(hass, local, key, account)
    assert account.options["networks"] == ["192.0.2.0/24", "127.0.0.0/8"]
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert hass.config_entries.async_entries(DOMAIN)[0] is local
