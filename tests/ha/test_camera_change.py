"""Reconfiguring a camera: what is not typed is kept, and it never becomes another one."""

from dataclasses import replace
from typing import Any

import pytest

from homeassistant.data_entry_flow import FlowResultType

from custom_components.wyze_local.engine.model import Secret
from dev.simulator import CameraSpec, Simulator

from .rigging import Home, fields, suggested, wait_for


@pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("garden")]], indirect=True)
async def test_reconfigure(home: Home, simulator: Simulator) -> None:
    """A camera that moved gets its new address; entities and ids stay; another camera's keys are refused."""
    entry = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    token = entry.runtime_data.vault.records[subentry.data["camera_key"]].token
    flow = await home.camera_flow(subentry_id=subentry.subentry_id)
    assert suggested(flow)["name"] == "Porch"
    assert suggested(flow)["link"] is None
    result = await home.submit(flow, {"name": "Porch", "link": simulator.cameras["garden"].link})
    assert result["errors"] == {"base": "another_camera"}
    simulator.cameras["porch"].move("127.0.0.77")
    result = await home.submit(flow, {"name": "Front", "link": simulator.cameras["porch"].link})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    record = entry.runtime_data.vault.records[subentry.data["camera_key"]]
    assert record.token == token
    assert record.camera.credentials.address.reveal() == "127.0.0.77"
    await wait_for(lambda: home.state("camera.porch") == "idle")
    (changed,) = entry.subentries.values()
    assert changed.title == "Front"


async def test_a_new_address_needs_no_keys(home: Home, simulator: Simulator) -> None:
    """What stays empty stays as it is sealed, and none of it is shown."""
    entry = await home.set_up()
    camera = simulator.cameras["porch"]
    subentry = await home.add(camera.link)
    before = entry.runtime_data.vault.records[subentry.data["camera_key"]].camera.credentials
    flow = await home.camera_flow("change", subentry_id=subentry.subentry_id)
    assert {name: value for name, value in suggested(flow).items() if value is not None} == {
        "name": "Porch",
        "model": before.model,
        "port": before.port,
    }
    camera.move("127.0.0.77", before.port)
    result = await home.submit(flow, {"name": "Porch", "model": before.model, "port": before.port})
    assert result["reason"] == "reconfigure_successful", "only a name, so nothing is dialled"
    flow = await home.camera_flow("change", subentry_id=subentry.subentry_id)
    values = {"name": "Porch", "model": before.model, "port": before.port, "ip_address": "127.0.0.78"}
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "dial_not_here"}
    result = await home.submit(flow, values | {"ip_address": "127.0.0.77", "uid": "  "})
    assert result["reason"] == "reconfigure_successful"
    after = entry.runtime_data.vault.records[subentry.data["camera_key"]].camera
    assert after.credentials == replace(before, address=Secret("127.0.0.77"))
    assert after.proven
    await wait_for(lambda: home.state("camera.porch") == "idle")


@pytest.mark.usefixtures("unasked")
async def test_a_new_name_ends_no_picture(home: Home, simulator: Simulator) -> None:
    """A camera that sleeps can be renamed, nothing is dialled, and its stream is left alone."""
    entry = await home.set_up()
    camera = simulator.cameras["porch"]
    subentry = await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    record = entry.runtime_data.vault.records[subentry.data["camera_key"]]
    # Else the session of its first still would be dialled anew, for whoever may come back to it.
    await wait_for(lambda: not camera.sessions)
    camera.sleep()
    dials = camera.counters.dials
    flow = await home.camera_flow("change", subentry_id=subentry.subentry_id)
    result = await home.submit(flow, {"name": "Front", "model": subentry.data["model"]})
    assert result["reason"] == "reconfigure_successful"
    assert [one.title for one in entry.subentries.values()] == ["Front"]
    assert camera.counters.dials == dials
    assert entry.runtime_data.vault.records[subentry.data["camera_key"]] is record
    assert home.state("camera.porch") == "idle"


@pytest.mark.parametrize("simulator", [[CameraSpec("porch"), CameraSpec("garden")]], indirect=True)
async def test_a_change_never_makes_it_another_camera(home: Home, simulator: Simulator) -> None:
    """Another camera's hardware address is refused, and one that does not answer to a key is not saved."""
    entry = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    garden = fields(simulator.cameras["garden"].link)
    flow = await home.camera_flow("change", subentry_id=subentry.subentry_id)
    result = await home.submit(flow, {"name": "Porch", "mac": garden["mac"]})
    assert result["errors"] == {"base": "another_camera"}
    result = await home.submit(flow, {"name": "Porch", "mac": "?"})
    assert result["errors"] == {"mac": "mac_not_a_mac"}
    before = entry.runtime_data.vault.records[subentry.data["camera_key"]]
    result = await home.submit(flow, {"name": "Porch", "enr": garden["enr"]})
    # Its very first packets are signed with the key: to another one the camera keeps silent.
    assert result["errors"] == {"base": "dial_no_answer"}
    assert entry.runtime_data.vault.records[subentry.data["camera_key"]] == before


async def test_without_sealed_keys_there_is_nothing_to_keep(home: Home, simulator: Simulator) -> None:
    """A camera whose keys are lost asks for each of them, at its own field."""
    entry = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    await entry.runtime_data.vault.async_drop(subentry.data["camera_key"])
    flow = await home.camera_flow("change", subentry_id=subentry.subentry_id)
    typed = fields(simulator.cameras["porch"].link)
    values: dict[str, Any] = {"name": "Porch"}
    for field, error in (
        ("ip_address", "address_missing"),
        ("uid", "uid_missing"),
        ("enr", "enr_missing"),
        ("mac", "mac_missing"),
    ):
        result = await home.submit(flow, values)
        assert result["errors"] == {field: error}
        values[field] = typed[field]
    result = await home.submit(flow, values | {"port": typed["port"]})
    assert result["reason"] == "reconfigure_successful"
