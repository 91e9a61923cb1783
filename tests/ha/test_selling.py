"""A camera that is prepared for sale: nothing of it stays here, and nothing brings it back by itself."""

import gc
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from homeassistant.auth.models import User
from homeassistant.components.camera import async_get_image
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wyze_local.cameras import camera_items
from custom_components.wyze_local.engine.vault import KeyPlaces, Vault
from dev.simulator import CameraSpec, Simulator
from dev.simulator.cloud import Device, FakeCloud

from .account_rig import House, account_entry, key_of, let_guests_leave, make_house, own_host
from .rigging import DOMAIN, Home, view, wait_for

PORT = 32761
"""Where the vendor's list has all cameras listen: it tells no port."""
TWO = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", host=own_host(), port=PORT), CameraSpec("attic")]], indirect=True
)
ACTION = "prepare_for_sale"


@pytest.fixture
async def house(hass: HomeAssistant, home: Home, simulator: Simulator) -> AsyncIterator[House]:
    """Run a person's account that has the porch camera."""
    let_guests_leave(hass)
    async with FakeCloud() as cloud:
        house = await make_house(hass, home, simulator, cloud)
        await house.start()
        yield house


def key_file(hass: HomeAssistant) -> Path:
    """Return the key file of the vaults."""
    return Path(hass.config.cache_path(DOMAIN, "key"))


def sealed(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return what both versions of an entry's vault hold, as text; the newer one is spoilt by that."""
    path = Path(hass.config.path(".storage", f"{DOMAIN}.vault.{entry.data['vault_id']}"))
    found = []
    for version in range(2):
        loaded = Vault(path, KeyPlaces.at(key_file(hass)), entry.data["vault_id"]).load()
        assert loaded.recovered is bool(version)
        found.append(str(loaded.payload))
        path.write_bytes(b"{}")
    return found


def device_of(hass: HomeAssistant, entry: ConfigEntry, camera_key: str) -> str:
    """Return the id of a camera's device."""
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, camera_key), entry.entry_id)
    assert device is not None
    return device.id


async def sell(hass: HomeAssistant, device_id: str, *, confirm: bool = True, **options: Any) -> Any:
    """Call the action as an administrator does."""
    call = {"device_id": device_id, "confirm": confirm}
    options = {"return_response": True} | options
    return await hass.services.async_call(DOMAIN, ACTION, call, blocking=True, **options)


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
    """Open the page of an account on which a camera is prepared for sale."""
    manager = hass.config_entries.flow
    context: Any = {"source": "reconfigure", "entry_id": entry.entry_id}
    menu = await manager.async_init(DOMAIN, context=context)
    assert menu["type"] is FlowResultType.MENU
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": "sell"}))


async def test_nothing_of_a_local_camera_stays(
    hass: HomeAssistant, home: Home, porch: Any, hass_client: ClientSessionGenerator
) -> None:
    """It sends nobody anything; keys, still, entities and device go; a repair says what is left to do."""
    await async_setup_component(hass, "repairs", {})
    client = await hass_client()
    (subentry,) = home.entry.subentries.values()
    key = subentry.data["camera_key"]
    coordinator = home.entry.runtime_data.coordinator
    await async_get_image(hass, "camera.porch")
    stills = weakref.ref(coordinator.stills(key))
    viewer = await view(coordinator.server.restream_url(key).reveal())
    await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
    flow = await home.camera_flow("sell", subentry_id=subentry.subentry_id)
    page = await home.submit(flow, {"confirm": False})
    assert page["errors"] == {"base": "sale_not_confirmed"}
    assert home.state("camera.porch") == "streaming", "nothing happens by a slip"
    page = await home.submit(flow, {"confirm": True})
    assert page["reason"] == "sold"
    await wait_for(lambda: not porch.sessions)
    viewer.kill()
    await viewer.wait()
    assert not home.entry.subentries
    assert home.state("camera.porch") is None
    assert not er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), home.entry.entry_id)
    assert key not in coordinator.shared.relaying.cameras
    assert key not in coordinator.server.cameras
    gc.collect()
    assert stills() is None
    for payload in sealed(hass, home.entry):
        assert porch.enr not in payload
        assert porch.spec.uid not in payload

    issue = {"handler": DOMAIN, "issue_id": f"camera_sold_{key}"}
    page = await (await client.post("/api/repairs/issues/fix", json=issue)).json()
    assert page["step_id"] == "left"
    assert page["description_placeholders"] == {"name": "Porch"}
    done = await (await client.post(f"/api/repairs/issues/fix/{page['flow_id']}", json={})).json()
    assert done["type"] == "create_entry"
    assert not ir.async_get(hass).issues


