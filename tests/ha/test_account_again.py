"""Signing in once more: after a mass log-out, for another key, for lost keys, to fetch keys again."""

from pathlib import Path
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.wyze_local.engine.model import Secret
from dev.simulator import Simulator
from dev.simulator.cloud import Device, Factor, FakeCloud, User, make_key

from .account_flow_rig import (
    PASSWORD,
    Person,
    chosen_names,
    cloud,
    lan_device,
    lan_spec,
    options,
    person,
    values_of,
)
from .rigging import DOMAIN, Home, view, wait_for

__all__ = ["cloud", "person"]

ON_THE_LAN = pytest.mark.parametrize("simulator", [[lan_spec("porch", 1)]], indirect=True)


async def reauth(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
    """Return the page that asks to sign in again, as a notification opens it."""
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    flow = next(
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == "reauth"
    )
    return dict(await hass.config_entries.flow.async_configure(flow["flow_id"]))


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
    """Open Reconfigure of an entry."""
    context = ConfigFlowContext(source="reconfigure", entry_id=entry.entry_id)
    return dict(await hass.config_entries.flow.async_init(DOMAIN, context=context))


def bob_of(cloud: FakeCloud, *devices: Device) -> tuple[User, dict[str, Any]]:
    """Return another person, and what they type."""
    bob = cloud.add_user("bob@example.net", "tr0ub4dor", devices=list(devices))
    typed = {"email": bob.email, "password": "tr0ub4dor"}
    return bob, typed | {"key_id": bob.key.key_id, "api_key": bob.key.api_key}


async def test_after_a_mass_log_out(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """The password is enough: e-mail and key are sealed, and whose account it is shows masked."""
    entry = await person.finish(await person.sign_in())
    before = dict(entry.data)
    cloud.invalidate()
    page = await reauth(hass, entry)
    assert page["step_id"] == "reauth_confirm"
    assert [str(marker) for marker in page["data_schema"].schema] == ["password"]
    assert page["description_placeholders"]["email"] == "m…@e…"
    result = await person.submit(page, password=PASSWORD)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    account = entry.runtime_data.vault.account
    assert account.tokens.access.reveal() == cloud.tokens.given[-1].access
    assert account.key.api_key.reveal() == person.user.key.api_key
    assert entry.data == before
    phones = {call.fields for call in cloud.calls("login")}
    assert len(phones) == 1


@ON_THE_LAN
async def test_nobodys_picture_ends_for_it(
    hass: HomeAssistant, home: Home, person: Person, simulator: Simulator
) -> None:
    """Whoever watches goes on watching, on the same connection to the camera, before and after."""
    camera = simulator.cameras["porch"]
    person.user.devices[:] = [Device.of_camera(camera)]
    entry = await person.finish(await person.sign_in())
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)
    vault = entry.runtime_data.vault
    await wait_for(lambda: all(record.camera.proven for record in vault.records.values()))
    (record,) = vault.records.values()
    shared = entry.runtime_data.shared
    viewer = await view(shared.relaying.source(record.camera.key).reveal())
    try:
        await wait_for(lambda: home.state("camera.porch") == "streaming", 15)
        dials, data = camera.counters.dials, entry.runtime_data
        person.cloud.invalidate()
        page = await reauth(hass, entry)
        result = await person.submit(page, password=PASSWORD)
        assert result["reason"] == "reauth_successful"
        assert entry.state is ConfigEntryState.LOADED
        assert entry.runtime_data is data, "nothing was reloaded"
        assert home.state("camera.porch") == "streaming"
        assert viewer.returncode is None
        assert camera.counters.dials == dials
    finally:
        viewer.kill()
        await viewer.wait()


@pytest.mark.parametrize("person", [(Factor.TOTP,)], indirect=True)
async def test_with_a_second_factor(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """It is asked for as at the first time."""
    page = await person.sign_in()
    entry = await person.finish(await person.submit(page, code=cloud.code(person.user)))
    cloud.invalidate()
    person.user.last_step = -1
    page = await person.submit(await reauth(hass, entry), password=PASSWORD)
    assert page["step_id"] == "totp"
    result = await person.submit(page, code=cloud.code(person.user))
    assert result["reason"] == "reauth_successful"


async def test_the_key_is_asked_for_when_it_is_the_trouble(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """Then, and not before; the password need not be typed again."""
    cloud.world.explains = True
    entry = await person.finish(await person.sign_in())
    person.user.key.expired = True
    person.user.keys.append(make_key())
    cloud.invalidate()
    page = await person.submit(await reauth(hass, entry), password=PASSWORD)
    assert page["errors"] == {"base": "cloud_key_expired"}
    assert {str(marker) for marker in page["data_schema"].schema} == {"password", "key_id", "api_key"}
    person.user.failures.clear()
    key = person.user.key
    result = await person.submit(page, key_id=key.key_id, api_key=key.api_key)
    assert result["reason"] == "reauth_successful"
    assert entry.runtime_data.vault.account.key.api_key.reveal() == key.api_key


async def test_another_account_is_refused(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """Not even with the same cameras: the user id is what counts, and nothing changes."""
    entry = await person.finish(await person.sign_in())
    vault = entry.runtime_data.vault
    _, typed = bob_of(cloud, *person.user.devices)
    before = vault.account
    page = await person.choose(await reconfigure(hass, entry), "account")
    assert "keep" not in {str(marker) for marker in page["data_schema"].schema}
    result = await person.submit(page, **typed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "another_account")
    assert vault.account is before

    # The e-mail that was sealed may lead to another person one day.
    cloud.invalidate()
    person.user.user_id = "f" * 32
    result = await person.submit(await reauth(hass, entry), password=PASSWORD)
    assert result["reason"] == "another_account"
    assert vault.account is before


async def test_another_key_only(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """The vendor judges it; cameras and options are not asked about."""
    cloud.world.explains = True
    entry = await person.finish(await person.sign_in())
    menu = await reconfigure(hass, entry)
    assert menu["menu_options"] == ["motion_of", "account", "key", "sell"]
    page = await person.choose(menu, "key")
    assert {str(marker) for marker in page["data_schema"].schema} == {"password", "key_id", "api_key"}
    page = await person.submit(page, password=PASSWORD, key_id="a", api_key="b")
    assert page["errors"] == {"base": "cloud_bad_key"}
    person.user.keys.append(make_key())
    key = person.user.key
    result = await person.submit(page, password=PASSWORD, key_id=key.key_id, api_key=key.api_key)
    assert result["reason"] == "reconfigure_successful"
    assert entry.runtime_data.vault.account.key.key_id.reveal() == key.key_id


async def test_choosing_cameras_again(hass: HomeAssistant, person: Person) -> None:
    """What is here is chosen; one comes, one goes; the options stay, and so does what is not listed now."""
    person.user.devices.append(lan_device("Attic", 3))
    entry = await person.finish(await person.sign_in(), "Porch", "Garden")
    keys = {kept["name"]: key for key, kept in entry.data["cameras"].items()}
    hass.config_entries.async_update_entry(entry, options={"networks": ["192.0.2.0/24"]})
    gone = person.user.devices.pop(0)
    page = await person.choose(await reconfigure(hass, entry), "account")
    page = await person.sign_in(page)
    assert chosen_names(page) == {"Garden"}, "one that was refused stays refused"
    result = await person.submit(page, cameras=values_of(page, ["Attic"]))
    assert result["reason"] == "reconfigure_successful"
    names = {kept["name"]: key for key, kept in entry.data["cameras"].items()}
    assert set(names) == {"Attic", "Porch"}, "a list that leaves a camera out removes nothing"
    assert names["Porch"] == keys["Porch"]
    assert entry.options == {"networks": ["192.0.2.0/24"]}
    await wait_for(lambda: entry.runtime_data.vault.records.keys() == set(names.values()))
    assert gone.nickname == "Porch"


async def test_keys_are_fetched_again(hass: HomeAssistant, person: Person, cloud: FakeCloud) -> None:
    """A one-time entry asks for everything, keeps again nothing of the account, and takes the new keys."""
    entry = await person.finish(await person.sign_in(keep=False))
    keys = {kept["name"]: key for key, kept in entry.data["cameras"].items()}
    person.user.device("Porch").enr = "aNewKeyForPorch0"
    page = await person.choose(await reconfigure(hass, entry), "fetch")
    assert page["step_id"] == "fetch"
    page = await person.sign_in(page)
    assert chosen_names(page) == {"Porch", "Garden"}
    result = await person.submit(page, cameras=list(options(page).values()))
    assert result["reason"] == "reconfigure_successful"
    vault = entry.runtime_data.vault
    assert vault.account is None
    assert {kept["name"]: key for key, kept in entry.data["cameras"].items()} == keys
    assert vault.records[keys["Porch"]].camera.credentials.enr == Secret("aNewKeyForPorch0")
    assert not vault.records[keys["Porch"]].camera.proven


@ON_THE_LAN
@pytest.mark.parametrize("keep", [True, False])
async def test_keys_that_work_give_way_to_no_list(
    hass: HomeAssistant, home: Home, person: Person, simulator: Simulator, keep: bool
) -> None:
    """A camera that is well by its keys keeps them, whatever the vendor tells of it meanwhile."""
    camera = simulator.cameras["porch"]
    device = Device.of_camera(camera)
    person.user.devices[:] = [device]
    entry = await person.finish(await person.sign_in(keep=keep))
    await wait_for(lambda: home.state("camera.porch") == "idle", 20)
    vault = entry.runtime_data.vault
    await wait_for(lambda: all(record.camera.proven for record in vault.records.values()))
    before = dict(vault.records)
    device.enr, device.ip = "somebody elses k"[:16].replace(" ", "_"), "127.9.9.9"
    page = await reconfigure(hass, entry)
    page = await person.choose(page, "account" if keep else "fetch")
    page = await person.sign_in(page)
    page = await person.submit(page, cameras=list(options(page).values()))
    assert page["reason"] == "reconfigure_successful"
    assert dict(vault.records) == before
    assert home.state("camera.porch") == "idle"


async def test_nobody_is_asked_any_more_once_it_is_done(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """A sign-in by another way ends the request to sign in again."""
    entry = await person.finish(await person.sign_in())
    await reauth(hass, entry)
    page = await person.sign_in()
    assert page["reason"] == "already_configured"
    assert not hass.config_entries.flow.async_progress()
    await reauth(hass, entry)
    page = await person.choose(await reconfigure(hass, entry), "key")
    key = {"key_id": person.user.key.key_id, "api_key": person.user.key.api_key}
    page = await person.submit(page, password=PASSWORD, **key)
    assert page["reason"] == "reconfigure_successful"
    assert not hass.config_entries.flow.async_progress()


async def test_keys_are_not_fetched_from_another_account(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """One that shows none of the cameras is refused."""
    entry = await person.finish(await person.sign_in(keep=False))
    before = dict(entry.data)
    _, typed = bob_of(cloud, lan_device("Attic", 9))
    page = await person.choose(await reconfigure(hass, entry), "fetch")
    result = await person.submit(page, **typed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_overlap")
    assert entry.data == before


@pytest.mark.parametrize("keep", [True, False])
async def test_a_lost_key_costs_one_sign_in(hass: HomeAssistant, person: Person, keep: bool) -> None:
    """The vault begins anew; the cameras are known by their keyed hash, so all their ids stay."""
    entry = await person.finish(await person.sign_in(keep=keep))
    keys = set(entry.data["cameras"])
    devices, entities = ids(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    key.unlink()
    await hass.config_entries.async_setup(entry.entry_id)
    await entry.runtime_data.vault.async_start_over()
    await hass.config_entries.async_reload(entry.entry_id)
    assert not entry.runtime_data.vault.records

    page = await (reauth(hass, entry) if keep else reconfigure(hass, entry))
    page = page if keep else await person.choose(page, "fetch")
    assert page["step_id"] == ("account" if keep else "fetch"), "nothing is known but whose it was"
    page = await person.sign_in(page)
    if not keep:
        page = await person.submit(page, cameras=list(options(page).values()))
    assert page["reason"] == ("reauth_successful" if keep else "reconfigure_successful")
    vault = entry.runtime_data.vault
    assert vault.records.keys() == keys == entry.data["cameras"].keys()
    assert (vault.account is not None) is keep
    assert ids(hass, entry) == (devices, entities)


async def test_a_lost_key_takes_no_other_account(
    hass: HomeAssistant, person: Person, cloud: FakeCloud
) -> None:
    """Whose account it was is known even then."""
    entry = await person.finish(await person.sign_in())
    await entry.runtime_data.vault.async_start_over()
    _, typed = bob_of(cloud, *person.user.devices)
    result = await person.submit(await reauth(hass, entry), **typed)
    assert result["reason"] == "another_account"
    assert not entry.runtime_data.vault.records


async def test_local_cameras_have_nothing_to_sign_in_to(hass: HomeAssistant, home: Home) -> None:
    """Reconfigure of that entry says where to go instead."""
    entry = await home.set_up()
    result = await reconfigure(hass, entry)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_account")


def ids(hass: HomeAssistant, entry: ConfigEntry) -> tuple[set[str], set[str]]:
    """Return the ids of an entry's devices and entities."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {device.id for device in devices}, {one.entity_id for one in entities}
