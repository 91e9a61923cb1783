"""What a person chooses in a window, while other windows, lists and people change the same cameras."""

import asyncio
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.wyze_local.cameras import all_cameras, async_change_camera
from custom_components.wyze_local.keys import async_get_keys
from dev.simulator import Simulator
from dev.simulator.cloud import Device

from .account_flow_rig import Person, cloud, lan_device, person, values_of
from .account_rig import account_entry
from .rigging import DOMAIN, Home, wait_for

__all__ = ["cloud", "person"]


async def fetch(person: Person, entry: Any) -> dict[str, Any]:
    """Return the page on which cameras are chosen anew."""
    context: Any = {"source": "reconfigure", "entry_id": entry.entry_id}
    page: Any = await person.hass.config_entries.flow.async_init(DOMAIN, context=context)
    return await person.sign_in(await person.choose(page, "fetch"))


async def while_sealing(hass: HomeAssistant, submit: asyncio.Task[Any]) -> asyncio.Lock:
    """Stop whoever submits at the first key that is to be sealed; returns what lets them go on."""
    lock = async_get_keys(hass).lock
    assert lock.locked()
    await turns()
    mine = hass.async_create_task(lock.acquire())
    await turns()
    # First the vault is opened.
    lock.release()
    await mine
    await turns()
    assert not submit.done()
    return lock


async def turns() -> None:
    """Let everybody else do what they can."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_what_happens_while_keys_are_sealed_is_not_lost(hass: HomeAssistant, person: Person) -> None:
    """A setting that is made, and a camera that is removed, stay as they are."""
    person.user.devices.append(lan_device("Attic", 3))
    entry = await person.finish(await person.sign_in(keep=False), "Porch", "Attic")
    keys = {kept["name"]: key for key, kept in entry.data["cameras"].items()}
    gone = person.user.devices.pop()
    page = await fetch(person, entry)
    await async_get_keys(hass).lock.acquire()
    choice = values_of(page, ["Porch", "Garden"])
    submit = hass.async_create_task(
        hass.config_entries.flow.async_configure(page["flow_id"], {"cameras": choice})
    )
    lock = await while_sealing(hass, submit)
    async_change_camera(hass, entry, keys["Porch"], resolution="sd")
    cameras = {key: kept for key, kept in entry.data["cameras"].items() if key != keys["Attic"]}
    hass.config_entries.async_update_entry(entry, data={**entry.data, "cameras": cameras})
    lock.release()
    assert (await submit)["reason"] == "reconfigure_successful"
    assert entry.data["cameras"][keys["Porch"]]["resolution"] == "sd"
    assert sorted(kept["name"] for kept in entry.data["cameras"].values()) == ["Garden", "Porch"]
    assert gone.nickname == "Attic"


async def test_two_windows_that_end_at_once_do_not_have_it_twice(hass: HomeAssistant, person: Person) -> None:
    """One of them is first, whoever it is; the other one has what is left, or moves it here."""
    pages = []
    for _ in range(2):
        page = await person.sign_in(keep=False)
        pages.append(await person.submit(page, cameras=values_of(page, ["Porch", "Garden"])))
    manager = hass.config_entries.flow
    done = await asyncio.gather(*(manager.async_configure(page["flow_id"], {}) for page in pages))
    assert all(page["type"] is FlowResultType.CREATE_ENTRY for page in done)
    await hass.async_block_till_done()
    held = [item.mac_hash for item in all_cameras(hass)]
    assert len(held) == len(set(held)) == 2
    vaults = [entry.runtime_data.vault for entry in person.entries]
    assert sum(len(vault.records) for vault in vaults) == 2


async def test_a_camera_keeps_its_port_when_its_keys_are_fetched(
    hass: HomeAssistant, home: Home, person: Person, simulator: Simulator
) -> None:
    """The vendor tells none; a camera that is off for now is found again where it was."""
    camera = simulator.cameras["porch"]
    entry = await account_entry(hass, [camera])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: home.state("camera.porch") == "idle")
    camera.sleep()
    coordinator = entry.runtime_data.coordinator
    (key,) = entry.data["cameras"]
    coordinator.async_failed(key, coordinator.watched(key), "no_answer")
    coordinator.publish()
    person.user.devices[:] = [Device.of_camera(camera)]
    page = await fetch(person, entry)
    page = await person.submit(page, cameras=values_of(page, ["Porch"]))
    assert page["reason"] == "reconfigure_successful"
    record = entry.runtime_data.vault.records[key]
    assert record.camera.credentials.port == camera.credentials.port
    assert record.camera.proven, "nothing is different"
