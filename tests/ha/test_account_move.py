"""A camera that another entry has is offered to move to its account, and is never in two entries."""

from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from custom_components.wyze_local.cameras import all_cameras
from custom_components.wyze_local.engine.model.networks import MAX_NETWORKS
from dev.simulator import Simulator
from dev.simulator.cloud import Device, FakeCloud

from .account_flow_rig import Person, chosen_names, cloud, lan_device, lan_spec, options, person, values_of
from .rigging import Home, wait_for

__all__ = ["cloud", "person"]

ON_THE_LAN = pytest.mark.parametrize("simulator", [[lan_spec("porch", 2)]], indirect=True)


def names(entry: ConfigEntry) -> list[str]:
    """Return the names of an account's cameras, each as often as it is there."""
    return sorted(kept["name"] for kept in entry.data["cameras"].values())


@ON_THE_LAN
async def test_a_local_camera_moves_to_its_account(
    hass: HomeAssistant, home: Home, person: Person, simulator: Simulator
) -> None:
    """It keeps its ids and its proof; the local entry and its vault know nothing of it any more."""
    camera = simulator.cameras["porch"]
    local = await home.set_up()
    subentry = await home.add(camera.link)
    key = subentry.data["camera_key"]
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)
    entities = {one.entity_id: one.unique_id for one in er.async_get(hass).entities.values()}
    person.user.devices[:] = [Device.of_camera(camera), lan_device("Garden", 2)]

    page = await person.sign_in()
    assert chosen_names(page) == {"Garden"}, "it moves only when it is chosen"
    label = next(label for label in options(page) if label.startswith("Porch"))
    assert label.endswith("moves here from (Local cameras)")
    entry = await person.finish(page, "Porch", "Garden")
    assert names(entry) == ["Garden", "Porch"]
    assert key in entry.data["cameras"]
    assert not local.subentries
    assert key not in local.runtime_data.vault.records
    assert entry.runtime_data.vault.records[key].camera.proven
    kept = {one.entity_id: one.unique_id for one in er.async_get(hass).entities.values()}
    assert entities.items() <= kept.items()
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)


@ON_THE_LAN
async def test_it_stays_where_it_is_unless_it_is_chosen(
    home: Home, person: Person, simulator: Simulator
) -> None:
    """Then the account's entry has nothing of it."""
    camera = simulator.cameras["porch"]
    local = await home.set_up()
    await home.add(camera.link)
    person.user.devices[:] = [Device.of_camera(camera)]
    entry = await person.finish(await person.sign_in(), *())
    assert entry.data["cameras"] == {}
    assert entry.data["ignored"] == []
    assert len(local.subentries) == 1


async def test_from_one_account_to_another(person: Person, cloud: FakeCloud) -> None:
    """A camera that was shared with somebody, for example."""
    first = await person.finish(await person.sign_in())
    key = next(key for key, kept in first.data["cameras"].items() if kept["name"] == "Porch")
    bob = cloud.add_user("bob@example.net", "tr0ub4dor", devices=list(person.user.devices))
    typed: dict[str, Any] = {"key_id": bob.key.key_id, "api_key": bob.key.api_key}
    page = await person.sign_in(email=bob.email, password="tr0ub4dor", **typed)
    assert chosen_names(page) == set()
    second = await person.finish(page, "Porch")
    assert names(first) == ["Garden"]
    assert names(second) == ["Porch"]
    assert key in second.data["cameras"]


async def test_two_windows_do_not_have_it_twice(hass: HomeAssistant, person: Person) -> None:
    """What was nobody's when the page was shown may be somebody's when it is submitted."""
    late = await person.sign_in(keep=False)
    late = await person.submit(late, cameras=values_of(late, ["Porch"]))
    assert late["step_id"] == "passphrase"
    first = await person.finish(await person.sign_in(), "Porch", "Garden")
    await person.submit(late)
    held = [item.mac_hash for item in all_cameras(hass)]
    assert len(held) == len(set(held)) == 2
    assert names(first) == ["Garden"]


