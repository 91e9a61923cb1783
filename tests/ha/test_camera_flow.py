"""Adding a camera: it is dialled before it is saved, and every failure keeps what was typed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.wyze_local.engine.vault import KeyPlaces, Vault
from dev.simulator import Simulator

from .rigging import Home, fields, suggested, wait_for


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
    assert result["errors"] == {"base": "dial_not_here"}
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
        assert Vault(file, KeyPlaces.at(key), vault_id).load().payload["cameras"] == []


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
