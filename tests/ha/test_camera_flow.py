"""Adding a camera: it is dialled before it is saved, and every failure keeps what was typed."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.wyze_local.engine.model import Secret
from custom_components.wyze_local.engine.vault import Vault
from dev.simulator import CameraSpec, Simulator

from .rigging import Home, wait_for


def fields(link: str, **changes: Any) -> dict[str, Any]:
    """Return a link's parts as the form's fields."""
    parts = urlsplit(link)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    values: dict[str, Any] = {
        "name": "Porch",
        "ip_address": parts.hostname,
        "uid": query["uid"],
        "enr": query["enr"],
        "mac": query["mac"],
        "model": query.get("model", ""),
        "port": parts.port or 32761,
    }
    return values | changes


async def test_add_by_link(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """A pasted link becomes a device with a camera that is ready; the entry holds no key."""
    entry = await home.set_up()
    link = simulator.cameras["porch"].link
    subentry = await home.add(link)
    assert subentry.title == "Porch"
    assert set(subentry.data) == {"camera_key", "mac_hash", "model"}
    await wait_for(lambda: home.state("camera.porch") == "idle")
    assert home.state("sensor.porch_connection") == "ready"
    assert entry.runtime_data.vault.records[subentry.data["camera_key"]].camera.proven


async def test_add_by_fields(home: Home, simulator: Simulator) -> None:
    """Typed fields do the same; separators in the mac are fine."""
    await home.set_up()
    values = fields(simulator.cameras["porch"].link)
    values["mac"] = ":".join(values["mac"][i : i + 2] for i in range(0, 12, 2)).lower()
    result = await home.submit(await home.camera_flow("fields"), values)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "   "}, {"name": "name_missing"}),
        ({"name": "x" * 10_000}, {"name": "name_too_long"}),
        ({"name": "Po\u202erch"}, {"name": "name_illegal_characters"}),
        ({"name": "two\nlines"}, {"name": "name_illegal_characters"}),
        ({"ip_address": "camera.local"}, {"ip_address": "address_not_an_address"}),
        ({"ip_address": "localhost"}, {"ip_address": "address_not_an_address"}),
        ({"ip_address": "127.0.0.1#timeout=1"}, {"ip_address": "address_not_an_address"}),
        ({"ip_address": "::1"}, {"ip_address": "address_not_an_address"}),
        ({"uid": "SHORT"}, {"uid": "uid_not_a_uid"}),
        ({"uid": "ABCDEFGHIJKLMNOPQR&x"}, {"uid": "uid_not_a_uid"}),
        ({"uid": "A" * 10_000}, {"uid": "uid_too_long"}),
        ({"enr": "exec:/bin/sh -c id>"}, {"enr": "enr_not_an_enr"}),
        ({"enr": "${HOME}aaaaaaaaaaaaaaa"}, {"enr": "enr_not_an_enr"}),
        ({"enr": "aaaaaaaa\naaaaaaaaaaa"}, {"enr": "enr_illegal_characters"}),
        ({"enr": "aaaaaaaa#aaaaaaaaaaa"}, {"enr": "enr_not_an_enr"}),
        ({"mac": "not a mac"}, {"mac": "mac_not_a_mac"}),
        ({"mac": "\u200f112233445566"}, {"mac": "mac_illegal_characters"}),
        ({"model": "WYZE#exec"}, {"model": "model_not_a_model"}),
    ],
)
async def test_bad_fields(
    home: Home, simulator: Simulator, changes: dict[str, Any], error: dict[str, str]
) -> None:
    """Every wrong value has its own message, nothing is dialled, and a good value mends it."""
    await home.set_up()
    flow = await home.camera_flow("fields")
    good = fields(simulator.cameras["porch"].link)
    result = await home.submit(flow, good | changes)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == error
    assert suggested(result)["ip_address"] == (good | changes)["ip_address"]
    assert simulator.cameras["porch"].counters.handshakes == 0
    result = await home.submit(flow, good)
    assert result["type"] is FlowResultType.CREATE_ENTRY


def suggested(result: dict[str, Any]) -> dict[str, Any]:
    """Return what a form shows in its fields."""
    return {str(key): (key.description or {}).get("suggested_value") for key in result["data_schema"].schema}


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("porch", "link_not_a_link"),
        ("rtsp://127.0.0.1/x", "link_not_wyze"),
        ("exec:/bin/sh", "link_not_a_link"),
        ("wyze://user:word@127.0.0.1?uid=A", "link_user_info_not_allowed"),
        ("wyze://127.0.0.1?uid=A#exec", "link_fragment_not_allowed"),
        ("wyze://127.0.0.1?enr=0123456789abcdef&mac=AABBCCDDEEFF", "uid_missing"),
        (
            "wyze://camera.local?uid=ABCDEFGHIJKLMNOPQRST&enr=0123456789abcdef&mac=AABBCCDDEEFF",
            "address_not_an_address",
        ),
        ("wyze://127.0.0.1?" + "a" * 10_000, "link_too_long"),
        ("wyze://127.0.0.1?uid=A\nB", "link_not_a_link"),
    ],
)
async def test_bad_links(home: Home, link: str, error: str) -> None:
    """Each malformed link has its own message, shown at the link's field."""
    await home.set_up()
    result = await home.submit(await home.camera_flow(), {"name": "Porch", "link": link})
    assert result["errors"] == {"link": error}
    assert suggested(result)["link"] == link