@TWO
async def test_an_account_does_not_take_it_in_again(house: House) -> None:
    """It still lists the camera, which still answers to its key; that is not enough any more."""
    hass, entry = house.hass, house.entry
    page = await reconfigure(hass, entry)
    key = key_of(entry, "Porch")
    hashed = entry.data["cameras"][key]["mac_hash"]
    choice = {"camera": key, "confirm": False}
    page = dict(await hass.config_entries.flow.async_configure(page["flow_id"], choice))
    assert page["errors"] == {"base": "sale_not_confirmed"}
    choice["confirm"] = True
    page = dict(await hass.config_entries.flow.async_configure(page["flow_id"], choice))
    assert page["reason"] == "sold"
    await hass.async_block_till_done()
    assert house.home.state("camera.porch") is None
    dials = house.camera.counters.dials
    await house.ask()
    assert entry.data["cameras"] == {}
    assert entry.runtime_data.account.data.counts.waiting == 0
    assert house.camera.counters.dials == dials
    assert hashed in entry.data["ignored"], "also where the vault's memory is lost"
    assert all(house.camera.enr not in payload for payload in sealed(hass, entry))
    assert (await reconfigure(hass, entry))["reason"] == "no_cameras"


@TWO
async def test_no_other_entrys_account_takes_it_in_either(house: House, simulator: Simulator) -> None:
    """A local camera that an account knows too would join it as soon as nobody has it any more."""
    attic = simulator.cameras["attic"]
    other = await account_entry(house.hass, [attic])
    assert await house.hass.config_entries.async_setup(other.entry_id)
    house.user.devices.append(Device.of_camera(attic, "Attic"))
    await house.ask()
    (kept,) = camera_items(other)
    await sell(house.hass, device_of(house.hass, other, key_of(other, "Attic")))
    await house.hass.async_block_till_done()
    await house.ask()
    assert house.entry.runtime_data.account.data.counts.waiting == 0
    assert {one["name"] for one in house.entry.data["cameras"].values()} == {"Porch"}
    assert kept.mac_hash in house.entry.data["ignored"], "also where the vault's memory is lost"


@TWO
async def test_by_an_action_for_one_camera(
    hass: HomeAssistant, home: Home, simulator: Simulator, hass_read_only_user: User
) -> None:
    """It has to be confirmed, by an administrator, for a camera; the other one stays as it is."""
    entry = await account_entry(hass, simulator.cameras.values())
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: home.state("camera.attic") == "idle")
    device_id = device_of(hass, entry, key_of(entry, "Porch"))
    with pytest.raises(ServiceValidationError) as caught:
        await sell(hass, device_id, confirm=False)
    assert caught.value.translation_key == "sale_not_confirmed"
    with pytest.raises(ServiceValidationError) as caught:
        await sell(hass, "no such device")
    assert caught.value.translation_key == "no_camera_chosen"
    with pytest.raises(Unauthorized):
        await sell(hass, device_id, context=Context(user_id=hass_read_only_user.id))
    assert len(entry.data["cameras"]) == 2
    assert await sell(hass, device_id) == {
        "name": "Porch",
        "left_to_do": ["remove_in_app", "factory_reset", "take_card_out"],
    }
    await hass.async_block_till_done()
    assert [kept["name"] for kept in entry.data["cameras"].values()] == ["Attic"]
    assert home.state("camera.attic") == "idle"
    assert dr.async_get(hass).async_get(device_id) is None
    with pytest.raises(ServiceValidationError):
        await sell(hass, device_id)


async def test_keys_that_cannot_be_erased_keep_the_camera(
    hass: HomeAssistant, home: Home, porch: Any
) -> None:
    """Nobody gets a camera whose keys are still here; the reason is told, whichever way it was asked."""
    (subentry,) = home.entry.subentries.values()
    key_file(hass).chmod(0o644)
    flow = await home.camera_flow("sell", subentry_id=subentry.subentry_id)
    page = await home.submit(flow, {"confirm": True})
    assert page["errors"] == {"base": "vault_key_mode_too_wide"}
    with pytest.raises(HomeAssistantError) as caught:
        await sell(hass, device_of(hass, home.entry, subentry.data["camera_key"]))
    assert caught.value.translation_key == "keys_not_erased"
    assert home.state("camera.porch") == "idle"
    assert home.entry.subentries
    assert not ir.async_get(hass).issues
    key_file(hass).chmod(0o600)
    page = await home.submit(flow, {"confirm": True})
    assert page["reason"] == "sold"


async def test_one_that_was_fetched_once(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """Of the account nothing was kept, and nothing of it is asked for."""
    entry = await account_entry(hass, simulator.cameras.values())
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    page = await reconfigure(hass, entry)
    choice = {"camera": key_of(entry, "Porch"), "confirm": True}
    page = dict(await hass.config_entries.flow.async_configure(page["flow_id"], choice))
    assert page["reason"] == "sold"
    await hass.async_block_till_done()
    assert home.state("camera.porch") is None