async def test_a_camera_moves_here_by_reconfigure(hass: HomeAssistant, person: Person) -> None:
    """As at the first sign-in."""
    one_time = await person.finish(await person.sign_in(keep=False), "Porch")
    entry = await person.finish(await person.sign_in(), "Garden")
    assert names(entry) == ["Garden"]
    page = await reconfigured(person, entry)
    page = await person.submit(page, cameras=values_of(page, ["Porch", "Garden"]))
    assert page["reason"] == "reconfigure_successful"
    assert names(entry) == ["Garden", "Porch"]
    assert names(one_time) == []


@pytest.mark.parametrize("way", ["new", "known"])
async def test_what_could_not_move_is_told(hass: HomeAssistant, person: Person, way: str) -> None:
    """Which camera stayed, why, and what to do; a choice that works withdraws it."""
    one_time = await person.finish(await person.sign_in(keep=False), "Porch")
    if way == "new":
        page = await person.sign_in()
        page = await person.submit(page, cameras=values_of(page, ["Porch", "Garden"]))
        await hass.config_entries.async_unload(one_time.entry_id)
        result = await person.submit(page)
        entry = next(one for one in person.entries if one is not one_time)
        assert result["type"] is FlowResultType.CREATE_ENTRY
    else:
        entry = await person.finish(await person.sign_in(), "Garden")
        page = await reconfigured(person, entry)
        await hass.config_entries.async_unload(one_time.entry_id)
        await person.submit(page, cameras=values_of(page, ["Porch", "Garden"]))
    assert (names(one_time), names(entry)) == (["Porch"], ["Garden"])
    issues = ir.async_get(hass)
    issue = issues.async_get_issue("wyze_local", f"cameras_not_moved_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {"account": "m…@e…", "cameras": r"Porch \(not loaded\)"}

    await hass.config_entries.async_setup(one_time.entry_id)
    page = await reconfigured(person, entry)
    await person.submit(page, cameras=values_of(page, ["Porch", "Garden"]))
    assert (names(one_time), names(entry)) == ([], ["Garden", "Porch"])
    assert issues.async_get_issue("wyze_local", issue.issue_id) is None


async def reconfigured(person: Person, entry: ConfigEntry) -> dict[str, Any]:
    """Return the page that offers an account's cameras once more."""
    context: Any = {"source": "reconfigure", "entry_id": entry.entry_id}
    page: Any = await person.hass.config_entries.flow.async_init("wyze_local", context=context)
    return await person.sign_in(await person.choose(page, "account"))


@ON_THE_LAN
async def test_a_local_camera_without_keys_gets_them_on_the_way(
    home: Home, person: Person, simulator: Simulator
) -> None:
    """Its vault began anew; the account has the keys, and the camera stays the same."""
    camera = simulator.cameras["porch"]
    local = await home.set_up()
    subentry = await home.add(camera.link)
    await local.runtime_data.vault.async_start_over()
    person.user.devices[:] = [Device.of_camera(camera)]
    entry = await person.finish(await person.sign_in(), "Porch")
    assert list(entry.data["cameras"]) == [subentry.data["camera_key"]]
    assert not local.subentries
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)


@ON_THE_LAN
async def test_keys_that_were_found_are_used_although_the_camera_stays(
    hass: HomeAssistant, home: Home, person: Person, simulator: Simulator
) -> None:
    """There is no room for its network at the account: where it is it works again, and asks for no keys."""
    camera = simulator.cameras["porch"]
    local = await home.set_up()
    await home.add(camera.link)
    person.user.devices[:] = [lan_device("Garden", 2)]
    entry = await person.finish(await person.sign_in(), "Garden")
    full = [f"192.168.{number}.0/24" for number in range(MAX_NETWORKS)]
    hass.config_entries.async_update_entry(entry, options={**entry.options, "networks": full})
    await local.runtime_data.vault.async_start_over()
    assert await hass.config_entries.async_reload(local.entry_id)
    await hass.async_block_till_done()
    assert home.state("sensor.porch_connection") == "keys_missing"
    missing = f"camera_keys_missing_{local.entry_id}"
    assert ir.async_get(hass).async_get_issue("wyze_local", missing) is not None

    person.user.devices[:] = [Device.of_camera(camera), lan_device("Garden", 2)]
    page = await reconfigured(person, entry)
    await person.submit(page, cameras=values_of(page, ["Porch", "Garden"]))
    assert (len(local.subentries), names(entry)) == (1, ["Garden"])
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)
    assert ir.async_get(hass).async_get_issue("wyze_local", missing) is None