async def test_wrong_key(home: Home, simulator: Simulator) -> None:
    """A camera that answers but not to this key says so."""
    await home.set_up()
    camera = simulator.cameras["porch"]
    camera.change_key()
    flow = await home.camera_flow()
    result = await home.submit(flow, {"name": "Porch", "link": camera.link})
    assert result["errors"] == {"base": "dial_wrong_key"}
    assert "save_unproven" not in suggested(result)
    assert not home.entry.subentries
    camera.resume()
    result = await home.submit(flow, {"name": "Porch", "link": camera.link})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_wrong_address(home: Home, simulator: Simulator) -> None:
    """An address where nothing listens is told apart from a camera that is silent."""
    await home.set_up()
    camera = simulator.cameras["porch"]
    flow = await home.camera_flow("fields")
    result = await home.submit(flow, fields(camera.link, ip_address="127.0.0.99"))
    assert result["errors"] == {"base": "dial_unreachable"}
    result = await home.submit(flow, fields(camera.link))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_already_added(home: Home, simulator: Simulator) -> None:
    """The same camera is not taken twice, and the message names the one that is there."""
    await home.set_up()
    link = simulator.cameras["porch"].link
    await home.add(link)
    result = await home.submit(await home.camera_flow(), {"name": "Again", "link": link})
    assert result["errors"] == {"base": "already_added"}
    assert result["description_placeholders"]["name"] == "Porch"
    assert len(home.entry.subentries) == 1


async def test_outside_the_camera_networks(home: Home, simulator: Simulator) -> None:
    """An address outside is not dialled; the box adds its network and the camera with it."""
    await home.set_up("192.0.2.0/24")
    camera = simulator.cameras["porch"]
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": camera.link}
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "address_outside"}
    assert camera.counters.dials == 0
    result = await home.submit(flow, values | {"add_network": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "127.0.0.0/24" in home.entry.options["networks"]


@pytest.mark.parametrize(
    "address", ["224.0.0.1", "239.255.255.250", "240.1.2.3", "255.255.255.255", "0.1.2.3"]
)
@pytest.mark.parametrize("way", ["link", "fields"])
async def test_an_address_where_no_camera_can_be(
    home: Home, simulator: Simulator, address: str, way: str
) -> None:
    """It is named, its network is not offered, what was typed stays, and a good address mends it."""
    await home.set_up()
    link = simulator.cameras["porch"].link
    if way == "link":
        bad = {"name": "Porch", "link": link.replace(str(urlsplit(link).hostname), address)}
        good = {"name": "Porch", "link": link}
    else:
        bad, good = fields(link, ip_address=address), fields(link)
    flow = await home.camera_flow(way)
    result = await home.submit(flow, bad)
    assert result["errors"] == {"base": "address_not_for_cameras"}
    assert "add_network" not in suggested(result)
    assert suggested(result).items() >= bad.items()
    result = await home.submit(flow, good)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_there_is_no_room_for_another_network(home: Home, simulator: Simulator) -> None:
    """The thirty-third network is not offered; the message says why."""
    await home.set_up(*(f"10.0.{number}.0/24" for number in range(32)))
    result = await home.submit(
        await home.camera_flow(), {"name": "Porch", "link": simulator.cameras["porch"].link}
    )
    assert result["errors"] == {"base": "networks_full"}
    assert "add_network" not in suggested(result)


async def test_a_network_is_added_with_its_camera_or_not_at_all(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """Neither a dial nor a save that fails leaves a wider list behind; the tick stays for the next try."""
    entry = await home.set_up("192.0.2.0/24")
    camera = simulator.cameras["porch"]
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": camera.link, "add_network": True}
    await home.submit(flow, {"name": "Porch", "link": camera.link})
    camera.sleep()
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "dial_no_answer"}
    assert suggested(result)["add_network"] is True
    assert entry.options["networks"] == ["192.0.2.0/24"]
    camera.resume()
    key = Path(hass.config.cache_path("wyze_local", "key"))
    key.chmod(0o644)
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "vault_key_mode_too_wide"}
    assert entry.options["networks"] == ["192.0.2.0/24"]
    key.chmod(0o600)
    result = await home.submit(flow, values)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["networks"] == ["192.0.2.0/24", "127.0.0.0/24"]
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_a_tick_is_for_the_network_beside_it(home: Home, simulator: Simulator) -> None:
    """Whoever types another address after the tick is asked again, for that one's network."""
    entry = await home.set_up("192.0.2.0/24")
    camera = simulator.cameras["porch"]
    flow = await home.camera_flow("fields")
    await home.submit(flow, fields(camera.link, ip_address="198.51.100.7"))
    result = await home.submit(flow, fields(camera.link, add_network=True))
    assert result["errors"] == {"base": "address_outside"}
    assert result["description_placeholders"]["network"] == "127.0.0.0/24"
    assert suggested(result)["add_network"] is False
    assert camera.counters.dials == 0
    result = await home.submit(flow, fields(camera.link, add_network=True))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["networks"] == ["192.0.2.0/24", "127.0.0.0/24"]


async def test_two_windows_add_the_same_camera_once(home: Home, simulator: Simulator) -> None:
    """Whoever saves second is told; no second set of keys is sealed."""
    entry = await home.set_up()
    values = {"name": "Porch", "link": simulator.cameras["porch"].link}
    windows = [await home.camera_flow(), await home.camera_flow()]
    results = await asyncio.gather(*(home.submit(window, values) for window in windows))
    (late,) = [result for result in results if result["type"] is not FlowResultType.CREATE_ENTRY]
    assert (late["type"], late["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert len(entry.subentries) == len(entry.runtime_data.vault.records) == 1


async def test_an_entry_that_went_away_during_the_form(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """What was typed stays until the entry is back."""
    entry = await home.set_up()
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": simulator.cameras["porch"].link}
    assert await hass.config_entries.async_unload(entry.entry_id)
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "entry_not_loaded"}
    assert suggested(result)["link"] == values["link"]
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await home.submit(flow, values)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_asleep_may_be_saved_unproven_after_the_second_try(home: Home, simulator: Simulator) -> None:
    """A camera that gives no answer is offered to be kept, and is shown as not proven until it answers."""
    entry = await home.set_up()
    camera = simulator.cameras["porch"]
    camera.sleep()
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": camera.link}
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "dial_no_answer"}
    assert "save_unproven" not in suggested(result)
    result = await home.submit(flow, values)
    assert "save_unproven" in suggested(result)
    result = await home.submit(flow, values | {"save_unproven": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await wait_for(lambda: home.state("sensor.porch_connection") == "unproven", 15)
    assert home.state("camera.porch") == "unavailable"
    camera.resume()
    (record,) = entry.runtime_data.vault.records.values()
    entry.runtime_data.coordinator._checks.soon(record.camera.key)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 15)
    await wait_for(lambda: next(iter(entry.runtime_data.vault.records.values())).camera.proven)


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
    assert result["errors"] == {"base": "dial_unreachable"}
    result = await home.submit(flow, values | {"ip_address": "127.0.0.77", "uid": "  "})
    assert result["reason"] == "reconfigure_successful"
    after = entry.runtime_data.vault.records[subentry.data["camera_key"]].camera
    assert after.credentials == replace(before, address=Secret("127.0.0.77"))
    assert after.proven
    await wait_for(lambda: home.state("camera.porch") == "idle")


async def test_a_new_name_ends_no_picture(home: Home, simulator: Simulator) -> None:
    """A camera that sleeps can be renamed, nothing is dialled, and its stream is left alone."""
    entry = await home.set_up()
    camera = simulator.cameras["porch"]
    subentry = await home.add(camera.link)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    record = entry.runtime_data.vault.records[subentry.data["camera_key"]]
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


async def test_removing_a_camera_removes_stream_and_keys(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """What was removed leaves nothing: no entity, no stream, no record."""
    entry = await home.set_up()
    subentry = await home.add(simulator.cameras["porch"].link)
    coordinator = entry.runtime_data.coordinator
    camera_key = subentry.data["camera_key"]
    assert camera_key in await coordinator.server.streams()
    hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    await hass.async_block_till_done()
    assert camera_key not in entry.runtime_data.vault.records
    assert camera_key not in await coordinator.server.streams()
    assert home.state("camera.porch") is None
    vault_id, key = entry.data["vault_id"], Path(hass.config.cache_path("wyze_local", "key"))
    files = sorted(Path(hass.config.path(".storage")).glob("wyze_local.vault.*"))
    assert len(files) == 2, "the vault and its previous version"
    for file in files:
        assert Vault(file, key, vault_id).load().payload["cameras"] == []


async def test_the_vault_can_fail_while_saving(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """A disk that refuses is named, nothing is half saved, and the same form works afterwards."""
    entry = await home.set_up()
    key = Path(hass.config.cache_path("wyze_local", "key"))
    content = key.read_text()
    key.chmod(0o640)
    flow = await home.camera_flow()
    values = {"name": "Porch", "link": simulator.cameras["porch"].link}
    result = await home.submit(flow, values)
    assert result["errors"] == {"base": "vault_key_mode_too_wide"}
    assert not entry.subentries
    key.chmod(0o600)
    assert key.read_text() == content
    result = await home.submit(flow, values)
    assert result["type"] is FlowResultType.CREATE_ENTRY
